"""Track full orientation as a quaternion with Madgwick's gradient-descent filter.

Integrates the gyroscope and takes, at every sample, one step of gradient descent towards the pose in
which the accelerometer's direction is gravity. No trouble at any angle. Without a magnetometer
heading starts at zero and drifts with the gyroscope's bias. beta trades drift against noise from
movement: 0.03-0.1 rad/s are usual.

topic: inertial
modality: imu, accelerometer, gyroscope
keywords: AHRS, quaternion, orientation, attitude, sensor fusion, Madgwick
source: S. O. H. Madgwick, A. J. L. Harrison, R. Vaidyanathan, 2011, Estimation of IMU and MARG
    orientation using a gradient descent algorithm, IEEE Int. Conf. on Rehabilitation Robotics
"""

import numpy as np


def madgwick_orientation(
    acceleration: np.ndarray, gyroscope: np.ndarray, fs: float, beta: float = 0.05
) -> np.ndarray:
    """Return the orientation over time.

    Inputs:
        acceleration (numpy.ndarray): acceleration with gravity (+1 g on z when flat), shape (n, 3)
        gyroscope (numpy.ndarray): angular rate in rad/s, same axes, shape (n, 3)
        fs (float): sampling rate in Hz
        beta (float): rate of correction by the accelerometer in rad/s
    Outputs:
        quaternions (numpy.ndarray): unit quaternions (w, x, y, z), device to earth, shape (n, 4)
    """
    acc, gyr = _vectors(acceleration), _vectors(gyroscope)
    if len(acc) != len(gyr) or not fs > 0 or not beta >= 0:
        raise ValueError("Need as many gyroscope as accelerometer samples, and a sampling rate.")
    x, y, z = acc[0]  # start level with the first sample
    roll, pitch = np.arctan2(y, z) / 2, np.arctan2(-x, np.hypot(y, z)) / 2
    cr, sr, cp, sp = np.cos(roll), np.sin(roll), np.cos(pitch), np.sin(pitch)
    q = np.array([cr * cp, sr * cp, cr * sp, -sr * sp])
    quaternions = np.empty((len(acc), 4))
    for i in range(len(acc)):
        w, x, y, z = q
        rate = 0.5 * np.array([[-x, -y, -z], [w, -z, y], [z, w, -x], [-y, x, w]]) @ gyr[i]
        size = np.linalg.norm(acc[i])
        if size > 0:  # one step down the gradient of |gravity of this pose - measured|^2
            gravity = 2 * np.array([x * z - w * y, w * x + y * z, 0.5 - x * x - y * y])
            jacobian = 2 * np.array([[-y, z, -w, x], [x, w, z, y], [0, -2 * x, -2 * y, 0]])
            step = jacobian.T @ (gravity - acc[i] / size)
            # near the goal a step of full length would overshoot: let it shrink there
            rate -= beta * step / max(float(np.linalg.norm(step)), 1e-2)
        q = q + rate / fs
        q /= np.linalg.norm(q)
        quaternions[i] = q
    return quaternions


def _vectors(data: np.ndarray) -> np.ndarray:
    """Copy three axes as float with their gaps interpolated; raises ValueError if unusable."""
    x = np.array(data, dtype=float)
    if x.ndim != 2 or x.shape[1] != 3 or len(x) < 2 or not np.isfinite(x).any(axis=0).all():
        raise ValueError("Need three axes with finite samples, in an array of shape (n, 3).")
    for axis in x.T:
        gap = ~np.isfinite(axis)
        axis[gap] = np.interp(np.flatnonzero(gap), np.flatnonzero(~gap), axis[~gap])
    return x


def check() -> None:
    """Recovers a turn about two axes, and levels itself from a wrong gyroscope."""
    from scipy.spatial.transform import Rotation

    fs, n = 100, 2000
    rng = np.random.default_rng(0)
    gyroscope = np.column_stack(
        [0.6 * np.sin(np.arange(n) / 150), 0.4 * np.cos(np.arange(n) / 90), np.full(n, 0.2)]
    )
    pose, gravity, truth = Rotation.identity(), [], []
    for rate in gyroscope:
        pose = pose * Rotation.from_rotvec(rate / fs)
        truth.append(pose)
        gravity.append(pose.inv().apply([0, 0, 9.81]))
    a = np.array(gravity) + rng.normal(0, 0.3, (n, 3))
    found = madgwick_orientation(a, gyroscope + 0.005, fs)
    errors = [
        (Rotation.from_quat(q[[1, 2, 3, 0]]).inv() * p).magnitude()
        for q, p in zip(found[::50], truth[::50], strict=True)
    ]
    assert np.degrees(max(errors)) < 8
    down = [Rotation.from_quat(q[[1, 2, 3, 0]]).inv().apply([0, 0, 1]) for q in found[::50]]
    tilt = np.sum(np.array(down) * np.array(gravity)[::50] / 9.81, axis=1)
    assert np.degrees(np.arccos(tilt.clip(-1, 1))).max() < 4

"""Track roll and pitch by fusing gyroscope and accelerometer with a complementary filter.

The gyroscope is right in the short run but drifts; the accelerometer shows gravity in the long run but
is disturbed by movement. Angles are integrated from the gyroscope and pulled to the accelerometer's
with a time constant. Cheap enough for a microcontroller. Near a pitch of 90 degrees use a
quaternion filter (Madgwick); yaw needs a magnetometer.

topic: inertial
modality: imu, accelerometer, gyroscope
keywords: orientation, attitude, roll, pitch, sensor fusion, complementary filter, drift
source: S. Colton, 2007, The Balance Filter, MIT; R. Mahony, T. Hamel, J.-M. Pflimlin, 2008, Nonlinear
    complementary filters on the special orthogonal group, IEEE Trans. Automatic Control
"""

import numpy as np


def complementary_filter(
    acceleration: np.ndarray, gyroscope: np.ndarray, fs: float, time_constant: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Return roll and pitch over time.

    Inputs:
        acceleration (numpy.ndarray): acceleration with gravity (+1 g on z when flat), shape (n, 3)
        gyroscope (numpy.ndarray): angular rate in rad/s, same axes, shape (n, 3)
        fs (float): sampling rate in Hz
        time_constant (float): seconds over which the accelerometer takes over
    Outputs:
        roll (numpy.ndarray): rotation about x in degrees, -180 to 180, shape (n,)
        pitch (numpy.ndarray): rotation about y in degrees, -90 to 90, shape (n,)
    """
    a, w = _vectors(acceleration), _vectors(gyroscope)
    if len(a) != len(w) or not fs > 0 or not time_constant > 0:
        raise ValueError("Need as many gyroscope as accelerometer samples, and positive constants.")
    seen_roll = np.arctan2(a[:, 1], a[:, 2])
    seen_pitch = np.arctan2(-a[:, 0], np.hypot(a[:, 1], a[:, 2]))
    trust = time_constant / (time_constant + 1 / fs)
    angles = np.empty((len(a), 2))
    roll, pitch = seen_roll[0], seen_pitch[0]
    for i in range(len(a)):
        if i > 0:
            x, y, z = w[i]
            turn = y * np.sin(roll) + z * np.cos(roll)
            pitch_rate = y * np.cos(roll) - z * np.sin(roll)
            # tan(pitch) has a pole at 90 degrees: the clip keeps the rate finite
            roll += (x + turn * np.tan(np.clip(pitch, -1.5, 1.5))) / fs
            pitch += pitch_rate / fs
        error = (seen_roll[i] - roll + np.pi) % (2 * np.pi) - np.pi  # the short way round
        roll += (1 - trust) * error
        pitch += (1 - trust) * (seen_pitch[i] - pitch)
        angles[i] = (roll + np.pi) % (2 * np.pi) - np.pi, np.clip(pitch, -np.pi / 2, np.pi / 2)
    return np.degrees(angles[:, 0]), np.degrees(angles[:, 1])


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
    """Follows a swing to within 2 degrees in spite of gyroscope bias and shaking."""
    fs = 100
    rng = np.random.default_rng(0)
    t = np.arange(0, 20, 1 / fs)
    truth = np.radians(40) * np.sin(2 * np.pi * 0.3 * t)
    a = 9.81 * np.column_stack([0 * t, np.sin(truth), np.cos(truth)])
    a += rng.normal(0, 1.0, a.shape)
    w = np.column_stack([np.gradient(truth, 1 / fs) + 0.02, 0 * t, 0 * t])
    roll, pitch = complementary_filter(a, w, fs)
    assert np.sqrt(np.mean((roll - np.degrees(truth)) ** 2)) < 2
    assert np.abs(pitch).max() < 4

"""Find when a foot-mounted IMU stands still, with the SHOE likelihood-ratio detector.

In each window the test asks how well gravity of constant size and a zero angular rate explain the
data, weighted by the sensors' noise; below the threshold the foot stands. Used to reset the velocity
in pedestrian inertial navigation. The default threshold suits walking; running needs a higher one.

topic: inertial
modality: imu, accelerometer, gyroscope
keywords: ZUPT, zero velocity update, stance phase, foot-mounted, inertial navigation, SHOE
source: I. Skog, P. Händel, J.-O. Nilsson, J. Rantakokko, 2010, Zero-Velocity Detection - An Algorithm
    Evaluation, IEEE Trans. Biomed. Eng.
"""

import numpy as np
from scipy.ndimage import uniform_filter1d


def zero_velocity_detector(
    acceleration: np.ndarray, gyroscope: np.ndarray, fs: float, threshold: float = 3e4
) -> np.ndarray:
    """Return whether the sensor stands still at each sample.

    Inputs:
        acceleration (numpy.ndarray): acceleration with gravity in m/s^2, shape (n, 3)
        gyroscope (numpy.ndarray): angular rate in rad/s, shape (n, 3)
        fs (float): sampling rate in Hz
        threshold (float): the test statistic below which the sensor stands still
    Outputs:
        still (numpy.ndarray): bool, shape (n,)
    """
    a, w = _vectors(acceleration), _vectors(gyroscope)
    window = max(3, round(0.05 * fs))
    if not fs > 0 or len(a) != len(w) or len(a) < window:
        raise ValueError("Need as many gyroscope as accelerometer samples, at least 0.05 s.")
    sigma_a, sigma_w = 0.01, np.radians(0.1)  # noise of the source's sensor: m/s^2 and rad/s
    mean = uniform_filter1d(a, window, axis=0)
    size = np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
    # mean of |a - g u|^2 over the window, with u the direction of the mean acceleration
    energy = uniform_filter1d(np.sum(a**2, axis=1), window)
    misfit = energy - 2 * 9.81 * size[:, 0] + 9.81**2
    turning = uniform_filter1d(np.sum(w**2, axis=1), window)
    statistic = np.maximum(misfit, 0) / sigma_a**2 + turning / sigma_w**2
    return np.asarray(statistic < threshold)


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
    """Marks the stance phases of a stepping foot, within 5 % of the samples."""
    fs = 200
    rng = np.random.default_rng(0)
    t = np.arange(0, 10, 1 / fs)
    swing = (t % 1.0) > 0.5
    phase = 2 * np.pi * ((t % 1.0) - 0.5) / 0.5
    a = rng.normal([0, 0, 9.81], 0.05, (t.size, 3))
    w = rng.normal(0, 0.01, (t.size, 3))
    a[swing, 0] += 20 * np.sin(phase[swing])
    w[swing, 1] += 5 * np.sin(phase[swing] / 2)
    still = zero_velocity_detector(a, w, fs)
    assert np.mean(still == ~swing) > 0.95

"""Split acceleration into gravity and the acceleration of the movement.

Gravity is the part below 0.3 Hz of each axis (zero-phase Butterworth low-pass); the rest is movement.
Simple and unit-free, for activity recognition and vibration. When the device turns quickly, gravity
moves faster than that and leaks into the movement: fuse with a gyroscope then.

topic: inertial
modality: accelerometer, imu
keywords: linear acceleration, gravity, body acceleration, low-pass filter, activity recognition
source: V. T. van Hees et al., 2013, Separating Movement and Gravity Components in an Acceleration
    Signal and Implications for the Assessment of Human Daily Physical Activity, PLoS ONE
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt


def gravity_removal(
    acceleration: np.ndarray, fs: float, cutoff: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Return the linear acceleration and gravity.

    Inputs:
        acceleration (numpy.ndarray): acceleration with gravity, any unit, shape (n, 3)
        fs (float): sampling rate in Hz
        cutoff (float): frequency in Hz below which acceleration counts as gravity
    Outputs:
        linear (numpy.ndarray): acceleration of the movement, unit of the input, shape (n, 3)
        gravity (numpy.ndarray): gravity in the axes of the device, same unit, shape (n, 3)
    """
    a = _vectors(acceleration)
    if not 0 < cutoff < fs / 2 or len(a) < 20:
        raise ValueError("Need 20 samples and a cut-off below half the sampling rate.")
    lowpass = butter(2, cutoff, fs=fs, output="sos")
    reach = min(len(a) - 1, round(fs / cutoff))
    gravity = a[0] + sosfiltfilt(lowpass, a - a[0], axis=0, padlen=reach)
    return a - gravity, gravity


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
    """Separates a 2 Hz movement from gravity that turns slowly."""
    fs = 50
    t = np.arange(0, 60, 1 / fs)
    angle = 0.5 * np.sin(2 * np.pi * 0.02 * t)
    gravity = 9.81 * np.column_stack([np.sin(angle), 0 * t, np.cos(angle)])
    movement = 2 * np.sin(2 * np.pi * 2 * t)[:, None] * np.array([1, 0.5, 0])
    linear, found = gravity_removal(gravity + movement, fs)
    middle = slice(5 * fs, -5 * fs)
    assert np.abs(found - gravity)[middle].max() < 0.15
    assert np.abs(linear - movement)[middle].max() < 0.15

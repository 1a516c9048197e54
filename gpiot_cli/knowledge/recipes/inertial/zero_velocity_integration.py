"""Integrate acceleration to velocity and position, reset whenever the sensor stands still.

Plain integration of acceleration drifts within seconds. Where standing still is known (stance phase,
pauses), the velocity must be zero: the error it shows there is taken to have grown linearly since
the last stop and is subtracted. The acceleration must be free of gravity and in fixed axes. Position
is good for strides of a second or two, not for minutes of motion without a stop.

topic: inertial
modality: imu, accelerometer
keywords: ZUPT, velocity, displacement, dead reckoning, drift correction, stride length, integration
source: E. Foxlin, 2005, Pedestrian Tracking with Shoe-Mounted Inertial Sensors, IEEE Computer Graphics
    and Applications
"""

import numpy as np
from scipy.integrate import cumulative_trapezoid


def zero_velocity_integration(
    acceleration: np.ndarray, still: np.ndarray, fs: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return velocity and position.

    Inputs:
        acceleration (numpy.ndarray): acceleration without gravity in earth axes, m/s^2, (n, 3)
        still (numpy.ndarray): bool, True where the sensor stands still, shape (n,)
        fs (float): sampling rate in Hz
    Outputs:
        velocity (numpy.ndarray): velocity in m/s, shape (n, 3)
        position (numpy.ndarray): position relative to the start in m, shape (n, 3)
    """
    a = _vectors(acceleration)
    rest = np.asarray(still).astype(bool).ravel()
    if not fs > 0 or rest.size != len(a):
        raise ValueError("Need one still flag per acceleration sample, and the sampling rate.")
    velocity = cumulative_trapezoid(a, dx=1 / fs, axis=0, initial=0)
    stops = np.flatnonzero(rest)
    if stops.size > 0:
        index = np.arange(len(a))
        for axis in range(3):
            velocity[:, axis] -= np.interp(index, stops, velocity[stops, axis])
    position = cumulative_trapezoid(velocity, dx=1 / fs, axis=0, initial=0)
    return velocity, position


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
    """Recovers ten strides of 1.2 m under an acceleration bias, to within 2 %."""
    fs = 100
    t = np.arange(0, 10, 1 / fs)
    moving = (t % 1.0) > 0.4
    u = ((t % 1.0) - 0.4) / 0.6
    speed = np.where(moving, 2 * (1 - np.cos(2 * np.pi * u)), 0)  # 1.2 m per stride
    a = np.column_stack([np.gradient(speed, 1 / fs), 0 * t, 0 * t]) + 0.1
    velocity, position = zero_velocity_integration(a, ~moving, fs)
    assert abs(position[-1, 0] - 12) < 0.24
    assert abs(position[-1, 1]) < 0.1
    assert np.abs(velocity[:, 0] - speed).max() < 0.1

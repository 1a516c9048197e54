"""Compute roll, pitch and inclination of a device from its accelerometer alone.

At rest or in slow motion the accelerometer measures gravity, whose direction gives two of the three
angles of the pose; the heading cannot be had from it. Smooth the acceleration first (or use the
complementary filter with a gyroscope) when the device moves. Roll is undefined at a pitch of 90
degrees.

topic: inertial
modality: accelerometer, imu
keywords: tilt, roll, pitch, inclination, orientation, posture, level
source: M. Pedley, 2013, Tilt Sensing Using a Three-Axis Accelerometer, Freescale AN3461
"""

import numpy as np


def tilt_angles(acceleration: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the angles of each sample.

    Inputs:
        acceleration (numpy.ndarray): acceleration with gravity (+1 g on z when flat), shape (n, 3)
    Outputs:
        roll (numpy.ndarray): rotation about x in degrees, -180 to 180, shape (n,)
        pitch (numpy.ndarray): rotation about y in degrees, -90 to 90, shape (n,)
        inclination (numpy.ndarray): angle between the z axis and vertical, 0 to 180, shape (n,)
    """
    x, y, z = _vectors(acceleration).T
    roll = np.degrees(np.arctan2(y, z))
    pitch = np.degrees(np.arctan2(-x, np.hypot(y, z)))
    inclination = np.degrees(np.arctan2(np.hypot(x, y), z))
    return roll, pitch, inclination


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
    """Recovers angles from gravity rotated by them."""
    roll, pitch = np.radians([[10, -120, 179], [-35, 60, 0]])
    gravity = 9.81 * np.column_stack(
        [-np.sin(pitch), np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch)]
    )
    found = tilt_angles(gravity)
    assert np.allclose(found[0], [10, -120, 179])
    assert np.allclose(found[1], [-35, 60, 0])
    assert np.allclose(np.cos(np.radians(found[2])), gravity[:, 2] / 9.81)

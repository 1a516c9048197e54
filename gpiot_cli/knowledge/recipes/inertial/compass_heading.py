"""Compute the tilt-compensated compass heading from magnetometer and accelerometer.

Gravity tells which way is down; the magnetic field turned back into the horizontal plane gives
magnetic north. Axes are x forward, y left, z up in both sensors. Calibrate the magnetometer first
(hard iron), and add the declination for true north. Nearby steel and currents turn the needle.

topic: inertial
modality: imu, accelerometer
keywords: heading, compass, magnetometer, yaw, azimuth, eCompass, tilt compensation, north
source: T. Ozyagcilar, 2012, Implementing a Tilt-Compensated eCompass using Accelerometer and
    Magnetometer Sensors, Freescale AN4248
"""

import numpy as np


def compass_heading(
    acceleration: np.ndarray, magnetic_field: np.ndarray, declination: float = 0.0
) -> np.ndarray:
    """Return the heading of the x axis.

    Inputs:
        acceleration (numpy.ndarray): acceleration with gravity (+1 g on z when flat), shape (n, 3)
        magnetic_field (numpy.ndarray): calibrated field in the same axes, any unit, shape (n, 3)
        declination (float): east declination in degrees to add, 0 for magnetic north
    Outputs:
        heading (numpy.ndarray): degrees clockwise from north, 0 to 360, shape (n,)
    """
    up, field = _vectors(acceleration), _vectors(magnetic_field)
    if len(up) != len(field):
        raise ValueError("Need as many magnetometer as accelerometer samples.")
    lengths = np.linalg.norm(up, axis=1, keepdims=True)
    east = np.cross(field, up / np.maximum(lengths, 1e-300))
    if not np.all(lengths > 0) or not np.all(np.linalg.norm(east, axis=1) > 0):
        raise ValueError("Gravity and a field that is not parallel to it are needed throughout.")
    north = np.cross(up / lengths, east)
    # the x components of east and north say how far the x axis points to either
    return (np.degrees(np.arctan2(east[:, 0], north[:, 0])) + declination) % 360


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
    """Recovers headings all round while the device is rolled and pitched."""
    from scipy.spatial.transform import Rotation

    truth = np.arange(5, 360, 30.0)
    earth_field = np.array([0.0, 20.0, -43.0])  # east, north, up in the northern hemisphere
    fields, ups = [], []
    for heading in truth:
        # from x = east to the heading, then pitch and roll of the device
        turn = Rotation.from_euler("ZYX", [90 - heading, 25, -40], degrees=True)
        fields.append(turn.inv().apply(earth_field))
        ups.append(turn.inv().apply([0, 0, 9.81]))
    found = compass_heading(np.array(ups), np.array(fields))
    assert np.allclose(found, truth)

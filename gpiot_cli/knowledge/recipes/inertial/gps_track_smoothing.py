"""Smooth a GPS track with a Kalman filter and the Rauch-Tung-Striebel smoother.

The track is put on a local plane in metres; a constant-velocity model with random accelerations runs
forwards over the fixes and then backwards, so that each position uses the fixes before and after it.
Missing fixes (NaN) are bridged. Meant for recorded tracks of up to some 100 km across.

topic: inertial
modality: gps
keywords: Kalman filter, RTS smoother, track, position, speed, denoise, location
source: H. E. Rauch, F. Tung, C. T. Striebel, 1965, Maximum likelihood estimates of linear dynamic
    systems, AIAA Journal
"""

import numpy as np


def gps_track_smoothing(
    latitude: np.ndarray,
    longitude: np.ndarray,
    times: np.ndarray,
    position_noise: float = 5.0,
    acceleration_noise: float = 0.5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the smoothed track and the speed along it.

    Inputs:
        latitude (numpy.ndarray): latitudes in degrees, shape (n,); NaN where there is no fix
        longitude (numpy.ndarray): longitudes in degrees, shape (n,)
        times (numpy.ndarray): times in s, ascending, shape (n,)
        position_noise (float): standard deviation of a fix in m
        acceleration_noise (float): usual acceleration in m/s^2; larger follows faster
    Outputs:
        smooth_latitude (numpy.ndarray): degrees, shape (n,)
        smooth_longitude (numpy.ndarray): degrees, shape (n,)
        speed (numpy.ndarray): m/s, shape (n,)
    """
    degrees = np.column_stack([np.ravel(latitude), np.ravel(longitude)]).astype(float)
    t, fixed = np.asarray(times, dtype=float).ravel(), np.isfinite(degrees).all(axis=1)
    if t.size != len(degrees) or fixed.sum() < 2 or not np.all(np.diff(t) >= 0):
        raise ValueError("Need two fixes or more, each with its time, in order.")
    origin = degrees[fixed][0]
    metres = 111_194.9 * np.array([1, np.cos(np.radians(origin[0]))])
    z = (degrees - origin) * metres
    x, P = np.zeros((2, 2)), np.diag([1e6, 1e3])  # position and velocity, by axis
    before, after = [], []
    for i, dt in enumerate(np.diff(t, prepend=t[0])):
        F = np.array([[1, dt], [0, 1]])
        noise = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
        x, P = F @ x, F @ P @ F.T + acceleration_noise**2 * noise
        before.append((x, P, F))
        if fixed[i]:
            gain = P[:, :1] / (P[0, 0] + position_noise**2)
            x, P = x + gain * (z[i] - x[0]), P - gain @ P[:1]
        after.append((x, P))
    states = [after[-1][0]]
    for (x, P), (ahead, P_ahead, F) in zip(after[-2::-1], before[:0:-1], strict=True):
        states.append(x + P @ F.T @ np.linalg.solve(P_ahead, states[-1] - ahead))
    smooth = np.array(states[::-1])
    track = origin + smooth[:, 0] / metres
    return track[:, 0], track[:, 1], np.linalg.norm(smooth[:, 1], axis=1)


def check() -> None:
    """Halves the noise of a circular walk at 3 m/s and bridges a gap."""
    rng = np.random.default_rng(0)
    t = np.arange(0, 300.0)
    north, east = 100 * np.sin(0.03 * t), 100 * np.cos(0.03 * t)
    noisy = np.array([north, east]) + rng.normal(0, 5, (2, t.size))
    latitude = 48 + noisy[0] / 111_194.9
    longitude = 11 + noisy[1] / (111_194.9 * np.cos(np.radians(48)))
    latitude[100:105] = np.nan
    lat, lon, speed = gps_track_smoothing(latitude, longitude, t)
    found = np.array([lat - 48, (lon - 11) * np.cos(np.radians(48))]) * 111_194.9
    errors = np.hypot(*(found - [north, east]))
    assert np.sqrt(np.mean(errors**2)) < 0.55 * 5 * np.sqrt(2)
    assert errors[100:105].max() < 12
    assert abs(np.median(speed) - 3) < 0.3

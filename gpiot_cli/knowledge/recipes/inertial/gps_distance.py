"""Compute the length of a GPS track and its speeds with the haversine formula.

The great-circle distance between successive fixes on a sphere of 6371 km is right to 0.5 % anywhere
on Earth. At rest the noise of the fixes adds up to a false distance: smooth the track first, or use
the smallest step, below which the position is taken to stay.

topic: inertial
modality: gps
keywords: haversine, distance, track length, speed, latitude, longitude, odometer
source: R. W. Sinnott, 1984, Virtues of the Haversine, Sky and Telescope
"""

import numpy as np


def gps_distance(
    latitude: np.ndarray, longitude: np.ndarray, smallest: float = 0.0
) -> tuple[float, np.ndarray]:
    """Return the length of the track and of its segments.

    Inputs:
        latitude (numpy.ndarray): latitudes in degrees, shape (n,); fixes with NaN are skipped
        longitude (numpy.ndarray): longitudes in degrees, shape (n,)
        smallest (float): moves shorter than this many metres are taken as standing still
    Outputs:
        distance (float): length of the track in m
        segments (numpy.ndarray): distance from each kept fix to the next in m, shape (k,)
    """
    degrees = np.array([np.ravel(latitude), np.ravel(longitude)], dtype=float)
    degrees = degrees[:, np.isfinite(degrees).all(axis=0)]
    if degrees.shape[1] < 2 or np.abs(degrees[0]).max() > 90:
        raise ValueError("Need two fixes or more with latitudes between -90 and 90 degrees.")
    points = np.radians(degrees)
    kept, segments = points[:, 0], []
    for point in points.T[1:]:
        half = np.sin((point - kept) / 2) ** 2
        chord = half[0] + np.cos(kept[0]) * np.cos(point[0]) * half[1]
        length = 2 * 6371008.8 * np.arcsin(np.sqrt(min(1.0, float(chord))))
        if length >= smallest:
            segments.append(float(length))
            kept = point
    return float(sum(segments)), np.array(segments)


def check() -> None:
    """Paris to London is 343.6 km, a degree of the equator 111.2 km, jitter is nothing."""
    distance, _ = gps_distance(np.array([48.8566, 51.5074]), np.array([2.3522, -0.1278]))
    assert abs(distance - 343_560) < 500
    distance, segments = gps_distance(np.zeros(3), np.array([179.5, -179.5, np.nan]))
    assert abs(distance - 111_195) < 1
    assert segments.size == 1
    jitter = np.random.default_rng(0).normal(0, 1e-5, (2, 200))
    assert gps_distance(48 + jitter[0], 2 + jitter[1], 10)[0] < 20

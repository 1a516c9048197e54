"""Locate a device indoors by comparing its RSSI readings with surveyed fingerprints (weighted kNN).

Use it where walls make distances from RSSI useless but a survey of the place exists: one row of
RSSI per surveyed point. The k fingerprints nearest in signal space are averaged with weights
1 / distance. Stations that are not heard count as `floor`. The survey ages when furniture or
stations move.

topic: rf sensing
modality: rssi, ble
keywords: fingerprinting, indoor localization, knn, positioning, radio map, RADAR, access points
source: P. Bahl and V. N. Padmanabhan, 2000, "RADAR: an in-building RF-based user location and tracking system", IEEE INFOCOM
"""

import numpy as np


def rssi_fingerprint_position(
    survey: np.ndarray,
    positions: np.ndarray,
    readings: np.ndarray,
    neighbors: int = 3,
    floor: float = -100.0,
) -> np.ndarray:
    """Position for every row of readings.

    Inputs:
        survey (numpy.ndarray): RSSI in dBm at surveyed points, shape (points, stations);
            NaN, or any value of 0 and above, marks a station that was not heard
        positions (numpy.ndarray): coordinates of those points in metres, shape (points, 2 or 3)
        readings (numpy.ndarray): RSSI to locate, shape (n, stations) or (stations,)
        neighbors (int): fingerprints averaged; at most the number of points
        floor (float): RSSI put in for stations that were not heard, in dBm
    Outputs:
        located (numpy.ndarray): coordinates in metres, shape (n, 2 or 3)
    """
    known = np.array(survey, dtype=float)
    seen = np.atleast_2d(np.array(readings, dtype=float))
    places = np.asarray(positions, dtype=float)
    if known.ndim != 2 or places.ndim != 2 or len(known) != len(places) or len(known) == 0:
        raise ValueError("survey and positions must have one row per surveyed point")
    if seen.ndim != 2 or seen.shape[1] != known.shape[1] or neighbors < 1:
        raise ValueError("readings need one column per station of the survey, neighbors 1 or more")
    for table in (known, seen):
        table[~np.isfinite(table) | (table >= 0) | (table < floor)] = floor
    distance = np.linalg.norm(seen[:, None, :] - known[None, :, :], axis=2)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :neighbors]
    weight = 1 / (np.take_along_axis(distance, nearest, axis=1) + 1e-6)
    weight /= weight.sum(axis=1, keepdims=True)
    return np.einsum("nk,nkd->nd", weight, places[nearest])


def check() -> None:
    """Surveyed points map to themselves, others to within a metre and a half in noise."""
    rng = np.random.default_rng(0)
    stations = np.array([[0, 0], [20, 0], [0, 20], [20, 20], [10, 10]])
    grid = np.stack(np.meshgrid(np.arange(0, 21, 2), np.arange(0, 21, 2)), -1).reshape(-1, 2)

    def rssi(places: np.ndarray) -> np.ndarray:
        distance = np.linalg.norm(places[:, None] - stations, axis=2)
        return -40 - 30 * np.log10(np.maximum(distance, 1))

    survey = rssi(grid)
    survey[0, 3] = np.nan
    assert np.allclose(rssi_fingerprint_position(survey, grid, survey), grid, atol=1e-3)
    truth = rng.uniform(2, 18, (200, 2))
    noisy = rssi(truth) + rng.normal(0, 1, (200, 5))
    located = rssi_fingerprint_position(survey, grid, noisy, neighbors=4)
    assert np.mean(np.linalg.norm(located - truth, axis=1)) < 1.5
    assert rssi_fingerprint_position(survey, grid, survey[5]).shape == (1, 2)

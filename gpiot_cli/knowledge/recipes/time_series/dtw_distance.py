"""Compare two series that run at different speeds by dynamic time warping (DTW).

Use it to recognise gestures, gaits or load patterns against templates. The cheapest monotone
pairing of the two series is found by dynamic programming within a band around the diagonal.
Normalise scale and offset before. The result is a distance for nearest-neighbour search, not a
metric. Gaps (NaN) are interpolated.

topic: time series
modality: time series, generic, wifi csi, power
keywords: dtw, dynamic time warping, gesture recognition, template matching, alignment, similarity
source: H. Sakoe and S. Chiba, 1978, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Trans. ASSP
"""

import numpy as np


def dtw_distance(
    first: np.ndarray, second: np.ndarray, band: float = 0.2
) -> tuple[float, np.ndarray]:
    """Distance and warping path.

    Inputs:
        first (numpy.ndarray): series, shape (n,), n >= 2; NaN marks a gap
        second (numpy.ndarray): series, shape (m,), m >= 2; NaN marks a gap
        band (float): half-width of the band as a share of the longer series, 0 to 1
    Outputs:
        distance (float): square root of the summed squared differences along the path
        path (numpy.ndarray): paired indices (of first, of second), shape (k, 2)
    """
    x, y = _fill_gaps(first), _fill_gaps(second)
    if not 0 <= band <= 1:
        raise ValueError("band must lie between 0 and 1")
    n, m = x.size, y.size
    width = max(band * max(n, m), abs(n - m) / min(n, m) + 1)
    cost = np.full((n + 1, m + 1), np.inf)
    cost[0, 0] = 0.0
    for i in range(1, n + 1):
        centre = i * m / n
        low, high = max(int(np.ceil(centre - width)), 1), min(int(centre + width), m)
        squared = (x[i - 1] - y[low - 1 : high]) ** 2
        above = np.minimum(cost[i - 1, low - 1 : high], cost[i - 1, low : high + 1])
        left = np.inf
        for j in range(high - low + 1):
            left = squared[j] + min(above[j], left)
            cost[i, low + j] = left
    i, j = n, m
    path = [(n - 1, m - 1)]
    while (i, j) != (1, 1):
        i, j = min(((i - 1, j - 1), (i - 1, j), (i, j - 1)), key=lambda ij: cost[ij])
        path.append((i - 1, j - 1))
    return float(np.sqrt(cost[n, m])), np.array(path[::-1])


def _fill_gaps(series: np.ndarray) -> np.ndarray:
    x = np.array(series, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 2:
        raise ValueError("a series must be one-dimensional with at least 2 finite values")
    return np.interp(np.arange(x.size), np.flatnonzero(good), x[good])


def check() -> None:
    """A hand-computed case, invariance to warping, symmetry, and the Euclidean upper bound."""
    distance, path = dtw_distance(np.array([1, 2, 3]), np.array([1, 2, 2, 3]), 1.0)
    assert distance == 0
    assert path.tolist() == [[0, 0], [1, 1], [1, 2], [2, 3]]
    assert np.isclose(dtw_distance(np.array([0, 1, 0]), np.array([0, 3, 0]), 1.0)[0], 2.0)
    t = np.linspace(0, 1, 100)
    wave = np.sin(4 * np.pi * t)
    warped = np.sin(4 * np.pi * t**1.2)
    other = np.sin(6 * np.pi * t)
    near, path = dtw_distance(wave, warped)
    assert near < 0.1 * np.linalg.norm(wave - warped)
    assert dtw_distance(wave, other)[0] > 10 * near
    assert np.isclose(near, dtw_distance(warped, wave)[0])
    assert np.all(np.diff(path, axis=0) >= 0)
    assert np.isclose(dtw_distance(wave, warped, 0.0)[0], np.linalg.norm(wave - warped), rtol=0.3)
    assert dtw_distance(t[:5], t)[0] < np.inf

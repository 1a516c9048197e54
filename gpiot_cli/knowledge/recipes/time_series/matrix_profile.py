"""Find the most unusual stretch and the most repeated pattern of a series: its matrix profile.

Use it to find discords (anomalies) and motifs without training. For every window it gives the
distance to the most similar window elsewhere, both z-normalised; overlapping windows are excluded.
High values are unusual, low ones repeat. Time grows with n squared: some ten thousand values are
the limit. Gaps (NaN) are interpolated.

topic: time series
modality: time series, vibration, power, generic
keywords: matrix profile, discord, motif, anomaly detection, subsequence, STOMP, similarity
source: Y. Zhu et al., 2016, "Matrix profile II: exploiting a novel algorithm and GPUs to break the one hundred million barrier for time series motifs and joins", IEEE ICDM
"""

import numpy as np
from scipy.signal import correlate


def matrix_profile(series: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Distance to, and place of, every window's nearest neighbour.

    Inputs:
        series (numpy.ndarray): values, shape (n,), n >= 3 * window; NaN marks a gap
        window (int): window length in values, at least 4
    Outputs:
        profile (numpy.ndarray): z-normalised Euclidean distance, 0 to 2 sqrt(window),
            shape (n - window + 1,)
        neighbours (numpy.ndarray): start of the nearest window, same shape
    """
    x = np.array(series, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or window < 4 or x.size < 3 * window or good.sum() < 2:
        raise ValueError(f"need a one-dimensional series of at least {3 * max(window, 4)} values")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    x = x - x.mean()
    windows = np.lib.stride_tricks.sliding_window_view(x, window)
    mean, deviation = windows.mean(axis=1), windows.std(axis=1)
    flat = deviation <= 1e-9 * max(float(np.abs(x).max()), 1e-300)
    safe = np.where(flat, 1.0, deviation)
    count = len(windows)
    first = products = correlate(x, x[:window], mode="valid", method="direct")
    profile, neighbours = np.empty(count), np.empty(count, dtype=int)
    exclusion = (window + 1) // 2
    for i in range(count):
        if i > 0:
            # Products with window i follow from those with window i - 1.
            moved = products[:-1] - x[: count - 1] * x[i - 1]
            products = np.append(first[i], moved + x[window:] * x[i + window - 1])
        correlation = (products / window - mean * mean[i]) / (safe * safe[i])
        # A flat window equals another flat one and is unlike all others.
        correlation = np.where(flat | flat[i], (flat & flat[i]).astype(float), correlation)
        correlation[max(i - exclusion, 0) : i + exclusion + 1] = -2
        neighbours[i] = np.argmax(correlation)
        profile[i] = np.sqrt(2 * window * max(1 - correlation[neighbours[i]], 0.0))
    return profile, neighbours


def check() -> None:
    """It equals the brute-force distances, and finds a planted discord and motif."""
    rng = np.random.default_rng(0)
    t = np.arange(1500)
    series = np.sin(2 * np.pi * t / 50) + 0.05 * rng.normal(size=t.size)
    series[700:750] = np.sin(2 * np.pi * np.arange(50) / 25)
    profile, neighbours = matrix_profile(series, 50)
    assert abs(np.argmax(profile) - 700) <= 25
    assert abs((neighbours[100] - 100) % 50) in (0, 1, 49)
    walk = np.cumsum(rng.normal(size=120)) + 1000
    profile, _ = matrix_profile(walk, 8)
    windows = np.lib.stride_tricks.sliding_window_view(walk, 8)
    scaled = (windows - windows.mean(axis=1, keepdims=True)) / windows.std(axis=1, keepdims=True)
    distance = np.linalg.norm(scaled[:, None] - scaled, axis=2)
    index = np.arange(len(scaled))
    distance[np.abs(index[:, None] - index) <= 4] = np.inf
    assert np.allclose(profile, distance.min(axis=1), atol=1e-6)
    assert np.all(matrix_profile(np.full(30, 2), 5)[0] == 0)

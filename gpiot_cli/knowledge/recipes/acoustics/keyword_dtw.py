"""Recognise a spoken word or a gesture by dynamic time warping against stored examples.

Sequences of features (such as MFCC, mean removed) are aligned so that faster and slower renderings
match, within a band of a fifth of the length; the example with the least distance per step wins. Needs
one example or two per word and no training, for tens of words. The distance of unknown words
must be judged by a threshold.

topic: acoustics
modality: audio, imu, generic
keywords: DTW, keyword spotting, word recognition, gesture recognition, template matching, few-shot
source: H. Sakoe, S. Chiba, 1978, Dynamic programming algorithm optimization for spoken word recognition,
    IEEE Trans. ASSP
"""

import numpy as np
from scipy.spatial.distance import cdist


def keyword_dtw(query: np.ndarray, examples: list[np.ndarray]) -> tuple[int, np.ndarray]:
    """Return the nearest example and the distances to all.

    Inputs:
        query (numpy.ndarray): features over time, shape (frames, features)
        examples (list): features of the stored examples, each of shape (frames, features)
    Outputs:
        best (int): index of the nearest example
        distances (numpy.ndarray): distance per step to each example, shape (len(examples),)
    """
    if len(examples) == 0:
        raise ValueError("Need at least one example.")
    distances = np.array([_distance(_sequence(query), _sequence(e)) for e in examples])
    return int(distances.argmin()), distances


def _sequence(features: np.ndarray) -> np.ndarray:
    """Features as a float array of shape (frames, features)."""
    x = np.array(features, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or x.size == 0 or not np.isfinite(x).all():
        raise ValueError("Need finite features of shape (frames, features).")
    return x


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Symmetric DTW distance with the Sakoe-Chiba band, divided by both lengths."""
    if a.shape[1] != b.shape[1]:
        raise ValueError("Query and examples need the same number of features.")
    cost = cdist(a, b)
    n, m = cost.shape
    band = max(0.2 * m, m / n, 1.0)
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(1, n + 1):
        centre = i * m / n
        for j in range(max(1, int(centre - band)), min(m, int(np.ceil(centre + band))) + 1):
            step = cost[i - 1, j - 1]
            total[i, j] = min(
                total[i - 1, j] + step, total[i, j - 1] + step, total[i - 1, j - 1] + 2 * step
            )
    return float(total[n, m] / (n + m))


def check() -> None:
    """Tells three words apart at any tempo, and gives zero for the same sequence."""
    rng = np.random.default_rng(0)
    words = [np.cumsum(rng.normal(0, 1, (60, 5)), axis=0) for _ in range(3)]
    for k, word in enumerate(words):
        for frames in (45, 85):
            progress = np.linspace(0, 1, frames) ** 1.15 * 59
            spoken = np.array([np.interp(progress, np.arange(60), c) for c in word.T]).T
            best, distances = keyword_dtw(spoken + rng.normal(0, 0.2, spoken.shape), words)
            assert best == k
            assert np.sort(distances)[1] > 2 * distances[k]
    assert keyword_dtw(words[0], words)[1][0] == 0

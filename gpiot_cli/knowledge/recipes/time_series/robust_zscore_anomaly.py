"""Flag outliers by their distance from the median in robust standard deviations (modified z-score).

Use it on a batch of readings without trend, such as one feature of many windows or devices. Median
and MAD do not move with up to half of the values wrong, unlike mean and standard deviation. When
more than half of the values are equal the mean absolute deviation takes the place of the MAD.

topic: time series
modality: time series, generic, temperature, power, vibration
keywords: outlier, modified z-score, MAD, median, robust, anomaly detection, batch
source: B. Iglewicz and D. C. Hoaglin, 1993, "How to Detect and Handle Outliers", ASQC Quality Press
"""

import numpy as np


def robust_zscore_anomaly(
    values: np.ndarray, threshold: float = 3.5
) -> tuple[np.ndarray, np.ndarray]:
    """Outliers and their modified z-scores.

    Inputs:
        values (numpy.ndarray): readings, shape (n,), n >= 3; NaN is never an outlier
        threshold (float): score beyond which a value is an outlier
    Outputs:
        anomalies (numpy.ndarray): True where a value is an outlier, shape (n,)
        scores (numpy.ndarray): signed modified z-scores, 0 for NaN, shape (n,)
    """
    x = np.array(values, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 3:
        raise ValueError("values must be one-dimensional with at least 3 finite readings")
    centred = np.where(good, x - np.median(x[good]), 0.0)
    distance = np.abs(centred[good])
    scale = 1.4826 * np.median(distance)
    if scale <= 1e-12 * np.abs(x[good]).max():
        scale = 1.2533 * distance.mean()
    if scale <= 1e-12 * np.abs(x[good]).max():
        return np.zeros(x.size, dtype=bool), np.zeros(x.size)
    scores = centred / scale
    return np.abs(scores) > threshold, scores


def check() -> None:
    """Scores of normal data have deviation 1; 30 % outliers are all found."""
    rng = np.random.default_rng(0)
    anomalies, scores = robust_zscore_anomaly(rng.normal(50, 7, 20_000))
    assert abs(scores.std() - 1) < 0.02
    assert anomalies.mean() < 0.001
    values = np.append(rng.normal(0, 1, 70), np.full(30, 15.0))
    values[3] = np.nan
    anomalies, _ = robust_zscore_anomaly(values)
    assert np.array_equal(np.flatnonzero(anomalies), np.arange(70, 100))
    mostly_equal = np.array([5] * 20 + [50])
    assert np.flatnonzero(robust_zscore_anomaly(mostly_equal)[0]).tolist() == [20]
    assert not robust_zscore_anomaly(np.full(5, 2))[0].any()

"""Find unusual rows in a table of sensor features with an isolation forest.

Use it when normal operation has several variables and no labels exist: machine features, network
flows, rooms. Random splits isolate unusual rows in few steps. Train on `reference` data that are
mostly normal, then score the rest; medians of the reference fill gaps. It does not see the order of
rows, so differences or lags belong into the features.

topic: time series
modality: time series, generic, vibration, packet, power
keywords: isolation forest, anomaly detection, unsupervised, multivariate, outlier, novelty
source: F. T. Liu, K. M. Ting and Z.-H. Zhou, 2008, "Isolation forest", IEEE ICDM
"""

import numpy as np
from sklearn.ensemble import IsolationForest


def isolation_forest_anomaly(
    reference: np.ndarray, features: np.ndarray, contamination: float = 0.01, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Anomalous rows and their scores.

    Inputs:
        reference (numpy.ndarray): mostly normal rows, shape (m, columns), m >= 10; NaN allowed
        features (numpy.ndarray): rows to judge, shape (n, columns); NaN allowed
        contamination (float): share of the reference rows taken for anomalous, 0 to below 0.5
        seed (int): seed of the random splits
    Outputs:
        anomalies (numpy.ndarray): True where a row is anomalous, shape (n,)
        scores (numpy.ndarray): anomaly score, 0.5 is average and 1 most unusual, shape (n,)
    """
    known, new = np.array(reference, dtype=float), np.array(features, dtype=float)
    if known.ndim != 2 or new.ndim != 2 or known.shape[1] != new.shape[1] or len(known) < 10:
        raise ValueError("need (m, columns) with 10 rows as reference and (n, columns) to judge")
    if not 0 <= contamination < 0.5 or not np.isfinite(known).any(axis=0).all():
        raise ValueError("contamination must be below 0.5, and no reference column empty")
    known[~np.isfinite(known)] = np.nan
    middle = np.nanmedian(known, axis=0)
    known, new = (np.where(np.isfinite(rows), rows, middle) for rows in (known, new))
    forest = IsolationForest(n_estimators=100, random_state=seed).fit(known)
    limit = np.quantile(-forest.score_samples(known), 1 - contamination)
    scores = -forest.score_samples(new)
    return scores > limit, scores


def check() -> None:
    """Rows that break the correlation or the range of the reference stand out."""
    rng = np.random.default_rng(0)

    def normal_rows(n: int) -> np.ndarray:
        load = rng.uniform(0, 1, n)
        return np.column_stack([1000 + 500 * load, 40 + 20 * load + rng.normal(0, 1, n)])

    reference = normal_rows(500)
    reference[5, 1] = np.nan
    faulty = np.array([[1050, 90.0], [2500, 50.0], [1500, 20.0]])
    features = np.vstack([normal_rows(200), faulty])
    anomalies, scores = isolation_forest_anomaly(reference, features)
    assert anomalies[200:].all()
    assert anomalies[:200].mean() < 0.05
    assert scores[200:].min() > np.quantile(scores[:200], 0.97)
    assert np.array_equal(isolation_forest_anomaly(reference, features)[1], scores)

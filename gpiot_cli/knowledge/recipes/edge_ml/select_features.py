"""Choose few features that tell the classes apart and do not repeat one another (mRMR).

Use it to cut the computing on a device: fewer features, less energy. Features are added one by one;
each has the highest mutual information with the classes less the mean absolute correlation with
those already chosen. Choose on training data only. Missing values count as the column's median.

topic: edge ml
modality: generic, time series, vibration
keywords: feature selection, mRMR, mutual information, redundancy, relevance, dimension reduction
source: H. Peng, F. Long and C. Ding, 2005, "Feature selection based on mutual information: criteria of max-dependency, max-relevance, and min-redundancy", IEEE TPAMI
"""

import numpy as np
from sklearn.feature_selection import mutual_info_classif


def select_features(
    features: np.ndarray, labels: np.ndarray, number: int = 5, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the chosen columns and what all columns tell.

    Inputs:
        features (numpy.ndarray): one row per window, shape (n, columns), n >= 10; NaN allowed
        labels (numpy.ndarray): class of each row, shape (n,)
        number (int): columns to choose; at most all
        seed (int): seed of the estimate of mutual information
    Outputs:
        chosen (numpy.ndarray): column indices, best first, shape (min(number, columns),)
        relevance (numpy.ndarray): mutual information with the classes in nats, shape (columns,)
    """
    x, y = np.array(features, dtype=float), np.asarray(labels)
    if x.ndim != 2 or len(x) != len(y) or len(x) < 10 or np.unique(y).size < 2 or number < 1:
        raise ValueError("need (n, columns) with 10 rows or more, n labels and two classes")
    x[~np.isfinite(x)] = np.nan
    known = ~np.isnan(x).all(axis=0)
    middle = np.zeros(x.shape[1])
    middle[known] = np.nanmedian(x[:, known], axis=0)
    x = np.where(np.isnan(x), middle, x)
    centred = x - x.mean(axis=0)
    norm = np.linalg.norm(centred, axis=0)
    constant = norm <= 1e-12 * np.maximum(np.abs(x).max(axis=0), 1e-300)
    z = np.where(constant, 0.0, centred / np.where(constant, 1.0, norm))
    relevance = mutual_info_classif(z, y, random_state=seed)
    relevance[constant] = 0.0
    redundancy = np.abs(z.T @ z)
    chosen = [int(np.argmax(relevance))]
    while len(chosen) < min(number, x.shape[1]):
        score = relevance / max(relevance.max(), 1e-12) - redundancy[:, chosen].mean(axis=1)
        score[chosen] = -np.inf
        chosen.append(int(np.argmax(score)))
    return np.array(chosen), relevance


def check() -> None:
    """Of copies only one is taken, noise comes last, and a constant tells nothing."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 400)
    high, low = labels // 2 + 0.3 * rng.normal(size=400), labels % 2 + 0.3 * rng.normal(size=400)
    columns = [rng.normal(size=400), high * 1000, high + 0.01 * rng.normal(size=400), low]
    features = np.column_stack([*columns, np.full(400, 7.0)])
    features[5, 1] = np.nan
    chosen, relevance = select_features(features, labels, 2)
    assert 3 in chosen
    assert len({1, 2} & set(chosen.tolist())) == 1
    assert relevance[[1, 2, 3]].min() > 5 * relevance[0]
    assert relevance[4] == 0
    assert select_features(features, labels, 99)[0].size == 5

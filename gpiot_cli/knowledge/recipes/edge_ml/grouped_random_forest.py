"""Train a random forest on window features and judge it on groups it has not seen.

Use it for activity, fault or gesture recognition. Windows of one person, device or day resemble
one another, so a random split flatters; here whole groups are held out in turn (grouped
cross-validation) and every row is predicted by a forest that never saw its group. Missing features
are filled by the training median.

topic: edge ml
modality: generic, time series, vibration, wifi csi
keywords: random forest, classifier, group k-fold, cross-validation, data leakage, activity recognition
source: L. Breiman, 2001, "Random forests", Machine Learning; N. Y. Hammerla and T. Plotz, 2015, "Let's (not) stick together: pairwise similarity biases cross-validation in activity recognition", ACM UbiComp
"""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold


def grouped_random_forest(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, folds: int = 5, seed: int = 0
) -> tuple[np.ndarray, float]:
    """Held-out predictions and their balanced accuracy.

    Inputs:
        features (numpy.ndarray): one row per window, shape (n, columns); NaN allowed
        labels (numpy.ndarray): class of each window (numbers or text), shape (n,)
        groups (numpy.ndarray): person, device or day of each window, shape (n,), 2 or more kinds
        folds (int): number of folds; at most the number of groups
        seed (int): seed of the forest
    Outputs:
        predictions (numpy.ndarray): predicted class of each window, shape (n,)
        accuracy (float): mean of the recalls of the classes, 0 to 1
    """
    x, y, g = np.array(features, dtype=float), np.asarray(labels), np.asarray(groups)
    if x.ndim != 2 or not len(x) == len(y) == len(g):
        raise ValueError("features need shape (n, columns), with a label and a group for each row")
    kinds = np.unique(g).size
    if kinds < 2 or np.unique(y).size < 2:
        raise ValueError("at least two groups and two classes are needed")
    x[~np.isfinite(x)] = np.nan
    predictions = np.empty_like(y)
    for train, test in GroupKFold(min(folds, kinds)).split(x, y, g):
        known = np.isfinite(x[train]).any(axis=0)
        middle = np.zeros(x.shape[1])
        middle[known] = np.nanmedian(x[train][:, known], axis=0)
        filled = np.where(np.isfinite(x), x, middle)
        forest = RandomForestClassifier(100, class_weight="balanced", random_state=seed)
        predictions[test] = forest.fit(filled[train], y[train]).predict(filled[test])
    recalls = [np.mean(predictions[y == label] == label) for label in np.unique(y)]
    return predictions, float(np.mean(recalls))


def check() -> None:
    """Real structure is learnt; features that only identify the group give chance."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(8), 30)
    labels = np.array(["walk", "rest"])[rng.integers(0, 2, 240)]
    useful = np.column_stack([(labels == "walk") * 3 + rng.normal(size=240), rng.normal(size=240)])
    useful[4, 1] = np.nan
    predictions, accuracy = grouped_random_forest(useful, labels, groups, 2)
    assert accuracy > 0.85
    assert abs(np.mean(predictions == labels) - accuracy) < 0.05
    by_group = np.array(["a", "b"])[groups % 2]
    leaky = groups[:, None] + rng.normal(0, 0.01, (240, 1))
    assert grouped_random_forest(leaky, by_group, groups, 2)[1] < 0.7

"""Shrink the training set of a nearest-neighbour classifier to a budget (condensed neighbours).

Use it to run kNN on a small device: only rows that are needed to classify the others are stored.
Starting with one row per class, rows that the stored ones get wrong are added until all are right
or the budget is reached. Columns are standardised. Noisy labels are kept as well: filter them
first.

topic: edge ml
modality: generic, time series
keywords: knn, nearest neighbour, prototype selection, condensed, budget, memory, tinyml, instance
source: P. E. Hart, 1968, "The condensed nearest neighbor rule", IEEE Trans. Information Theory
"""

import numpy as np


def condense_neighbors(
    features: np.ndarray, labels: np.ndarray, budget: int = 100, seed: int = 0
) -> tuple[np.ndarray, float]:
    """Rows to store and how well they classify all rows.

    Inputs:
        features (numpy.ndarray): training rows without missing values, shape (n, columns)
        labels (numpy.ndarray): class of each row, shape (n,)
        budget (int): most rows to store, at least one per class
        seed (int): seed of the order
    Outputs:
        stored (numpy.ndarray): rising indices of the stored rows, shape (m,), m <= budget
        accuracy (float): share of all rows whose nearest stored row has their class
    """
    x, y = np.asarray(features, dtype=float), np.asarray(labels)
    if x.ndim != 2 or len(x) == 0 or len(x) != len(y) or not np.isfinite(x).all():
        raise ValueError("need (n, columns) without missing values and a label for each row")
    if budget < np.unique(y).size:
        raise ValueError("the budget must allow one row for each class")
    deviation = x.std(axis=0)
    z = (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    order = np.random.default_rng(seed).permutation(len(z))
    stored: list = []
    nearest, owner = np.full(len(z), np.inf), np.zeros(len(z), dtype=int)

    def store(row: int) -> None:
        stored.append(row)
        distance = ((z - z[row]) ** 2).sum(axis=1)
        closer = distance < nearest
        nearest[closer], owner[closer] = distance[closer], row

    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        middle = np.median(z[rows], axis=0)
        store(int(rows[np.argmin(((z[rows] - middle) ** 2).sum(axis=1))]))
    changed = True
    while changed and len(stored) < budget:
        changed = False
        for row in order:
            # A row at distance 0 of one with another class cannot be got right.
            if y[owner[row]] != y[row] and nearest[row] > 0 and len(stored) < budget:
                store(int(row))
                changed = True
    return np.sort(stored), float(np.mean(y[owner] == y))


def check() -> None:
    """A ring around a blob needs few of 600 rows; the stored rows alone classify new data."""
    rng = np.random.default_rng(0)
    angle, label = rng.uniform(0, 2 * np.pi, 900), rng.integers(0, 2, 900)
    radius = np.where(label == 1, 3, 0) + rng.normal(0, 0.4, 900)
    x = np.stack([radius * np.cos(angle), 100 * radius * np.sin(angle)], axis=1)
    stored, accuracy = condense_neighbors(x[:600], label[:600])
    assert accuracy == 1.0
    assert stored.size < 60
    scaled = (x - x[:600].mean(axis=0)) / x[:600].std(axis=0)
    distance = np.linalg.norm(scaled[600:, None] - scaled[stored], axis=2)
    assert np.mean(label[stored][np.argmin(distance, axis=1)] == label[600:]) > 0.97
    few, accuracy = condense_neighbors(x[:600], label[:600], budget=4)
    assert few.size == 4
    assert 0.8 < accuracy < 1.0
    assert condense_neighbors(np.ones((9, 2)), np.arange(9) % 2)[0].size == 2

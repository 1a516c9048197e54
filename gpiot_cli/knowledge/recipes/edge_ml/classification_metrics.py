"""Judge a classifier: confusion matrix, precision, recall and F1 of every class, and kappa.

Use it instead of accuracy alone when classes are unequal, as in fall or fault detection. Macro
values weigh every class alike; Cohen's kappa is the agreement beyond chance. A class that is never
predicted has precision 0.

topic: edge ml
modality: generic
keywords: confusion matrix, precision, recall, f1 score, accuracy, cohen's kappa, evaluation, macro
source: M. Sokolova and G. Lapalme, 2009, "A systematic analysis of performance measures for classification tasks", Information Processing and Management; J. Cohen, 1960, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement
"""

import numpy as np
import pandas as pd


def classification_metrics(
    truth: np.ndarray, predicted: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray, dict]:
    """Measures per class and over all.

    Inputs:
        truth (numpy.ndarray): true classes (numbers or text), shape (n,), n >= 1
        predicted (numpy.ndarray): predicted classes, shape (n,)
    Outputs:
        per_class (pandas.DataFrame): one row per class, sorted; label, precision, recall, f1,
            support (number of true rows)
        confusion (numpy.ndarray): counts, rows are true classes, shape (classes, classes)
        overall (dict): accuracy, macro_f1, balanced_accuracy (over classes that occur), kappa
    """
    y, p = np.asarray(truth).ravel(), np.asarray(predicted).ravel()
    if y.size == 0 or y.size != p.size:
        raise ValueError("truth and predicted must have the same length, at least 1")
    labels, codes = np.unique(np.concatenate([y, p]), return_inverse=True)
    confusion = np.zeros((labels.size, labels.size), dtype=int)
    np.add.at(confusion, (codes[: y.size], codes[y.size :]), 1)
    hits, support, named = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision = hits / np.maximum(named, 1)
    recall = hits / np.maximum(support, 1)
    f1 = 2 * hits / np.maximum(support + named, 1)
    accuracy = hits.sum() / y.size
    chance = (support / y.size) @ (named / y.size)
    per_class = pd.DataFrame(
        {"label": labels, "precision": precision, "recall": recall, "f1": f1, "support": support}
    )
    overall = {
        "accuracy": float(accuracy),
        "macro_f1": float(f1.mean()),
        "balanced_accuracy": float(recall[support > 0].mean()),
        # One class throughout leaves nothing to agree on beyond chance.
        "kappa": float((accuracy - chance) / (1 - chance)) if chance < 1 else 1.0,
    }
    return per_class, confusion, overall


def check() -> None:
    """It agrees with scikit-learn on random answers and with hand counts on a small case."""
    from sklearn import metrics

    truth = np.array(["a", "a", "a", "b", "b", "c"])
    predicted = np.array(["a", "a", "b", "b", "b", "a"])
    table, confusion, overall = classification_metrics(truth, predicted)
    assert confusion.tolist() == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert np.allclose(table.precision, [2 / 3, 2 / 3, 0])
    assert np.allclose(table.recall, [2 / 3, 1, 0])
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 500)
    predicted = np.where(rng.random(500) < 0.6, truth, rng.integers(0, 5, 500))
    table, confusion, overall = classification_metrics(truth, predicted)
    assert np.array_equal(confusion, metrics.confusion_matrix(truth, predicted))
    assert np.isclose(overall["macro_f1"], metrics.f1_score(truth, predicted, average="macro"))
    assert np.isclose(overall["kappa"], metrics.cohen_kappa_score(truth, predicted))
    balanced = metrics.balanced_accuracy_score(truth, predicted)
    assert np.isclose(overall["balanced_accuracy"], balanced)
    assert classification_metrics(np.ones(3), np.ones(3))[2]["accuracy"] == 1.0

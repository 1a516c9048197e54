"""Fuse several kinds of sensors in one classifier: train on labelled moments, predict new ones.

Use it where air, light, sound, motion or radio were measured side by side and each moment has a
label, such as occupancy, activity or a machine's state. Every column is standardised, and the kinds
are put side by side (fusion at the feature level) with the same weight each, however many columns a
kind has; a logistic regression decides. Missing readings count as the column's training mean, so a
sensor may fail.

topic: edge ml
modality: generic, time series, air quality, light, sound, accelerometer
keywords: multimodal, sensor fusion, feature-level fusion, train classifier, labelled, occupancy
source: D. L. Hall and J. Llinas, 1997, "An introduction to multisensor data fusion", Proceedings of the IEEE; D. R. Cox, 1958, "The regression analysis of binary sequences", Journal of the Royal Statistical Society B
"""

import numpy as np
from sklearn.linear_model import LogisticRegression


def classify_fused_sensors(sensors: list, labels: np.ndarray, new_sensors: list) -> np.ndarray:
    """The class of each new moment.

    Inputs:
        sensors (list): for each kind of sensor its readings at the labelled moments, shape
            (n, columns) or (n,); NaN marks a missing reading
        labels (numpy.ndarray): class of each labelled moment (numbers or text), shape (n,)
        new_sensors (list): the same kinds in the same order at the new moments, shape (m, columns)
            or (m,)
    Outputs:
        classes (numpy.ndarray): class of each new moment, shape (m,)
    """
    known, new, y = _columns(sensors), _columns(new_sensors), np.asarray(labels).ravel()
    if not known or [k.shape[1] for k in known] != [k.shape[1] for k in new]:
        raise ValueError("labelled and new moments need the same kinds of sensors and columns")
    if any(len(kind) != y.size for kind in known) or np.unique(y).size < 2:
        raise ValueError("each labelled moment needs a label, and two classes or more must occur")
    if len(new[0]) == 0:
        return y[:0]
    trained, asked = [], []
    for kind, new_kind in zip(known, new, strict=True):
        count = np.maximum(np.isfinite(kind).sum(axis=0), 1)
        mean = np.where(np.isfinite(kind), kind, 0.0).sum(axis=0) / count
        kind, new_kind = (np.where(np.isfinite(x), x - mean, 0.0) for x in (kind, new_kind))
        deviation = kind.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1.0) * np.sqrt(kind.shape[1])
        trained.append(kind / scale)
        asked.append(new_kind / scale)
    model = LogisticRegression(C=10.0, max_iter=2000)
    return model.fit(np.hstack(trained), y).predict(np.hstack(asked))


def _columns(sensors: list) -> list:
    """Every kind of sensor as an array of shape (moments, columns)."""
    kinds = [np.asarray(kind, dtype=float) for kind in sensors]
    return [kind[:, None] if kind.ndim == 1 else kind.reshape(len(kind), -1) for kind in kinds]


def check() -> None:
    """Two kinds together tell what neither does alone, and a failed sensor leaves the other's part."""
    rng = np.random.default_rng(0)
    people, awake = rng.integers(0, 2, (2, 400))
    state = np.array(["empty", "asleep", "awake"])[people * (1 + awake)]
    air = 600 + 200 * people[:, None] + rng.normal(0, 30, (400, 3))
    light = 5 + 300.0 * awake + rng.normal(0, 40, 400)
    air[3, 1] = light[9] = np.nan
    air[:, 2] = 21.0
    fused = classify_fused_sensors([air[:200], light[:200]], state[:200], [air[200:], light[200:]])
    assert np.mean(fused == state[200:]) > 0.97
    alone = classify_fused_sensors([air[:200]], state[:200], [air[200:]])
    assert np.mean(alone == state[200:]) < 0.9
    dark = [air[200:], np.full(200, np.nan)]
    failed = classify_fused_sensors([air[:200], light[:200]], state[:200], dark)
    assert np.mean((failed == "empty") == (people[200:] == 0)) > 0.9
    numbers = classify_fused_sensors([light], awake, [light[:0]])
    assert numbers.size == 0

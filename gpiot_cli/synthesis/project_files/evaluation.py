"""Compares events that a pipeline found with events that are known to be true."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

TOLERANCE = 0.150
"""In seconds; the usual window for beats (ANSI/AAMI EC57)."""


EVENT_NAME = re.compile(r"peak|beat|event|onset|pulse|step|breath|ind(ex|ices)|location|position")


def events_among(outputs: Mapping[str, object], length: int) -> str | None:
    """Name the last output that can be event indices into a signal of `length` samples.

    One that is called so (peaks, onsets, …) goes before rising numbers of another name.
    """
    found = [name for name, value in outputs.items() if _are_events(value, length)]
    called = [name for name in found if EVENT_NAME.search(name)]
    return next(reversed(called or found), None)


def score_events(found: object, known: object, fs: float) -> dict[str, float]:
    """Match found and known sample indices one to one within `TOLERANCE`.

    Returns `precision`, `recall` and `accuracy`, the share of correct detections among correct,
    false and missed ones (TP / (TP + FP + FN)), and the three counts.
    """
    ours = np.sort(np.asarray(found, dtype=np.float64))
    truth = np.sort(np.asarray(known, dtype=np.float64))
    window = TOLERANCE * fs
    hits = i = j = 0
    while i < len(ours) and j < len(truth):
        if abs(ours[i] - truth[j]) <= window:
            hits, i, j = hits + 1, i + 1, j + 1
        elif ours[i] < truth[j]:
            i += 1
        else:
            j += 1
    false, missed = len(ours) - hits, len(truth) - hits
    return {
        "precision": hits / len(ours) if len(ours) else 0.0,
        "recall": hits / len(truth) if len(truth) else 0.0,
        "accuracy": hits / (hits + false + missed) if hits + false + missed else 0.0,
        "correct": hits,
        "false": false,
        "missed": missed,
    }


def are_positions(value: object) -> bool:
    """Whether a value can be sample indices: a row of rising whole numbers from 0 on."""
    if not isinstance(value, np.ndarray | list) or not len(value):
        return False
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return False
    if array.ndim != 1 or array.dtype.kind not in "iuf" or not (array == np.round(array)).all():
        return False
    return bool(array[0] >= 0 and (np.diff(array) > 0).all())


def _are_events(value: Any, length: int) -> bool:
    return are_positions(value) and len(value) <= length // 2 and bool(value[-1] < length)

"""How alike two programs' outputs are: the vote that chooses among programs that all run.

Minimum Bayes risk decoding over execution results (Shi et al. 2022, "Natural Language to Code
Translation with Execution", EMNLP): the program whose outputs agree most with the others' is
taken. It needs no reference, only that right programs agree more than wrong ones do.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

RELATIVE = 0.05
"""Numbers closer than this fraction of their standard deviation count as equal."""


def similarity(one: Mapping[str, object], other: Mapping[str, object]) -> float:
    """Mean similarity of equally named outputs, 0 (nothing in common) to 1 (equal)."""
    if one.keys() != other.keys():
        return 0.0
    return float(np.mean([_alike(one[name], other[name]) for name in one])) if one else 1.0


def weighted_agreement(
    outputs: Sequence[Sequence[Mapping[str, object] | None]], weights: Sequence[float]
) -> list[float]:
    """For each program the weighted share of votes it gets, its own included, 0 to 1.

    `outputs` are those of each program on each of the inputs, None where it failed; two programs
    are as alike as they are on the mean of the inputs.
    """
    size = len(outputs)
    table = np.eye(size)
    for i in range(size):
        for j in range(i):
            table[i, j] = table[j, i] = np.mean(
                [
                    0.0 if one is None or other is None else similarity(one, other)
                    for one, other in zip(outputs[i], outputs[j], strict=True)
                ]
            )
    votes = np.asarray(weights, dtype=float)
    return [float(share) for share in table @ votes / votes.sum()]


def _alike(one: object, other: object) -> float:
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        if list(one.columns) != list(other.columns):
            return 0.0
        return similarity(
            {str(c): one[c].to_numpy() for c in one}, {str(c): other[c].to_numpy() for c in other}
        )
    if isinstance(one, dict) and isinstance(other, dict):
        common = one.keys() & other.keys()
        union = one.keys() | other.keys()
        return sum(_alike(one[key], other[key]) for key in common) / len(union) if union else 1.0
    if not (_is_numeric(one) and _is_numeric(other)):
        return _items_alike(one, other)
    a, b = np.asarray(one), np.asarray(other)
    if a.ndim == b.ndim == 1 and _may_be_events(a, b):
        return _events_alike(a, b)
    return _numbers_alike(a, b)


def _is_numeric(value: object) -> bool:
    try:
        return np.asarray(value).dtype.kind in "biufc"
    except ValueError:  # ragged lists
        return False


def _items_alike(one: object, other: object) -> float:
    """Mean likeness of the items of two sequences of equal length; else equal or not."""
    sequences = (list, tuple, np.ndarray)
    if not (isinstance(one, sequences) and isinstance(other, sequences)):
        return float(type(one) is type(other) and one == other)
    if len(one) != len(other):
        return 0.0
    pairs = zip(one, other, strict=True)
    return float(np.mean([_alike(a, b) for a, b in pairs])) if len(one) else 1.0


def _may_be_events(a: np.ndarray, b: np.ndarray) -> bool:
    """Positions are integers; times may be fractions, told by there being more in one."""
    integers = a.dtype.kind in "iu" and b.dtype.kind in "iu"
    return integers or (a.shape != b.shape and a.dtype.kind in "iuf" and b.dtype.kind in "iuf")


def _numbers_alike(a: np.ndarray, b: np.ndarray) -> float:
    """Share of elements equal within `RELATIVE` of the standard deviation, or of a number."""
    if a.shape != b.shape:
        return 0.0
    if a.size == 0:
        return 1.0
    if a.dtype.kind == "b" or b.dtype.kind == "b":
        return float(np.mean(a == b))
    scale = max(float(np.std(a)), float(np.std(b)))  # a few large values must not hide the rest
    tolerance = RELATIVE * (scale or float(np.max(np.abs([a, b]))) or 1.0)
    return float(np.mean(np.abs(a - b) <= tolerance))


def _events_alike(a: np.ndarray, b: np.ndarray) -> float:
    """Equal integer labels, or the F1 of positions that match within a tenth of their spacing."""
    if a.shape == b.shape and np.array_equal(a, b):
        return 1.0
    if a.size == 0 or b.size == 0:
        return 0.0
    ascending = a.size > 1 and b.size > 1 and np.all(np.diff(a) > 0) and np.all(np.diff(b) > 0)
    if not ascending:
        return float(np.mean(a == b)) if a.shape == b.shape else 0.0
    tolerance = float(np.median(np.diff(a))) * 0.1
    # Many events around one are one match: a burst on every beat is no beat detector.
    matched = min(
        np.count_nonzero(_nearest(b, a) <= tolerance), np.count_nonzero(_nearest(a, b) <= tolerance)
    )
    return float(2 * matched / (a.size + b.size))


def _nearest(sorted_values: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Distance from each query to the nearest of the sorted values."""
    right = np.searchsorted(sorted_values, queries).clip(1, len(sorted_values) - 1)
    distances = np.minimum(
        np.abs(queries - sorted_values[right - 1]), np.abs(queries - sorted_values[right])
    )
    return np.asarray(distances)

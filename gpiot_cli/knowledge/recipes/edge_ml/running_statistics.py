"""Compute mean and variance of a stream in constant memory with Welford's algorithm.

Use it on a microcontroller that cannot keep its samples, or to watch how statistics settle. Each
value updates count, mean and the sum of squared deviations, which is numerically safe where the sum
of squares minus the squared sum loses all digits. Missing values (NaN) are skipped. A state from
an earlier call goes on.

topic: edge ml
modality: generic, time series
keywords: welford, running mean, incremental variance, streaming, online statistics, one pass
source: B. P. Welford, 1962, "Note on a method for calculating corrected sums of squares and products", Technometrics
"""

import numpy as np


def running_statistics(values: np.ndarray, state: dict) -> tuple[np.ndarray, np.ndarray, dict]:
    """Mean and variance after each value.

    Inputs:
        values (numpy.ndarray): new values, shape (n,); NaN is skipped
        state (dict): state returned by the last call; {} at the start
    Outputs:
        mean (numpy.ndarray): mean of all values so far, NaN before the first, shape (n,)
        variance (numpy.ndarray): sample variance so far, 0 for a single value, shape (n,)
        state (dict): count, mean and squares, for the next call
    """
    x = np.atleast_1d(np.asarray(values, dtype=float).squeeze())
    if x.ndim != 1:
        raise ValueError(f"values must be one-dimensional, got shape {x.shape}")
    count = state.get("count", 0)
    centre, squares = state.get("mean", 0.0), state.get("squares", 0.0)
    mean, variance = np.empty(x.size), np.empty(x.size)
    for i, value in enumerate(x.tolist()):
        if np.isfinite(value):
            count += 1
            step = value - centre
            centre += step / count
            squares += step * (value - centre)
        mean[i] = centre if count else np.nan
        variance[i] = squares / (count - 1) if count > 1 else 0.0
    return mean, variance, {"count": count, "mean": centre, "squares": squares}


def check() -> None:
    """It equals numpy also with a huge offset, and in two parts as in one."""
    rng = np.random.default_rng(0)
    values = rng.normal(1e9, 0.1, 500)
    mean, variance, state = running_statistics(values, {})
    assert np.isclose(mean[-1], values.mean(), rtol=1e-15)
    assert np.isclose(variance[-1], values.var(ddof=1), rtol=1e-6)
    assert np.isclose(variance[99], values[:100].var(ddof=1), rtol=1e-6)
    _, _, half = running_statistics(values[:200], {})
    _, second, whole = running_statistics(values[200:], half)
    assert whole == state
    assert np.array_equal(second, variance[200:])
    mean, variance, _ = running_statistics(np.array([np.nan, 2, np.inf, 4]), {})
    assert np.isnan(mean[0])
    assert mean[1:].tolist() == [2, 2, 3]
    assert variance.tolist() == [0, 0, 0, 2]

"""Detect in a stream that the mean has risen, or fallen, with the Page-Hinkley test.

Use it to notice that a model's error grows (concept drift) or a sensor wanders, with a few numbers
of memory. The deviations from the running mean, less a tolerance, are summed; an alarm comes when
the sum is more than the threshold above its minimum. After an alarm the test starts anew. Both
parameters are in units of the stream.

topic: time series
modality: time series, generic
keywords: page-hinkley, concept drift, change detection, streaming, online, monitoring, drift
source: D. V. Hinkley, 1971, "Inference about the change-point from cumulative sum tests", Biometrika; J. Gama et al., 2014, "A survey on concept drift adaptation", ACM Computing Surveys
"""

import numpy as np


def page_hinkley_drift(
    stream: np.ndarray, tolerance: float, threshold: float, min_values: int = 30
) -> np.ndarray:
    """Indices at which a change of the mean is noticed.

    Inputs:
        stream (numpy.ndarray): values in order, shape (n,); NaN marks a missing one
        tolerance (float): change of the mean that is allowed, not negative
        threshold (float): cumulative deviation that raises the alarm, above 0
        min_values (int): values after a start before an alarm may come
    Outputs:
        alarms (numpy.ndarray): rising indices of the alarms, shape (m,)
    """
    x = np.atleast_1d(np.asarray(stream, dtype=float).squeeze())
    if x.ndim != 1 or not np.isfinite(x).any():
        raise ValueError("the stream must be one-dimensional with at least one finite value")
    if not (tolerance >= 0 and threshold > 0):
        raise ValueError("tolerance must not be negative and threshold must be positive")
    alarms = []
    count, mean = 0, 0.0
    rise = fall = 0.0  # sums less their minimum, for either direction
    for i, value in enumerate(x):
        if not np.isfinite(value):
            continue
        count += 1
        mean += (value - mean) / count
        rise = max(rise + value - mean - tolerance, 0.0)
        fall = max(fall + mean - value - tolerance, 0.0)
        if count >= min_values and max(rise, fall) > threshold:
            alarms.append(i)
            count, mean, rise, fall = 0, 0.0, 0.0, 0.0
    return np.array(alarms, dtype=int)


def check() -> None:
    """An error rate that rises and falls again gives two alarms soon after; noise gives none."""
    rng = np.random.default_rng(0)
    errors = rng.random(6000) < np.repeat([0.1, 0.3, 0.1], 2000)
    alarms = page_hinkley_drift(errors, 0.05, 20.0)
    assert alarms.size == 2
    assert 2000 < alarms[0] < 2300
    assert 4000 < alarms[1] < 4300
    assert page_hinkley_drift(rng.random(6000) < 0.2, 0.05, 20.0).size == 0
    assert page_hinkley_drift(np.full(100, 3), 0.0, 1.0).size == 0

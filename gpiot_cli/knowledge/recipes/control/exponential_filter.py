"""Smooth readings as they come with a first-order exponential filter, also at uneven intervals.

Use it on small devices: it keeps one number. The weight of a reading depends on the time since the
last one, 1 - exp(-dt / time_constant), so gaps and jitter do not change the smoothing. A step is
followed to 63 % within one time constant. Missing readings (NaN) hold the last value.

topic: control
modality: generic, temperature, humidity, air quality, power, rssi
keywords: exponential smoothing, EMA, low-pass, RC filter, time constant, streaming, irregular
source: R. G. Brown, 1963, "Smoothing, Forecasting and Prediction of Discrete Time Series", Prentice Hall
"""

import numpy as np


def exponential_filter(times: np.ndarray, values: np.ndarray, time_constant: float) -> np.ndarray:
    """Smoothed value after each reading.

    Inputs:
        times (numpy.ndarray): times of the readings in seconds, not falling, shape (n,)
        values (numpy.ndarray): readings, shape (n,); NaN marks a missing one
        time_constant (float): seconds until a step is followed to 63 %, above 0
    Outputs:
        smoothed (numpy.ndarray): filtered values, shape (n,); before the first reading that reading
    """
    t, x = np.asarray(times, dtype=float).ravel(), np.asarray(values, dtype=float).ravel()
    good = np.isfinite(x)
    if t.size != x.size or not good.any() or not time_constant > 0:
        raise ValueError(
            "need as many times as values, one finite value, and time_constant above 0"
        )
    if not np.all(np.diff(t) >= 0):
        raise ValueError("times must not fall")
    smoothed = np.empty(x.size)
    first = int(np.argmax(good))
    level, last = x[first], t[first]
    for i in range(x.size):
        if good[i] and i > first:
            level += (1 - np.exp(-(t[i] - last) / time_constant)) * (x[i] - level)
            last = t[i]
        smoothed[i] = level
    return smoothed


def check() -> None:
    """A step rises as 1 - exp(-t / tau) at any sampling, and noise shrinks as theory says."""
    t = np.array([0, 1, 2, 5, 5.5, 10, 30])
    step = np.array([0, 1, 1, 1, 1, 1, 1])
    assert np.allclose(exponential_filter(t, step, 5.0)[1:], 1 - np.exp(-t[1:] / 5))
    noise = np.random.default_rng(0).normal(size=50_000)
    smoothed = exponential_filter(np.arange(50_000), noise, 10.0)
    weight = 1 - np.exp(-0.1)
    assert abs(smoothed.var() / (weight / (2 - weight)) - 1) < 0.1
    gap = exponential_filter(np.arange(4), np.array([np.nan, 2, np.nan, 4]), 2.0)
    assert np.allclose(gap, [2, 2, 2, 2 + 2 * (1 - np.exp(-1))])

"""Forecast a seasonal series by repeating the average of its last seasons.

Use it as the baseline that any other forecast must beat, and for loads or occupancy with a strong
daily or weekly rhythm. Each future value is the mean of the values one, two, ... `seasons` periods
before. It knows no trend. Missing values (NaN) are left out of the means.

topic: time series
modality: time series, power, occupancy, temperature, light
keywords: forecast, seasonal naive, baseline, daily profile, weekly pattern, load forecasting
source: R. J. Hyndman and G. Athanasopoulos, 2021, "Forecasting: Principles and Practice", 3rd ed., OTexts, section 5.2
"""

import numpy as np


def seasonal_naive_forecast(
    series: np.ndarray, period: int, horizon: int, seasons: int = 1
) -> np.ndarray:
    """Forecast of the next values.

    Inputs:
        series (numpy.ndarray): past values at a fixed interval, shape (n,), n >= period;
            NaN marks a missing one
        period (int): values per season, such as 24 for hourly data with a daily rhythm
        horizon (int): number of values to forecast
        seasons (int): last seasons to average; fewer when the series is shorter
    Outputs:
        forecast (numpy.ndarray): the next values, shape (horizon,)
    """
    x = np.array(series, dtype=float).squeeze()
    if x.ndim != 1 or period < 1 or horizon < 1 or seasons < 1 or x.size < period:
        raise ValueError(f"need a one-dimensional series of at least one period ({period} values)")
    if not np.isfinite(x).any():
        raise ValueError("every value of the series is missing")
    used = min(seasons, x.size // period)
    table = x[x.size - used * period :].reshape(used, period)
    good = np.isfinite(table)
    number = good.sum(axis=0)
    mean = np.where(good, table, 0).sum(axis=0) / np.maximum(number, 1)
    season = np.where(number > 0, mean, np.mean(x[np.isfinite(x)]))
    return np.resize(season, horizon)


def check() -> None:
    """A periodic series is continued exactly; averaging seasons reduces noise."""
    t = np.arange(24 * 7)
    daily = np.sin(2 * np.pi * t / 24)
    expected = np.sin(2 * np.pi * np.arange(t.size, t.size + 60) / 24)
    assert np.allclose(seasonal_naive_forecast(daily, 24, 60), expected)
    noisy = daily + np.random.default_rng(0).normal(0, 0.5, t.size)
    one, seven = (seasonal_naive_forecast(noisy, 24, 60, s) - expected for s in (1, 7))
    assert seven.std() < 0.6 * one.std()
    gap = np.array([1, 2, 3, 4, np.nan, 6])
    assert np.array_equal(seasonal_naive_forecast(gap, 3, 4, 2), [2.5, 2, 4.5, 2.5])

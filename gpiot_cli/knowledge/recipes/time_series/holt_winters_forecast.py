"""Forecast a series with trend and season by additive Holt-Winters exponential smoothing.

Use it for energy, temperature or traffic with a rhythm that changes slowly. Level, damped trend
and seasonal terms are updated with each value; the three weights are those that minimise the
squared one-step errors of the past. It needs two full seasons; gaps (NaN) are bridged.

topic: time series
modality: time series, power, temperature, humidity, occupancy
keywords: holt-winters, forecast, exponential smoothing, trend, seasonality, triple smoothing, ETS
source: P. R. Winters, 1960, "Forecasting sales by exponentially weighted moving averages", Management Science; E. S. Gardner and E. McKenzie, 1985, "Forecasting trends in time series", Management Science
"""

from math import isfinite

import numpy as np
from scipy.optimize import minimize


def holt_winters_forecast(
    series: np.ndarray, period: int, horizon: int, damping: float = 0.98
) -> tuple[np.ndarray, float]:
    """Forecast of the next values and the usual error.

    Inputs:
        series (numpy.ndarray): past values, NaN if missing, shape (n,), n >= 2 * period
        period (int): values per season, at least 2
        horizon (int): number of values to forecast
        damping (float): factor on the trend per step, above 0, at most 1 (no damping)
    Outputs:
        forecast (numpy.ndarray): the next values, shape (horizon,)
        error (float): root mean squared one-step error over the past
    """
    x = np.array(series, dtype=float).squeeze()
    if x.ndim != 1 or period < 2 or horizon < 1 or x.size < 2 * period:
        raise ValueError(f"need a one-dimensional series of two periods ({2 * period} values)")
    good = np.isfinite(x)
    x[~good] = np.nan
    if good.sum() < period + 2 or not 0 < damping <= 1:
        raise ValueError("too many values are missing, or damping is not above 0 and up to 1")
    filled = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    first, second = filled[:period], filled[period : 2 * period]
    slope = (second.mean() - first.mean()) / period
    detrended = first - first.mean() - slope * (np.arange(period) - (period - 1) / 2)
    # A season's mean belongs to its middle; smoothing starts one step before the season.
    start = (first.mean() - slope * (period + 1) / 2, slope, detrended)

    def squared_error(weights: np.ndarray) -> float:
        return _smooth(x, start, damping, weights, 1)[1]

    guesses = ([0.1, 0.01, 0.1], [0.5, 0.1, 0.3])
    fits = [minimize(squared_error, g, bounds=[(0.001, 0.999)] * 3) for g in guesses]
    forecast, error = _smooth(x, start, damping, min(fits, key=lambda f: f.fun).x, horizon)
    return forecast, float(np.sqrt(error))


def _smooth(
    x: np.ndarray, start: tuple, damping: float, weights: np.ndarray, horizon: int
) -> tuple[np.ndarray, float]:
    alpha, beta, gamma = weights.tolist()
    level, trend, season, errors = float(start[0]), float(start[1]), start[2].tolist(), []
    period = len(season)
    for i, value in enumerate(x.tolist()):
        errors.append(value - level - damping * trend - season[i % period])
        error = errors[-1] if isfinite(value) else 0.0  # nothing is learnt from a gap
        level += damping * trend + alpha * error
        trend = damping * trend + alpha * beta * error
        season[i % period] += gamma * (1 - alpha) * error
    growth = trend * np.cumsum(damping ** np.arange(1, horizon + 1))
    future = np.take(season, x.size + np.arange(horizon), mode="wrap")
    return level + growth + future, float(np.nanmean(np.square(errors)))


def check() -> None:
    """An exact trend with season is continued; noisy data beat the seasonal naive forecast."""
    t = np.arange(12 * 10)
    exact = 50 + 0.3 * t + 10 * np.sin(2 * np.pi * t / 12)
    ahead = np.arange(t.size, t.size + 24)
    truth = 50 + 0.3 * ahead + 10 * np.sin(2 * np.pi * ahead / 12)
    forecast, error = holt_winters_forecast(exact, 12, 24, damping=1.0)
    assert np.allclose(forecast, truth, atol=1e-6)
    assert error < 1e-6
    noisy = exact + np.random.default_rng(0).normal(0, 2, t.size)
    noisy[30:33] = np.nan
    forecast, error = holt_winters_forecast(noisy, 12, 12)
    assert np.sqrt(np.mean((forecast - truth[:12]) ** 2)) < 2.0
    assert 1.5 < error < 3.2
    assert np.allclose(holt_winters_forecast(np.full(10, 4), 2, 3)[0], 4.0)

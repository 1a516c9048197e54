"""Split a series into trend, season and residual with moving averages and seasonal medians.

Use it to see a trend behind a daily or weekly rhythm, and to look for anomalies in what remains.
The trend is a centred moving average over one period, continued at its ends by a straight line;
the season is the median of the detrended values at each phase, so single outliers do not leak
into it. It assumes a season that does not change. Gaps (NaN) are interpolated.

topic: time series
modality: time series, power, temperature, humidity, air quality, occupancy
keywords: decomposition, trend, seasonality, residual, STL, moving average, deseasonalise
source: R. B. Cleveland, W. S. Cleveland, J. E. McRae and I. Terpenning, 1990, "STL: a seasonal-trend decomposition procedure based on loess", J. Official Statistics
"""

import numpy as np


def seasonal_decomposition(
    series: np.ndarray, period: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trend, seasonal and residual parts, which add up to the series.

    Inputs:
        series (numpy.ndarray): values at a fixed interval, shape (n,), n >= 2 * period;
            NaN marks a missing one
        period (int): values per season, at least 2
    Outputs:
        trend (numpy.ndarray): smooth part, shape (n,)
        seasonal (numpy.ndarray): repeating part with mean 0 over a period, shape (n,)
        residual (numpy.ndarray): the rest, shape (n,)
    """
    x = np.array(series, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or period < 2 or x.size < 2 * period or good.sum() < period:
        raise ValueError(f"need a one-dimensional series of two periods ({2 * period} values)")
    index = np.arange(x.size)
    x = np.interp(index, index[good], x[good])
    # For an even period the two ends of the window count half, so that it stays centred.
    kernel = np.ones(period + 1 - period % 2) / period
    if period % 2 == 0:
        kernel[[0, -1]] /= 2
    inner = np.convolve(x, kernel, mode="valid")
    half = kernel.size // 2
    middle = index[half : half + inner.size]
    trend = np.interp(index, middle, inner)
    span = min(period, inner.size)
    for outside, inside in (
        (index < middle[0], slice(0, span)),
        (index > middle[-1], slice(-span, None)),
    ):
        if span > 1:
            line = np.polynomial.Polynomial.fit(middle[inside], inner[inside], 1)
            trend[outside] = line(index[outside])
    detrended = x - trend
    season = np.array([np.median(detrended[phase::period]) for phase in range(period)])
    seasonal = (season - season.mean())[index % period]
    return trend, seasonal, x - trend - seasonal


def check() -> None:
    """A line plus a sine is separated, odd and even periods, with an outlier in the residual."""
    for period in (7, 24):
        t = np.arange(10 * period)
        season = 3 * np.sin(2 * np.pi * t / period)
        series = 5 + 0.1 * t + season
        trend, seasonal, residual = seasonal_decomposition(series, period)
        assert np.allclose(trend, 5 + 0.1 * t)
        assert np.allclose(seasonal, season)
        assert np.allclose(residual, 0, atol=1e-9)
        series[5 * period] += 20
        trend, seasonal, residual = seasonal_decomposition(series, period)
        assert np.argmax(np.abs(residual)) == 5 * period
        assert np.allclose(seasonal, season, atol=0.5)
        assert np.allclose(trend + seasonal + residual, series)

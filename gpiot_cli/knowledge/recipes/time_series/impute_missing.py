"""Fill missing sensor values: short gaps by interpolation, long ones by the daily profile.

Use it before methods that need complete series. Gaps up to `max_linear` values are bridged by a
straight line; longer ones get the median of their phase over all periods, shifted so that it meets
the values on both sides. Without a period (0), long gaps are interpolated too. Filled values are
marked, since no model should be judged on them.

topic: time series
modality: time series, temperature, humidity, power, air quality, light
keywords: missing data, imputation, gap filling, interpolation, NaN, seasonal profile, cleaning
source: S. Moritz and T. Bartz-Beielstein, 2017, "imputeTS: time series missing value imputation in R", The R Journal
"""

import numpy as np


def impute_missing(
    series: np.ndarray, period: int = 0, max_linear: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Complete series and where it was filled.

    Inputs:
        series (numpy.ndarray): values at a fixed interval, shape (n,); NaN or infinite if missing
        period (int): values per season, such as 24 for hourly data; 0 for none
        max_linear (int): longest gap in values that is bridged by a line
    Outputs:
        filled (numpy.ndarray): series without gaps, shape (n,)
        imputed (numpy.ndarray): True where a value was filled in, shape (n,)
    """
    x = np.atleast_1d(np.array(series, dtype=float).squeeze())
    missing = ~np.isfinite(x)
    if x.ndim != 1 or missing.all() or period < 0:
        raise ValueError("the series must be one-dimensional with at least one finite value")
    index = np.arange(x.size)
    filled = np.interp(index, index[~missing], x[~missing])
    if period < 2:
        return filled, missing
    profile = np.full(period, np.nan)
    for phase in range(period):
        known = x[phase::period][~missing[phase::period]]
        profile[phase] = np.median(known) if known.size else np.nan
    if np.isnan(profile).any():
        return filled, missing  # some phase was never seen: there is no profile to follow
    # Straight lines between the neighbours' distances from the profile join it to both sides.
    offset = np.where(missing, 0.0, x - profile[index % period])
    seasonal = profile[index % period] + np.interp(index, index[~missing], offset[~missing])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(int)))
    for begin, end in edges.reshape(-1, 2):
        if end - begin > max_linear:
            filled[begin:end] = seasonal[begin:end]
    return filled, missing


def check() -> None:
    """Short gaps follow the line, long ones the daily curve, and known values stay."""
    t = np.arange(24 * 14)
    truth = 20 + 5 * np.sin(2 * np.pi * t / 24) + 0.02 * t
    series = truth.copy()
    series[[50, 51, 100]] = np.nan
    series[150:180] = np.nan
    series[-10:] = np.nan
    filled, imputed = impute_missing(series, 24)
    assert np.array_equal(imputed, np.isnan(series))
    assert np.array_equal(filled[~imputed], truth[~imputed])
    assert np.max(np.abs(filled - truth)[150:180]) < 0.5
    assert np.max(np.abs(filled - truth)[-10:]) < 0.5
    assert np.isclose(filled[100], (truth[99] + truth[101]) / 2)
    assert np.max(np.abs(impute_missing(series)[0] - truth)[150:180]) > 3
    assert impute_missing(np.array([np.nan, 2, np.inf]))[0].tolist() == [2, 2, 2]

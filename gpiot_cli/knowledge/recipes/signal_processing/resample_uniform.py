"""Put irregularly timed samples on a uniform time grid by linear interpolation.

Use it for sensors that report on change, lose packets or jitter, before filters and spectra that
need a fixed rate. Samples are sorted, repeated times averaged, missing values dropped. Points in
gaps longer than `max_gap` become NaN instead of a made-up line. When `fs` is far below the
original rate, low-pass the data first.

topic: signal processing
modality: generic, time series, wifi csi, packet, temperature, humidity, power
keywords: resample, interpolation, uniform grid, irregular sampling, jitter, timestamps, gaps
source: R. G. Lyons, 2010, "Understanding Digital Signal Processing", 3rd ed., Prentice Hall, ch. 10
"""

import numpy as np


def resample_uniform(
    times: np.ndarray, values: np.ndarray, fs: float, max_gap: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate samples to a fixed rate.

    Inputs:
        times (numpy.ndarray): time of each sample in seconds, any order, shape (n,), n >= 2
        values (numpy.ndarray): samples, shape (n,); NaN marks a missing one
        fs (float): wanted sampling rate in Hz
        max_gap (float): longest gap in seconds to interpolate across
    Outputs:
        grid (numpy.ndarray): uniform times from the first to the last sample in seconds, shape (m,)
        resampled (numpy.ndarray): interpolated samples, NaN inside longer gaps, shape (m,)
    """
    t = np.asarray(times, dtype=float).ravel()
    x = np.asarray(values, dtype=float).ravel()
    if t.size != x.size or not fs > 0:
        raise ValueError("times and values must have the same length, and fs must be positive")
    good = np.isfinite(t) & np.isfinite(x)
    t, group = np.unique(t[good], return_inverse=True)
    if t.size < 2:
        raise ValueError("at least two samples at different times are needed")
    x = np.bincount(group, weights=x[good]) / np.bincount(group)
    # The tolerance keeps the last sample when the span is a whole number of periods.
    grid = t[0] + np.arange(int((t[-1] - t[0]) * fs + 1e-6) + 1) / fs
    resampled = np.interp(grid, t, x)
    right = np.clip(np.searchsorted(t, grid), 1, t.size - 1)
    in_gap = (t[right] - t[right - 1] > max_gap) & (grid > t[right - 1]) & (grid < t[right])
    return grid, np.where(in_gap, np.nan, resampled)


def check() -> None:
    """Jittered samples of a sine give the sine; a long gap stays empty."""
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 20, 4000))
    order = rng.permutation(t.size)
    grid, x = resample_uniform(t[order], np.sin(t)[order], 25.0)
    assert np.allclose(np.diff(grid), 0.04)
    assert np.max(np.abs(x - np.sin(grid))) < 0.001
    grid, x = resample_uniform([0, 1, 1, 2, 10], [0, 1, 3, 2, 2], 1.0, max_gap=5)
    assert np.array_equal(grid, np.arange(11))
    assert np.array_equal(x[:3], [0, 2, 2])
    assert np.isnan(x[3:10]).all()
    assert x[10] == 2

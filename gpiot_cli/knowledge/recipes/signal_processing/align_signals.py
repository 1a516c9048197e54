"""Find the time lag between two recordings of the same event by cross-correlation and undo it.

Use it to synchronise sensors without a common clock, or to measure a delay. Both signals are
centred and correlated by FFT; a parabola around the maximum gives a fraction of a sample. They
must share the sampling rate and enough structure; a periodic signal is ambiguous by whole
periods, so limit `max_lag_s` there.

topic: signal processing
modality: generic, time series, vibration
keywords: cross-correlation, alignment, synchronise, time delay estimation, lag, clock offset
source: C. H. Knapp and G. C. Carter, 1976, "The generalized correlation method for estimation of time delay", IEEE Trans. ASSP
"""

import numpy as np
from scipy.signal import correlate, correlation_lags


def align_signals(
    reference: np.ndarray, other: np.ndarray, fs: float, max_lag_s: float = np.inf
) -> tuple[float, np.ndarray]:
    """Delay of `other` behind `reference`, and `other` moved back by it.

    Inputs:
        reference (numpy.ndarray): first recording, shape (n,), n >= 4; NaN marks a gap
        other (numpy.ndarray): second recording, shape (m,), m >= 4; NaN marks a gap
        fs (float): common sampling rate in Hz
        max_lag_s (float): largest delay to consider, in seconds, either way
    Outputs:
        lag (float): delay in seconds, positive when `other` comes later
        aligned (numpy.ndarray): `other` at the times of `reference`, shape (n,); its edge values
            are held where it has no samples
    """
    x, y = _fill_gaps(reference), _fill_gaps(other)
    if not (fs > 0 and max_lag_s >= 0):
        raise ValueError("fs must be positive and max_lag_s not negative")
    correlation = correlate(y - y.mean(), x - x.mean(), method="fft")
    lags = correlation_lags(y.size, x.size)
    allowed = np.flatnonzero(np.abs(lags) <= max_lag_s * fs)
    k = int(allowed[np.argmax(correlation[allowed])])
    shift = float(lags[k])
    if 0 < k < lags.size - 1:
        left, mid, right = correlation[k - 1 : k + 2]
        curvature = left - 2 * mid + right
        if curvature < 0:
            shift += float(np.clip(0.5 * (left - right) / curvature, -0.5, 0.5))
    return shift / fs, np.interp(np.arange(x.size) + shift, np.arange(y.size), y)


def _fill_gaps(signal: np.ndarray) -> np.ndarray:
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 4:
        raise ValueError("a signal must be one-dimensional with at least 4 finite samples")
    return np.interp(np.arange(x.size), np.flatnonzero(good), x[good])


def check() -> None:
    """A delay that is not a whole number of samples is recovered with its sign."""
    fs = 50.0
    t = np.arange(0, 20, 1 / fs)
    events = ((3, 0.1), (7.7, 0.3), (15, 0.2))

    def record(delay: float) -> np.ndarray:
        return 5 + sum(np.exp(-0.5 * ((t - delay - c) / w) ** 2) for c, w in events)

    for delay in (0.513, -1.207):
        lag, aligned = align_signals(record(0), record(delay), fs)
        assert abs(lag - delay) < 0.003
        assert np.max(np.abs(aligned - record(0))[80:-80]) < 0.01
    assert abs(align_signals(record(0), record(3.0), fs, max_lag_s=0.5)[0]) <= 0.51
    assert np.isfinite(align_signals(np.full(9, 2), np.full(9, 2), 1.0)[0])

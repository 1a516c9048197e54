"""Follow the strength of an oscillating signal by its moving root-mean-square envelope.

Use it to see when a machine runs, a muscle contracts or sound is loud. The mean is removed first,
then the squares are averaged in a centred window that shrinks at the edges. The window should
cover a few periods of the oscillation. Gaps (NaN) are left out of the average.

topic: signal processing
modality: generic, vibration, power, time series
keywords: rms, envelope, moving average, amplitude, energy, activity level, loudness, burst
source: J. S. Bendat and A. G. Piersol, 2010, "Random Data: Analysis and Measurement Procedures", 4th ed., Wiley
"""

import numpy as np


def rms_envelope(signal: np.ndarray, fs: float, window_s: float = 0.25) -> np.ndarray:
    """Moving RMS of a signal around its mean.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 2; NaN marks a gap
        fs (float): sampling rate in Hz
        window_s (float): length of the window in seconds
    Outputs:
        envelope (numpy.ndarray): RMS around each sample, same units, shape (n,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 2:
        raise ValueError("the signal must be one-dimensional with at least 2 finite samples")
    if not (fs > 0 and window_s > 0):
        raise ValueError("fs and window_s must be positive")
    squares = np.where(good, (x - x[good].mean()) ** 2, 0.0)
    half = max(round(window_s * fs) // 2, 1)
    first = np.maximum(np.arange(x.size) - half, 0)
    last = np.minimum(np.arange(x.size) + half + 1, x.size)
    total = np.concatenate([[0.0], np.cumsum(squares)])
    count = np.concatenate([[0], np.cumsum(good)])
    number = count[last] - count[first]
    # Rounding can leave a tiny negative difference of the cumulative sums.
    power = np.maximum(total[last] - total[first], 0.0) / np.maximum(number, 1)
    filled = number > 0
    return np.interp(np.arange(x.size), np.flatnonzero(filled), np.sqrt(power[filled]))


def check() -> None:
    """A sine of amplitude a has RMS a / sqrt(2); a burst shows where it is."""
    t = np.arange(0, 10, 0.001)
    sine = np.sin(2 * np.pi * 20 * t)
    assert np.allclose(rms_envelope(5 + 3 * sine, 1000.0, 0.5), 3 / np.sqrt(2), rtol=0.03)
    burst = np.where((t > 4) & (t < 6), sine, 0.0)
    burst[7000:7500] = np.nan
    envelope = rms_envelope(burst, 1000.0, 0.2)
    assert envelope[4500:5500].min() > 0.68
    assert envelope[:3500].max() < 0.01
    assert np.isfinite(envelope).all()
    assert np.all(rms_envelope(np.full(9, 4), 1.0) == 0)

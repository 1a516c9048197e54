"""Remove everything above a cut-off frequency with a zero-phase Butterworth low-pass filter.

Use it to smooth a sensor signal or before lowering the sampling rate. The filter runs forwards
and backwards, so events are not delayed. Gaps (NaN) are interpolated first. It needs the
whole recording, so it is not for streaming.

topic: signal processing
modality: generic, time series, temperature, light, power
keywords: lowpass, low-pass, butterworth, filter, smoothing, anti-aliasing, zero phase, noise
source: S. Butterworth, 1930, "On the theory of filter amplifiers", Experimental Wireless
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt


def lowpass_filter(signal: np.ndarray, fs: float, cutoff: float, order: int = 4) -> np.ndarray:
    """Filter a signal to the frequencies below `cutoff`.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 8; NaN marks a gap
        fs (float): sampling rate in Hz
        cutoff (float): cut-off (-6 dB after both passes) in Hz; from fs / 2 on the signal is not
            filtered
        order (int): order of each pass
    Outputs:
        filtered (numpy.ndarray): low-passed signal, shape (n,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 8:
        raise ValueError("the signal must be one-dimensional with at least 8 finite samples")
    if not (fs > 0 and cutoff > 0):
        raise ValueError("fs and cutoff must be positive")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    if cutoff >= fs / 2:
        return x
    sos = butter(order, cutoff, btype="lowpass", fs=fs, output="sos")
    return sosfiltfilt(sos, x, padlen=min(x.size - 1, int(3 * fs / cutoff)))


def check() -> None:
    """A slow tone and the offset stay, a fast tone vanishes."""
    t = np.arange(0, 10, 0.01)
    slow = 20 + np.sin(2 * np.pi * 1 * t)
    noisy = slow + np.sin(2 * np.pi * 30 * t)
    assert np.max(np.abs(lowpass_filter(noisy, 100.0, 5.0) - slow)[100:-100]) < 0.02
    noisy[500:503] = np.nan
    assert np.max(np.abs(lowpass_filter(noisy, 100.0, 5.0) - slow)[100:-100]) < 0.3
    assert np.allclose(lowpass_filter(np.full(20, 3), 1.0, 0.1), 3.0)
    assert np.array_equal(lowpass_filter(slow, 100.0, 50.0), slow)

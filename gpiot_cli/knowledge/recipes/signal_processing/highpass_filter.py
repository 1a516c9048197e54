"""Remove slow drift with a zero-phase Butterworth high-pass filter.

Use it against baseline wander, gravity in an accelerometer axis, or a sensor's offset and thermal
drift. The filter runs forwards and backwards, so events are not delayed. Gaps (NaN) are
interpolated first. The recording should last several periods of the cut-off.

topic: signal processing
modality: generic, time series, vibration, radar
keywords: highpass, high-pass, butterworth, detrend, drift, baseline wander, offset, gravity
source: S. Butterworth, 1930, "On the theory of filter amplifiers", Experimental Wireless
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt


def highpass_filter(signal: np.ndarray, fs: float, cutoff: float, order: int = 4) -> np.ndarray:
    """Filter a signal to the frequencies above `cutoff`.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 8; NaN marks a gap
        fs (float): sampling rate in Hz
        cutoff (float): cut-off (-6 dB after both passes) in Hz, between 0 and fs / 2
        order (int): order of each pass
    Outputs:
        filtered (numpy.ndarray): high-passed signal around 0, shape (n,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 8:
        raise ValueError("the signal must be one-dimensional with at least 8 finite samples")
    if not 0 < cutoff < fs / 2:
        raise ValueError(f"cutoff must lie between 0 and fs/2 = {fs / 2} Hz, got {cutoff}")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    sos = butter(order, cutoff, btype="highpass", fs=fs, output="sos")
    return sosfiltfilt(sos, x, padlen=min(x.size - 1, int(3 * fs / cutoff)))


def check() -> None:
    """Drift and offset vanish, a fast tone stays."""
    t = np.arange(0, 60, 0.02)
    tone = np.sin(2 * np.pi * 3 * t)
    drifting = tone + 9.81 + 0.1 * t + 2 * np.sin(2 * np.pi * 0.05 * t)
    assert np.max(np.abs(highpass_filter(drifting, 50.0, 0.5) - tone)[250:-250]) < 0.05
    assert np.allclose(highpass_filter(np.full(30, 5), 50.0, 0.5), 0.0, atol=1e-6)

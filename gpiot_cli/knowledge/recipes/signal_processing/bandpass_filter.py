"""Keep one frequency band of a signal with a zero-phase Butterworth band-pass filter.

Use it before looking for a rhythm (breathing, heart, steps, machine) in a sampled signal. The
filter runs forwards and backwards, so peaks stay where they are; the effective order is twice
`order`. Gaps (NaN) are interpolated first. It needs the whole recording, so it is not for streaming.

topic: signal processing
modality: generic, time series, vibration, radar, wifi csi
keywords: bandpass, butterworth, filter, zero phase, sosfiltfilt, noise removal, baseline drift
source: S. Butterworth, 1930, "On the theory of filter amplifiers", Experimental Wireless; F. Gustafsson, 1996, "Determining the initial states in forward-backward filtering", IEEE Trans. Signal Processing
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt


def bandpass_filter(
    signal: np.ndarray, fs: float, low: float, high: float, order: int = 4
) -> np.ndarray:
    """Filter a signal to the band between `low` and `high`.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 8; NaN marks a gap
        fs (float): sampling rate in Hz
        low (float): lower cut-off (-6 dB after both passes) in Hz, above 0
        high (float): upper cut-off in Hz; lowered to 0.99 of half the sampling rate if above it
        order (int): order of each pass
    Outputs:
        filtered (numpy.ndarray): band-passed signal, shape (n,)
    """
    x = _fill_gaps(signal)
    high = min(high, 0.99 * fs / 2)
    if not 0 < low < high:
        raise ValueError(f"the band must satisfy 0 < low < high, got {low} to {high} Hz at {fs} Hz")
    sos = butter(order, [low, high], btype="bandpass", fs=fs, output="sos")
    # Mirrored padding of three periods of the lowest frequency keeps the edges free of transients.
    return sosfiltfilt(sos, x, padlen=min(x.size - 1, int(3 * fs / low)))


def _fill_gaps(signal: np.ndarray) -> np.ndarray:
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 8:
        raise ValueError("the signal must be one-dimensional with at least 8 finite samples")
    return np.interp(np.arange(x.size), np.flatnonzero(good), x[good])


def check() -> None:
    """A tone inside the band survives in place, tones outside and the offset vanish."""
    fs = 100.0
    t = np.arange(0, 20, 1 / fs)
    inside = np.sin(2 * np.pi * 5 * t)
    mixed = inside + 3 + np.sin(2 * np.pi * 0.2 * t) + np.sin(2 * np.pi * 40 * t)
    mixed[500] = np.nan
    filtered = bandpass_filter(mixed, fs, 2.0, 10.0)
    assert np.max(np.abs(filtered - inside)[200:-200]) < 0.05
    assert np.allclose(bandpass_filter(np.full(50, 7), 10.0, 0.5, 50.0), 0.0, atol=1e-6)

"""Remove mains hum, a single frequency, with a zero-phase second-order notch filter.

Use it for the 50 or 60 Hz hum in sensor leads; call it again for each harmonic. The notch is
`frequency / quality` Hz wide and leaves the rest of the spectrum as it is. Gaps (NaN) are
interpolated first. A sampling rate too low for the hum leaves it as it is.

topic: signal processing
modality: generic, vibration, power, time series
keywords: notch, band-stop, powerline, mains hum, 50 Hz, 60 Hz, interference, iirnotch
source: S. J. Orfanidis, 1996, "Introduction to Signal Processing", Prentice Hall, section 11.3
"""

import numpy as np
from scipy.signal import filtfilt, iirnotch


def notch_filter(
    signal: np.ndarray, fs: float, frequency: float = 50.0, quality: float = 30.0
) -> np.ndarray:
    """Filter one frequency out of a signal.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 8; NaN marks a gap
        fs (float): sampling rate in Hz
        frequency (float): frequency to remove in Hz; from fs / 2 on the signal is not filtered
        quality (float): frequency divided by the width of the notch
    Outputs:
        filtered (numpy.ndarray): signal without that frequency, shape (n,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 8:
        raise ValueError("the signal must be one-dimensional with at least 8 finite samples")
    if not (fs > 0 and frequency > 0 and quality > 0):
        raise ValueError("fs, frequency and quality must be positive")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    if frequency >= fs / 2:
        return x
    b, a = iirnotch(frequency, quality, fs=fs)
    # The notch rings for about quality / frequency seconds; padding moves that off the data.
    return filtfilt(b, a, x, padlen=min(x.size - 1, int(quality * fs / frequency)))


def check() -> None:
    """Hum vanishes, a nearby tone and the offset stay."""
    fs = 500.0
    t = np.arange(0, 4, 1 / fs)
    clean = 2 + np.sin(2 * np.pi * 10 * t) + 0.5 * np.sin(2 * np.pi * 60 * t)
    filtered = notch_filter(clean + np.sin(2 * np.pi * 50 * t), fs)
    assert np.max(np.abs(filtered - clean)[500:-500]) < 0.03
    assert np.allclose(notch_filter(np.full(20, 4), 200.0), 4.0)
    assert np.array_equal(notch_filter(clean, 100.0), clean)

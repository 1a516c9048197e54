"""Remove power-line hum at 50 or 60 Hz and its harmonics with zero-phase notch filters.

For ECG, EEG, EMG or any slow sensor recorded near mains wiring. Each harmonic below the Nyquist
frequency gets a second-order notch of quality 30, run forwards and backwards so that nothing is
delayed. The filter rings for about half a second at the ends and around sharp steps.

topic: biosignals
modality: ecg, eeg, emg, generic
keywords: power line interference, mains hum, notch filter, 50 Hz, 60 Hz, denoise
source: S. J. Orfanidis, 1996, Introduction to Signal Processing, ch. 11 (the iirnotch design)
"""

import numpy as np
from scipy.signal import filtfilt, iirnotch


def powerline_notch(signal: np.ndarray, fs: float, mains: float = 50.0) -> np.ndarray:
    """Return the signal without the mains frequency and its harmonics.

    Inputs:
        signal (numpy.ndarray): one channel, shape (n,)
        fs (float): sampling rate in Hz
        mains (float): mains frequency in Hz, 50 or 60
    Outputs:
        filtered (numpy.ndarray): the signal without hum, same unit, shape (n,)
    """
    x = _clean(signal, fs, 1)
    if not 0 < mains < fs / 2:
        raise ValueError("The mains frequency must lie below half the sampling rate.")
    for frequency in np.arange(mains, 0.49 * fs, mains):
        b, a = iirnotch(frequency, 30, fs)
        x = filtfilt(b, a, x, padlen=min(x.size - 1, round(fs)))
    return x


def _clean(signal: np.ndarray, fs: float, seconds: float) -> np.ndarray:
    """Copy one channel as float with its gaps interpolated; raises ValueError if unusable."""
    x = np.array(signal, dtype=float).squeeze()
    if not fs > 0 or x.ndim != 1 or x.size < max(seconds * fs, 2):
        raise ValueError(f"Need one channel of at least {seconds:g} s and its sampling rate.")
    gap = ~np.isfinite(x)
    if gap.all():
        raise ValueError("The signal holds no finite sample.")
    x[gap] = np.interp(np.flatnonzero(gap), np.flatnonzero(~gap), x[~gap])
    return x


def check() -> None:
    """Takes 40 dB off 50 and 150 Hz and leaves 10 Hz alone."""
    fs = 500
    t = np.arange(0, 10, 1 / fs)
    wanted = np.sin(2 * np.pi * 10 * t)
    hum = 2 * np.sin(2 * np.pi * 50 * t) + np.sin(2 * np.pi * 150 * t + 1)
    error = (powerline_notch(wanted + hum, fs) - wanted)[2 * fs : -2 * fs]
    assert np.std(error) < 0.01 * np.std(hum)

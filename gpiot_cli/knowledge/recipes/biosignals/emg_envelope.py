"""Compute the linear envelope of a surface EMG: band-pass, rectify, low-pass.

The usual measure of how strongly a muscle contracts over time, for gestures, prostheses and gait.
The EMG is limited to 20-450 Hz (or below half the sampling rate), rectified and smoothed with a 6 Hz
zero-phase low-pass. Compare muscles or days only after dividing by a maximal contraction.

topic: biosignals
modality: emg
keywords: electromyography, muscle activation, rectify, linear envelope, gesture, prosthesis
source: D. A. Winter, 2009, Biomechanics and Motor Control of Human Movement, 4th ed., Wiley
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt


def emg_envelope(emg: np.ndarray, fs: float, cutoff: float = 6.0) -> np.ndarray:
    """Return the linear envelope.

    Inputs:
        emg (numpy.ndarray): raw surface EMG, shape (n,)
        fs (float): sampling rate in Hz, at least 100
        cutoff (float): cut-off frequency of the smoothing in Hz
    Outputs:
        envelope (numpy.ndarray): mean rectified amplitude, unit of the input, never negative, (n,)
    """
    x = _clean(emg, fs, 0.5)
    if fs < 100 or not 0 < cutoff < 20:
        raise ValueError("Need a sampling rate of at least 100 Hz and a cut-off below 20 Hz.")
    band = butter(2, [20, min(450, 0.45 * fs)], "bandpass", fs=fs, output="sos")
    rectified = np.abs(sosfiltfilt(band, x - x[0]))
    smooth: np.ndarray = sosfiltfilt(butter(2, cutoff, fs=fs, output="sos"), rectified)
    return smooth.clip(min=0)


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
    """A 97.3 Hz burst of amplitude 1 has an envelope of 2 / pi, and an offset has none."""
    fs = 1000
    t = np.arange(0, 4, 1 / fs)
    burst = (t > 1) & (t < 3)
    envelope = emg_envelope(burst * np.sin(2 * np.pi * 97.3 * t) + 5, fs)
    assert abs(envelope[(t > 1.3) & (t < 2.7)].mean() - 2 / np.pi) < 0.01
    assert envelope[(t < 0.7) | (t > 3.3)].max() < 0.02

"""Derive breathing from an ECG: the height of the R-peaks follows the chest.

Breathing turns the heart's axis and changes the chest's impedance, so R-peak heights rise and fall
with it. They are measured against the baseline before each QRS, interpolated at 4 Hz and limited to
0.1-0.5 Hz; the rate is the strongest line of the spectrum. Needs a heart rate above twice the
breathing rate and a regular rhythm; ectopic beats are left out.

topic: biosignals
modality: ecg, respiration
keywords: EDR, breathing rate from ECG, respiration, R-peak amplitude modulation
source: G. B. Moody et al., 1985, Derivation of respiratory signals from multi-lead ECGs, Computers in
    Cardiology
"""

import numpy as np
from scipy.signal import butter, periodogram, sosfiltfilt


def ecg_derived_respiration(
    ecg: np.ndarray, r_peaks: np.ndarray, fs: float
) -> tuple[np.ndarray, float]:
    """Return the respiration curve and the breathing rate.

    Inputs:
        ecg (numpy.ndarray): ECG, shape (n,)
        r_peaks (numpy.ndarray): R-peak positions in samples, shape (k,), spanning at least 20 s
        fs (float): sampling rate in Hz
    Outputs:
        respiration (numpy.ndarray): curve at 4 Hz from the first to the last beat, spread 1, (m,)
        rate (float): breaths per minute; 0 when the R-peaks do not change
    """
    x = _clean(ecg, fs, 20)
    beats = np.unique(np.asarray(r_peaks)[np.isfinite(r_peaks)]).astype(int)
    beats = beats[(beats >= 0) & (beats < x.size)]
    if beats.size < 15 or np.ptp(beats) < 20 * fs:
        raise ValueError("Need the R-peaks of at least 20 s.")
    before = np.clip(beats[:, None] - np.arange(round(0.06 * fs), round(0.1 * fs) + 1), 0, None)
    height = x[beats] - np.median(x[before], axis=1)
    middle = np.median(height)
    spread = 1.4826 * np.median(np.abs(height - middle))
    normal = np.abs(height - middle) <= 4 * spread
    grid = np.arange(beats[0] / fs, beats[-1] / fs, 0.25)
    curve = np.interp(grid, beats[normal] / fs, height[normal])
    band = butter(2, [0.1, 0.5], "bandpass", fs=4, output="sos")
    curve = sosfiltfilt(band, curve - curve.mean(), padlen=min(grid.size - 1, 40))
    if curve.std() <= 1e-9 * max(abs(float(middle)), 1e-300):
        return np.zeros(grid.size), 0.0
    f, power = periodogram(curve, 4, window="hann", nfft=max(4096, grid.size))
    return curve / curve.std(), float(60 * f[power.argmax()])


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
    """Recovers 15 breaths per minute from a 10 % modulation of the R-peaks."""
    fs = 250
    t = np.arange(0, 60, 1 / fs)
    times = np.arange(0.5, 59.5, 0.83)
    ecg = 0.3 * np.sin(2 * np.pi * 0.05 * t) + np.random.default_rng(0).normal(0, 0.01, t.size)
    for at in times:
        size = 1 + 0.1 * np.sin(2 * np.pi * 0.25 * at)
        ecg += size * np.exp(-((t - at) ** 2) / (2 * 0.012**2))
    curve, rate = ecg_derived_respiration(ecg, np.round(times * fs), fs)
    assert abs(rate - 15) < 0.5
    expected = np.sin(2 * np.pi * 0.25 * (0.5 + 0.25 * np.arange(curve.size)))
    assert np.corrcoef(curve, expected)[0, 1] > 0.9

"""Remove baseline wander from an ECG with two median filters.

A 200 ms median removes QRS complexes and P-waves, a 600 ms median of the result removes T-waves;
what is left is the baseline, which is subtracted. Unlike a high-pass filter it does not distort
the ST segment. Beats broader than 300 ms leak into the baseline.

topic: biosignals
modality: ecg
keywords: baseline wander, drift, median filter, detrend, preprocessing
source: P. de Chazal, M. O'Dwyer, R. B. Reilly, 2004, Automatic Classification of Heartbeats Using
    ECG Morphology and Heartbeat Interval Features, IEEE Trans. Biomed. Eng.
"""

import numpy as np
from scipy.ndimage import median_filter


def ecg_baseline_removal(ecg: np.ndarray, fs: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ECG without its baseline, and the baseline.

    Inputs:
        ecg (numpy.ndarray): raw ECG in any linear unit, shape (n,)
        fs (float): sampling rate in Hz
    Outputs:
        corrected (numpy.ndarray): ECG around zero, in the unit of the input, shape (n,)
        baseline (numpy.ndarray): what was subtracted, in the same unit, shape (n,)
    """
    x = _clean(ecg, fs, 0.6)
    without_qrs = median_filter(x, _odd(0.2 * fs), mode="nearest")
    baseline = median_filter(without_qrs, _odd(0.6 * fs), mode="nearest")
    return x - baseline, baseline


def _odd(samples: float) -> int:
    """Round to the nearest odd window length, so that the filter is centred."""
    return 2 * int(samples // 2) + 1


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
    """Recovers a drift of 0.5 mV to within 0.05 mV and leaves the R-peaks as high as they were."""
    fs = 250
    t = np.arange(0, 20, 1 / fs)
    beats = sum(np.exp(-((t - at) ** 2) / (2 * 0.012**2)) for at in np.arange(0.5, 20, 0.8))
    drift = 0.5 * np.sin(2 * np.pi * 0.2 * t)
    corrected, baseline = ecg_baseline_removal(beats + drift, fs)
    middle = slice(fs, -fs)
    assert np.abs(baseline - drift)[middle].max() < 0.05
    assert abs(corrected[middle].max() - 1) < 0.05

"""Compare every heartbeat with the record's typical beat by correlation.

The template is the median of all beats from 250 ms before to 400 ms after the R-peak; a beat's
correlation with it is near 1 for normal beats, lower for ectopic beats and artefacts. A mean
correlation above 0.66 is a published mark of a usable ECG. Works for PPG pulses too.

topic: biosignals
modality: ecg, ppg
keywords: template matching, beat morphology, PVC, ectopic beat, signal quality, correlation
source: C. Orphanidou et al., 2015, Signal-quality indices for the electrocardiogram and
    photoplethysmogram, IEEE Journal of Biomedical and Health Informatics
"""

import numpy as np


def qrs_template_correlation(
    ecg: np.ndarray, r_peaks: np.ndarray, fs: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return each beat's correlation with the template, and the template.

    Inputs:
        ecg (numpy.ndarray): ECG, shape (n,)
        r_peaks (numpy.ndarray): R-peak positions in samples, shape (k,), at least 3
        fs (float): sampling rate in Hz
    Outputs:
        correlations (numpy.ndarray): Pearson correlation of each beat, -1 to 1, shape (k,)
        template (numpy.ndarray): median beat, 0.65 s long, mean zero, shape (m,)
    """
    x = _clean(ecg, fs, 1)
    peaks = np.asarray(r_peaks, dtype=float)
    if peaks.size < 3 or not np.isfinite(peaks).all():
        raise ValueError("Need the positions of at least three beats.")
    window = np.arange(-round(0.25 * fs), round(0.4 * fs) + 1)
    # beats that reach over an end of the recording see its last value repeated
    beats = x[np.clip(np.round(peaks).astype(int)[:, None] + window, 0, x.size - 1)]
    beats = beats - beats.mean(axis=1, keepdims=True)
    template = np.median(beats, axis=0)
    template -= template.mean()
    norms = np.linalg.norm(beats, axis=1) * np.linalg.norm(template)
    return np.clip(beats @ template / np.maximum(norms, 1e-300), -1, 1), template


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
    """Normal beats correlate above 0.95, two wide inverted beats below 0.3."""
    fs = 300
    t = np.arange(0, 25, 1 / fs)
    times = np.arange(0.6, 24.5, 0.8)
    ecg = np.random.default_rng(0).normal(0, 0.02, t.size)
    for k, at in enumerate(times):
        if k in (7, 20):
            ecg -= 1.5 * np.exp(-((t - at) ** 2) / (2 * 0.05**2))
        else:
            ecg += np.exp(-((t - at) ** 2) / (2 * 0.012**2))
            ecg += 0.25 * np.exp(-((t - at - 0.25) ** 2) / (2 * 0.04**2))
    correlations, template = qrs_template_correlation(ecg, np.round(times * fs), fs)
    odd = np.isin(np.arange(times.size), (7, 20))
    assert correlations[~odd].min() > 0.95
    assert correlations[odd].max() < 0.3
    assert template.argmax() == round(0.25 * fs)

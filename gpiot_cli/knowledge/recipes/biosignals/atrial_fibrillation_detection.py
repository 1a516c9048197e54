"""Detect atrial fibrillation from the irregularity of heartbeats by the coefficient of entropy.

In atrial fibrillation successive intervals are unpredictable. Sample entropy (m = 1) of stretches of
30 intervals, corrected for the tolerance used and for the heart rate, gives the coefficient COSEn;
above -1.4 the rhythm is called fibrillation. Frequent ectopic beats and sinus arrhythmia can exceed
it. For screening only; the P-wave decides.

topic: biosignals
modality: ecg, ppg
keywords: AF, atrial fibrillation, arrhythmia, irregular rhythm, sample entropy, COSEn, RR intervals
source: D. E. Lake, J. R. Moorman, 2011, Accurate estimation of entropy in very short physiological
    time series, American Journal of Physiology - Heart and Circulatory Physiology
"""

import numpy as np


def atrial_fibrillation_detection(
    r_peaks: np.ndarray, fs: float, length: int = 30
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the entropy of each stretch, the verdict and the share in fibrillation.

    Inputs:
        r_peaks (numpy.ndarray): beat positions in samples, shape (k,), at least length + 1
        fs (float): sampling rate in Hz
        length (int): intervals per stretch, 12 or more
    Outputs:
        entropy (numpy.ndarray): COSEn of each stretch, shape (m,)
        fibrillation (numpy.ndarray): bool, COSEn above -1.4, shape (m,)
        burden (float): share of stretches in fibrillation, 0 to 1
    """
    beats = np.unique(np.asarray(r_peaks, dtype=float)[np.isfinite(r_peaks)])
    if not fs > 0 or length < 12 or beats.size < length + 1:
        raise ValueError("Need the sampling rate and more beats than the length (12 or more).")
    rr = np.diff(beats) / fs
    count = rr.size // length
    entropy = np.array([_coefficient(part) for part in np.array_split(rr, count)])
    fibrillation = entropy > -1.4
    return entropy, fibrillation, float(fibrillation.mean())


def _coefficient(rr: np.ndarray) -> float:
    """COSEn: the tolerance grows from 30 ms until five pairs of pairs match, as in the source."""
    gaps = np.abs(rr[:, None] - rr[None, :])
    gaps[np.diag_indices_from(gaps)] = np.inf
    single = gaps[:-1, :-1]  # templates of one interval that have a successor
    double = np.maximum(single, gaps[1:, 1:])
    tolerance = max(0.030, float(np.sort(double, axis=None)[2 * 5 - 1]))
    matches, longer = np.sum(single <= tolerance), np.sum(double <= tolerance)
    return float(np.log(matches / longer) + np.log(2 * tolerance) - np.log(rr.mean()))


def check() -> None:
    """Tells random intervals from regular and from respiration-modulated ones."""
    rng = np.random.default_rng(0)
    steady = 0.8 + 0.04 * np.sin(2 * np.pi * np.arange(300) / 5) + rng.normal(0, 0.01, 300)
    fibrillating = rng.uniform(0.4, 1.1, 300)
    beats = 360 * np.cumsum(np.concatenate([[0.0], steady, fibrillating]))
    entropy, verdict, burden = atrial_fibrillation_detection(beats, 360)
    assert not verdict[:10].any()
    assert verdict[10:].all()
    assert entropy.size == 20
    assert burden == 0.5

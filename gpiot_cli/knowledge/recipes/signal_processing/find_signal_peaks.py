"""Find the main peaks of a rhythmic signal with a prominence threshold that adapts to the data.

Use it to count beats, breaths, steps or pulses without knowing the signal's scale. Local maxima
at least `min_distance_s` apart are collected, and those whose prominence reaches a fraction of a
large peak's (the 90th percentile) are kept. It assumes that the wanted peaks have similar height;
band-pass the signal first. Gaps (NaN) are interpolated.

topic: signal processing
modality: generic, time series, vibration, radar, wifi csi
keywords: peak detection, find peaks, prominence, adaptive threshold, event counting, beats
source: P. Virtanen et al., 2020, "SciPy 1.0", Nature Methods (find_peaks, peak_prominences)
"""

import numpy as np
from scipy.signal import find_peaks


def find_signal_peaks(
    signal: np.ndarray, fs: float, min_distance_s: float = 0.3, fraction: float = 0.4
) -> tuple[np.ndarray, np.ndarray]:
    """Positions and prominences of the main peaks.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 3; NaN marks a gap
        fs (float): sampling rate in Hz
        min_distance_s (float): shortest time between two peaks in seconds
        fraction (float): share of a large peak's prominence that a peak must reach, 0 to 1
    Outputs:
        peaks (numpy.ndarray): rising sample indices of the peaks, shape (m,), m may be 0
        prominences (numpy.ndarray): height over the surroundings, shape (m,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 3:
        raise ValueError("the signal must be one-dimensional with at least 3 finite samples")
    if not fs > 0:
        raise ValueError("fs must be positive")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    peaks, found = find_peaks(x, distance=max(min_distance_s * fs, 1), prominence=0)
    prominences = found["prominences"]
    if peaks.size == 0:
        return peaks, prominences
    keep = prominences >= fraction * np.percentile(prominences, 90)
    return peaks[keep], prominences[keep]


def check() -> None:
    """Pulses in noise are all found where they are, whatever their scale."""
    fs = 100.0
    t = np.arange(0, 30, 1 / fs)
    true = np.arange(0.5, 29.9, 0.8)
    pulses = sum(np.exp(-0.5 * ((t - c) / 0.04) ** 2) for c in true)
    noisy = pulses + np.random.default_rng(0).normal(0, 0.04, t.size)
    for scale in (1e-6, 1.0, 1e6):
        peaks, prominences = find_signal_peaks(scale * noisy, fs)
        assert peaks.size == true.size
        assert np.max(np.abs(t[peaks] - true)) < 0.05
        assert np.all(prominences > 0.5 * scale)
    assert find_signal_peaks(np.full(50, 3), 10.0)[0].size == 0

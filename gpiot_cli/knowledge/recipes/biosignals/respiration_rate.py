"""Count breaths in a respiration signal (chest belt, impedance, airflow) and give the rate.

The signal is limited to 0.1-0.5 Hz; breaths are the maxima that exceed a fifth of the upper quartile
of maxima and have exactly one minimum, below zero, between them. The threshold drops the small
waves of heartbeat and motion. Rates below 6 or above 30 per minute are outside the band.

topic: biosignals
modality: respiration
keywords: breathing rate, breaths per minute, chest belt, respiratory cycle, apnea, inhale
source: A. Schäfer, K. W. Kratky, 2008, Estimation of breathing rate from respiratory sinus
    arrhythmia: comparison of various methods, Annals of Biomedical Engineering (count-orig)
"""

import itertools

import numpy as np
from scipy.signal import butter, find_peaks, sosfiltfilt


def respiration_rate(respiration: np.ndarray, fs: float) -> tuple[float, np.ndarray]:
    """Return the mean breathing rate and the breaths.

    Inputs:
        respiration (numpy.ndarray): respiration signal in any unit, shape (n,), at least 20 s
        fs (float): sampling rate in Hz, at least 2
    Outputs:
        rate (float): breaths per minute; 0 when no whole breath was found
        breaths (numpy.ndarray): positions of the maxima in samples, shape (k,)
    """
    x = _clean(respiration, fs, 20)
    if fs < 2:
        raise ValueError("The sampling rate must be at least 2 Hz.")
    band = butter(2, [0.1, 0.5], "bandpass", fs=fs, output="sos")
    y = sosfiltfilt(band, x - x.mean(), padlen=min(x.size - 1, round(10 * fs)))
    maxima, _ = find_peaks(y, height=1e-9 * max(float(np.ptp(x)), 1e-300))
    minima, _ = find_peaks(-y)
    if maxima.size == 0:
        return 0.0, maxima
    breaths = maxima[y[maxima] > 0.2 * np.percentile(y[maxima], 75)]
    lengths = []
    for start, end in itertools.pairwise(breaths):
        between = minima[(minima > start) & (minima < end)]
        if between.size == 1 and y[between[0]] < 0:
            lengths.append(end - start)
    return (60 * fs / float(np.mean(lengths)) if lengths else 0.0), breaths


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
    """Recovers 9 and 22 breaths per minute within 0.5 under heartbeat, drift and noise."""
    rng = np.random.default_rng(0)
    for fs, rate in ((5, 9), (100, 22)):
        t = np.arange(0, 90, 1 / fs)
        signal = np.sin(2 * np.pi * rate / 60 * t) + 0.2 * np.sin(2 * np.pi * 1.2 * t)
        signal += 0.02 * t + 0.2 * rng.standard_normal(t.size)
        found, breaths = respiration_rate(1000 * signal, fs)
        assert abs(found - rate) < 0.5
        assert abs(breaths.size - 1.5 * rate) <= 1.5
    assert respiration_rate(np.ones(500), 10)[0] == 0

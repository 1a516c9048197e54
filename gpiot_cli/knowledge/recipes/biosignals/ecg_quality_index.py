"""Judge whether an ECG stretch is good enough to analyse, from four signal quality indices.

A clean ECG is peaked (kurtosis above 5), holds half to four fifths of its 5-40 Hz power in the QRS
band 5-15 Hz, has little baseline power, and is not flat. Use it on stretches of about 10 s and
drop the bad ones before detecting beats. Very fast or paced rhythms can fail the kurtosis rule.

topic: biosignals
modality: ecg
keywords: signal quality, SQI, artefact, noise, kurtosis, lead off, flat line
source: Q. Li, R. G. Mark, G. D. Clifford, 2008, Robust heart rate estimation from multiple
    asynchronous noisy sources, Physiological Measurement; Z. Zhao, Y. Zhang, 2018, SQI Quality
    Evaluation Mechanism of Single-Lead ECG Signal, Frontiers in Physiology (the limits)
"""

import numpy as np
from scipy.signal import welch
from scipy.stats import kurtosis


def ecg_quality_index(ecg: np.ndarray, fs: float) -> tuple[dict[str, float], bool]:
    """Return the quality indices of one stretch and the verdict.

    Inputs:
        ecg (numpy.ndarray): raw ECG in any linear unit, shape (n,), best 10 s
        fs (float): sampling rate in Hz, at least 80
    Outputs:
        indices (dict): kurtosis, qrs_power (5-15 Hz over 5-40 Hz), baseline (1 - power below 1 Hz
            over power below 40 Hz) and flat (share of samples equal to the one before)
        good (bool): True when at most one index is out of its range and the line is not flat
    """
    x = _clean(ecg, fs, 5)
    if fs < 80:
        raise ValueError("The sampling rate must be at least 80 Hz.")
    flat = float(np.mean(np.diff(x) == 0))
    if np.ptp(x) == 0:
        return {"kurtosis": 0.0, "qrs_power": 0.0, "baseline": 0.0, "flat": 1.0}, False
    f, power = welch(x - x.mean(), fs, nperseg=min(x.size, round(5 * fs)), detrend=False)

    def band(low: float, high: float) -> float:
        return float(power[(f >= low) & (f < high)].sum()) + 1e-300

    indices = {
        "kurtosis": float(kurtosis(x, fisher=False)),
        "qrs_power": band(5, 15) / band(5, 40),
        "baseline": 1 - band(0, 1) / band(0, 40),
        "flat": flat,
    }
    passed = [
        indices["kurtosis"] > 5,
        0.5 <= indices["qrs_power"] <= 0.8,
        indices["baseline"] >= 0.95,
    ]
    return indices, bool(sum(passed) >= 2 and flat < 0.5)


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
    """Accepts a clean ECG; refuses noise, heavy wander and a flat line."""
    fs = 250
    rng = np.random.default_rng(0)
    t = np.arange(0, 10, 1 / fs)
    ecg = 0.01 * rng.standard_normal(t.size)
    for at in np.arange(0.5, 10, 0.8):
        ecg += np.exp(-((t - at) ** 2) / (2 * 0.012**2))
        ecg += 0.2 * np.exp(-((t - at - 0.25) ** 2) / (2 * 0.04**2))
    indices, good = ecg_quality_index(ecg, fs)
    assert good
    assert indices["kurtosis"] > 5
    assert indices["baseline"] > 0.95
    assert not ecg_quality_index(rng.standard_normal(t.size), fs)[1]
    assert not ecg_quality_index(ecg + 5 * np.sin(2 * np.pi * 0.2 * t), fs)[1]
    assert not ecg_quality_index(np.zeros(t.size), fs)[1]

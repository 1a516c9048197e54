"""Compute LF and HF power of heart-rate variability from a Lomb-Scargle periodogram.

Intervals come unevenly in time; the Lomb-Scargle periodogram takes them as they are, without
resampling. The record is analysed in stretches of at most five minutes, each without its linear
trend, and averaged. HF (0.15-0.4 Hz) follows breathing, LF (0.04-0.15 Hz) the baroreflex. Needs one
minute for HF, two for LF.

topic: biosignals
modality: ecg, ppg
keywords: HRV, LF/HF ratio, Lomb-Scargle, spectrum, sympathovagal balance, heart rate variability
source: Task Force of the ESC and NASPE, 1996, Heart rate variability, Circulation; N. R. Lomb, 1976,
    Least-squares frequency analysis of unequally spaced data, Astrophysics and Space Science
"""

import itertools

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import lombscargle


def hrv_frequency_domain(r_peaks: np.ndarray, fs: float) -> dict[str, float]:
    """Return the power in the LF and HF bands.

    Inputs:
        r_peaks (numpy.ndarray): beat positions in samples, shape (k,), at least one minute
        fs (float): sampling rate in Hz
    Outputs:
        measures (dict): lf and hf (ms^2), lf_hf (ratio), hf_peak (frequency of the HF maximum, Hz)
    """
    beats = np.unique(np.asarray(r_peaks, dtype=float)[np.isfinite(r_peaks)]) / fs
    if beats.size < 30 or np.ptp(beats) < 60:
        raise ValueError("Need the beats of at least one minute.")
    rr = 1000 * np.diff(beats)
    usual = median_filter(rr, 9, mode="nearest")
    normal = (rr > 300) & (rr < 2000) & (np.abs(rr - usual) < 0.2 * usual)
    t, nn = beats[1:][normal], rr[normal]
    frequencies = np.arange(0.04, 0.4, 1 / 1200)
    count = max(1, int((beats[-1] - beats[0]) // 300))
    edges = np.linspace(beats[0], beats[-1], count + 1)
    densities = []
    for start, end in itertools.pairwise(edges):
        part = (t > start) & (t <= end)
        if part.sum() >= 30:
            rest = nn[part] - np.polyval(np.polyfit(t[part] - start, nn[part], 1), t[part] - start)
            power = lombscargle(t[part] - start, rest, 2 * np.pi * frequencies)
            densities.append(2 * power / part.sum() * (end - start))  # ms^2 per Hz, one-sided
    if not densities:
        raise ValueError("Too few normal beats are left for a spectrum.")
    density = np.mean(densities, axis=0)
    low = frequencies < 0.15
    lf, hf = (float(density[band].sum() / 1200) for band in (low, ~low))
    peak = float(frequencies[~low][density[~low].argmax()])
    return {"lf": lf, "hf": hf, "lf_hf": lf / max(hf, 1e-12), "hf_peak": peak}


def check() -> None:
    """Recovers the power and the frequency of known modulations."""
    t, beats = 0.0, []
    while t < 600:
        beats.append(t)
        t += 0.8 + 0.030 * np.sin(2 * np.pi * 0.25 * t) + 0.020 * np.sin(2 * np.pi * 0.09 * t)
    found = hrv_frequency_domain(1000 * np.array(beats), 1000)
    assert abs(found["hf"] - 450) < 60
    assert abs(found["lf"] - 200) < 30
    assert abs(found["hf_peak"] - 0.25) < 0.005

"""Measure the delay from the heartbeat in the ECG to the pulse in the PPG.

The pulse arrival time falls as blood pressure and arterial stiffness rise. For each R-peak the foot
of the next pulse is found by the intersecting-tangent method: where the steepest tangent of the
upstroke meets the level of the preceding minimum. It includes the heart's pre-ejection period, so
follow changes in one person rather than absolute values.

topic: biosignals
modality: ecg, ppg
keywords: PTT, PAT, pulse arrival time, blood pressure, arterial stiffness, pulse wave velocity
source: Y. C. Chiu et al., 1991, Determination of pulse wave velocities with computerized algorithms,
    American Heart Journal (intersecting tangents)
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt


def pulse_transit_time(ppg: np.ndarray, r_peaks: np.ndarray, fs: float) -> tuple[np.ndarray, float]:
    """Return the delay of the pulse after each R-peak, and the median delay.

    Inputs:
        ppg (numpy.ndarray): PPG with upright pulses, sampled with the ECG, shape (n,)
        r_peaks (numpy.ndarray): R-peak positions in samples, shape (k,)
        fs (float): sampling rate in Hz, at least 50
    Outputs:
        delays (numpy.ndarray): R-peak to pulse foot in s, one per pulse found, shape (m,)
        median_delay (float): median of the delays in s
    """
    x = _clean(ppg, fs, 3)
    if fs < 50:
        raise ValueError("The sampling rate must be at least 50 Hz.")
    y = sosfiltfilt(butter(2, min(10, 0.45 * fs), fs=fs, output="sos"), x - x[0])
    slope = np.gradient(y) * fs
    delays = []
    for r in np.round(np.asarray(r_peaks, dtype=float)[np.isfinite(r_peaks)]).astype(int):
        start, end = r + round(0.08 * fs), r + round(0.6 * fs)
        if r < 0 or end > x.size:
            continue
        steepest = start + int(slope[start:end].argmax())
        lowest = r + int(y[r : steepest + 1].argmin())
        if slope[steepest] > 1e-9 * np.ptp(y) * fs:
            foot = steepest / fs - (y[steepest] - y[lowest]) / slope[steepest]
            delays.append(foot - r / fs)
    if not delays:
        raise ValueError("No pulse follows an R-peak within 0.6 s.")
    return np.array(delays), float(np.median(delays))


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
    """Follows a shift of the pulse by 40 ms to within 5 ms."""
    fs = 250
    t = np.arange(0, 30, 1 / fs)
    r_peaks = np.arange(0.5, 29, 0.85)
    noise = np.random.default_rng(0).normal(0, 0.005, t.size)
    medians = []
    for delay in (0.20, 0.24):
        ppg = noise + 3
        for at in r_peaks:
            u = np.maximum(t - at - delay, 0)
            ppg = ppg + (u / 0.12) ** 2 * np.exp(2 - 2 * u / 0.12)
        delays, median = pulse_transit_time(ppg, np.round(r_peaks * fs), fs)
        assert delays.std() < 0.01
        medians.append(median)
    assert abs(medians[0] - 0.22) < 0.03
    assert abs(medians[1] - medians[0] - 0.04) < 0.005

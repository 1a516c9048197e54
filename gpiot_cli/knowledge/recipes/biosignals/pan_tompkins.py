"""Find the R-peaks (heartbeats) of an ECG with the Pan-Tompkins algorithm.

The first choice for heartbeats and heart rate. Band-pass, slope, squaring and a 150 ms average
turn each QRS into one hump; adaptive thresholds decide, with search-back for missed beats and a
test against T-waves. Peaks lie on the filtered ECG's extremum. Fails in ventricular flutter.

topic: biosignals
modality: ecg
keywords: heartbeat, QRS, R-peak, R peak detection, heart rate, arrhythmia, Pan Tompkins
source: J. Pan, W. J. Tompkins, 1985, A Real-Time QRS Detection Algorithm, IEEE Trans. Biomed. Eng.
"""

import numpy as np
from scipy.ndimage import maximum_filter1d, median_filter, uniform_filter1d
from scipy.signal import butter, find_peaks, sosfiltfilt


def pan_tompkins(ecg: np.ndarray, fs: float) -> np.ndarray:
    """Return the positions of the R-peaks.

    Inputs:
        ecg (numpy.ndarray): raw ECG in any linear unit, shape (n,)
        fs (float): sampling rate in Hz
    Outputs:
        r_peaks (numpy.ndarray): R-peak positions in samples, shape (k,), ascending
    """
    x = np.array(ecg, dtype=float).squeeze()
    if not fs >= 40 or x.ndim != 1 or x.size < 2 * fs or not np.isfinite(x).any():
        raise ValueError("Need one ECG lead of at least 2 s, sampled at 40 Hz or more.")
    good = np.flatnonzero(np.isfinite(x))
    x = np.interp(np.arange(x.size), good, x[good])
    filtered = sosfiltfilt(butter(2, [5, 15], "bandpass", fs=fs, output="sos"), x - x[0])
    slope, width = np.abs(np.gradient(filtered)), round(0.150 * fs)
    power = uniform_filter1d(slope**2, width)
    humps, _ = find_peaks(power, distance=round(0.2 * fs), height=1e-9 * power.max())  # 200 ms
    beats = humps[_beats(humps / fs, power[humps], maximum_filter1d(slope, width)[humps])]
    around = np.arange(-(width // 2), width // 2 + 1)
    qrs = filtered[np.clip(beats[:, None] + around, 0, x.size - 1)]
    lean = median_filter(qrs.max(axis=1) + qrs.min(axis=1), 9)  # which way the QRS points
    r_peaks = beats - width // 2 + (np.where(lean < 0, -1, 1)[:, None] * qrs).argmax(axis=1)
    return np.unique(np.clip(r_peaks, 0, x.size - 1))


def _beats(t: np.ndarray, height: np.ndarray, slope: np.ndarray) -> list[int]:
    """Choose among humps at times `t` (s) by adaptive thresholds; returns their indices."""
    beats: list[int] = []
    for i in range(t.size):
        if silent := not beats or t[i] - t[beats[-1]] > 4:  # learn the levels from 2 s, or anew
            near = height[i : np.searchsorted(t, t[i] + 2)]
            signal = max(near.max(), np.median(height[beats or i]) / 100)
            noise = np.median(near) / 2
        threshold = noise + 0.25 * (signal - noise)
        rr = np.diff(t[beats[-9:]]) if beats[1:] else np.array([np.inf])
        while not silent and t[i] - t[k := beats[-1]] > 1.66 * rr.mean():  # search back
            t_wave = (t[k + 1 : i] - t[k] < 0.36) & (2 * slope[k + 1 : i] < slope[k])
            gap = np.append(np.where(t_wave, 0, height[k + 1 : i]), 0)
            if gap.max() < threshold / 2:
                break
            beats.append(k + 1 + int(gap.argmax()))
            signal = 0.25 * height[beats[-1]] + 0.75 * signal
        t_wave = beats and t[i] - t[beats[-1]] < 0.36 and 2 * slope[i] < slope[beats[-1]]
        irregular = rr.min() < 0.92 * rr.mean() or rr.max() > 1.16 * rr.mean()
        if height[i] > threshold / (1 + irregular) and not t_wave:
            beats.append(i)
            signal = 0.125 * height[i] + 0.875 * signal
        else:
            noise = 0.125 * height[i] + 0.875 * noise
    return beats


def check() -> None:
    """Finds 60 known beats in wander and noise, at three rates, upright and inverted."""
    rng = np.random.default_rng(0)
    times = 0.7 + np.cumsum(rng.normal(0.8, 0.06, 60))
    for fs, sign in ((100, 1.0), (360, -1.0), (977.3, 1.0)):
        t = np.arange(0, times[-1] + 1, 1 / fs)
        ecg = 0.5 * np.sin(2 * np.pi * 0.3 * t) + 0.05 * rng.standard_normal(t.size)
        for at in times:
            for shift, spread, size in ((-0.16, 0.02, 0.1), (0, 0.011, 1.0), (0.25, 0.05, 0.3)):
                ecg += sign * size * np.exp(-((t - at - shift) ** 2) / (2 * spread**2))
        ecg[1000:1005] = np.nan
        found = pan_tompkins(ecg, fs) / fs
        assert found.size == times.size, (fs, found.size)
        assert np.abs(found - times).max() < 0.02, (fs, np.abs(found - times).max())
    assert pan_tompkins(np.full(2000, 7), 250).size == 0

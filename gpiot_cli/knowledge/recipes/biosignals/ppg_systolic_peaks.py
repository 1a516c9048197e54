"""Find the systolic peaks of a PPG by Elgendi's two moving averages.

For pulse oximeters, wristbands and cameras (with upright pulses: more light absorbed, higher
value). The positive part of the 0.5-8 Hz signal is squared; a pulse is where its 111 ms average
rises above its 667 ms average. Motion artefacts of the size of the pulse are found as pulses.

topic: biosignals
modality: ppg
keywords: pulse, photoplethysmography, systolic peak, heart rate, blood volume pulse, wearable
source: M. Elgendi et al., 2013, Systolic Peak Detection in Acceleration Photoplethysmograms Measured
    from Emergency Responders in Tropical Conditions, PLoS ONE
"""

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfiltfilt


def ppg_systolic_peaks(ppg: np.ndarray, fs: float) -> np.ndarray:
    """Return the positions of the systolic peaks.

    Inputs:
        ppg (numpy.ndarray): raw PPG in any linear unit, upright pulses, shape (n,)
        fs (float): sampling rate in Hz, at least 18
    Outputs:
        peaks (numpy.ndarray): peak positions in samples, shape (k,), ascending
    """
    x = _clean(ppg, fs, 3)
    if fs < 18:
        raise ValueError("The sampling rate must be at least 18 Hz.")
    band = butter(2, [0.5, 8], "bandpass", fs=fs, output="sos")
    filtered = sosfiltfilt(band, x - x[0], padlen=min(x.size - 1, round(3 * fs)))
    squared = np.maximum(filtered, 0) ** 2
    pulse = uniform_filter1d(squared, max(1, round(0.111 * fs)))
    beat = uniform_filter1d(squared, round(0.667 * fs))
    inside = (pulse > beat + 0.02 * squared.mean()).astype(int)
    edges = np.diff(inside, prepend=0, append=0)
    peaks: list[int] = []
    for start, end in zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True):
        if end - start < 0.111 * fs:
            continue
        peak = int(start + filtered[start:end].argmax())
        if peaks and peak - peaks[-1] < 0.3 * fs:  # refractory period: keep the higher one
            if filtered[peak] <= filtered[peaks[-1]]:
                continue
            peaks.pop()
        peaks.append(peak)
    return np.array(peaks, dtype=int)


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
    """Finds every pulse of a known train with dicrotic waves, drift and noise."""
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.normal(0.85, 0.05, 40)) - 0.2
    for fs in (25, 125):
        t = np.arange(0, times[-1] + 1, 1 / fs)
        ppg = 2 * np.sin(2 * np.pi * 0.2 * t) + 0.03 * rng.standard_normal(t.size)
        for at in times:
            ppg += np.exp(-((t - at) ** 2) / (2 * 0.09**2))
            ppg += 0.3 * np.exp(-((t - at - 0.3) ** 2) / (2 * 0.08**2))
        found = ppg_systolic_peaks(ppg, fs) / fs
        assert found.size == times.size
        assert np.abs(found - times).max() < 0.08
    assert ppg_systolic_peaks(np.full(500, 3), 50).size == 0

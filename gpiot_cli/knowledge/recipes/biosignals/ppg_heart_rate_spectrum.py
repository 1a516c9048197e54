"""Estimate heart rate from a PPG by the strongest line of its spectrum.

For short, noisy or low-rate PPG (wristband, camera) in which single pulses are hard to find. Welch's
spectrum is searched between 30 and 240 beats per minute, where each candidate also counts the power
of its second harmonic, and the peak is refined by a parabola. It gives one mean rate for the
stretch, no intervals; steady arm swing can be taken for the pulse.

topic: biosignals
modality: ppg
keywords: pulse rate, heart rate, bpm, photoplethysmography, FFT, Welch, remote PPG
source: P. D. Welch, 1967, The use of fast Fourier transform for the estimation of power spectra,
    IEEE Trans. Audio and Electroacoustics
"""

import numpy as np
from scipy.signal import detrend, welch


def ppg_heart_rate_spectrum(ppg: np.ndarray, fs: float) -> tuple[float, float]:
    """Return the mean heart rate and how much of the power stands behind it.

    Inputs:
        ppg (numpy.ndarray): raw PPG in any linear unit, shape (n,), at least 8 s
        fs (float): sampling rate in Hz, above 8
    Outputs:
        heart_rate (float): beats per minute; 0 when the signal is constant
        confidence (float): share of the 0.5-8 Hz power at that rate and its harmonic, 0 to 1
    """
    x = _clean(ppg, fs, 8)
    if fs <= 8:
        raise ValueError("The sampling rate must be above 8 Hz.")
    if np.ptp(x) == 0:
        return 0.0, 0.0
    length = min(x.size, round(16 * fs))
    bins = 2 ** int(np.ceil(np.log2(60 * fs)))  # zero-padded to steps of 1 beat per minute
    f, power = welch(detrend(x), fs, nperseg=length, nfft=max(bins, length))
    harmonic = np.interp(2 * f, f, power, right=0)
    score = np.where((f >= 0.5) & (f <= 4), power + np.minimum(power, harmonic), 0)
    k = int(score.argmax())
    left, top, right = np.log(power[k - 1 : k + 2] + 1e-300)
    bend = left - 2 * top + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    rate = float(f[k] + np.clip(shift, -0.5, 0.5) * f[1])
    near = (np.abs(f - rate) < 0.15) | (np.abs(f - 2 * rate) < 0.15)
    within = (f >= 0.5) & (f <= 8)
    total = power[within].sum()
    return 60 * rate, float(power[near & within].sum() / total) if total > 0 else 0.0


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
    """Recovers 52 and 131 beats per minute within one, from pulses in noise at 25 Hz."""
    rng = np.random.default_rng(0)
    t = np.arange(0, 30, 1 / 25)
    for bpm in (52, 131):
        phase = 2 * np.pi * bpm / 60 * t
        ppg = 500 + np.sin(phase) + 0.5 * np.sin(2 * phase + 1) + rng.standard_normal(t.size)
        rate, confidence = ppg_heart_rate_spectrum(ppg + 3 * np.sin(0.5 * t), 25)
        assert abs(rate - bpm) < 1
        assert confidence > 0.3
    assert ppg_heart_rate_spectrum(np.ones(300), 25) == (0.0, 0.0)

"""Estimate blood oxygen saturation (SpO2) from red and infrared PPG by the ratio of ratios.

The pulsatile part divided by the steady part, in red over infrared light, falls as haemoglobin takes
up oxygen. The empirical line SpO2 = 110 - 25 R is a textbook calibration: every sensor needs its
own, so read the result as a trend unless the line was fitted. Needs the raw intensities with their
steady part; motion biases R towards 1 (85 %).

topic: biosignals
modality: ppg
keywords: SpO2, oxygen saturation, pulse oximeter, red, infrared, ratio of ratios, perfusion index
source: J. G. Webster (ed.), 1997, Design of Pulse Oximeters, Institute of Physics
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt


def spo2_ratio_of_ratios(
    red: np.ndarray, infrared: np.ndarray, fs: float
) -> tuple[float, float, float]:
    """Return the oxygen saturation, the ratio it comes from and the perfusion index.

    Inputs:
        red (numpy.ndarray): raw intensity under red light, steady part included, shape (n,)
        infrared (numpy.ndarray): the same under infrared light, shape (n,)
        fs (float): sampling rate in Hz, above 10
    Outputs:
        spo2 (float): oxygen saturation in percent, 0 to 100
        ratio (float): ratio of ratios R, without unit
        perfusion_index (float): pulsatile over steady infrared intensity, in percent
    """
    channels = [_clean(red, fs, 3), _clean(infrared, fs, 3)]
    if fs <= 10 or channels[0].size != channels[1].size:
        raise ValueError("Need two channels of equal length, sampled above 10 Hz.")
    band = butter(2, [0.5, min(5, 0.45 * fs)], "bandpass", fs=fs, output="sos")
    steady = [float(np.median(x)) for x in channels]
    pulses = [sosfiltfilt(band, x - x[0]) for x in channels]
    size = [float(np.std(p)) for p in pulses]
    if min(steady) <= 0 or min(size) <= 1e-9 * max(steady):
        raise ValueError("Both channels need a positive steady part and a pulse.")
    ratio = (size[0] / steady[0]) / (size[1] / steady[1])
    peak_to_peak = float(np.subtract(*np.percentile(pulses[1], [97.5, 2.5])))
    return float(np.clip(110 - 25 * ratio, 0, 100)), ratio, 100 * peak_to_peak / steady[1]


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
    """Pulses of 1 % in red and 2 % in infrared give R = 0.5 and 97.5 %."""
    fs = 100
    t = np.arange(0, 20, 1 / fs)
    noise = np.random.default_rng(0).normal(0, 3, t.size)
    pulse = np.sin(2 * np.pi * 1.2 * t)
    red = 40000 * (1 + 0.005 * pulse) + noise
    infrared = 60000 * (1 + 0.010 * pulse) + noise
    spo2, ratio, perfusion = spo2_ratio_of_ratios(red, infrared, fs)
    assert abs(ratio - 0.5) < 0.01
    assert abs(spo2 - 97.5) < 0.25
    assert abs(perfusion - 2) < 0.1

"""Measure the A-weighted sound level in dB(A), overall and second by second.

The A-weighting follows the ear's sensitivity at low levels and is the standard for noise limits. It is
applied exactly, in the frequency domain. The input must be sound pressure in pascal: multiply a
recording by the microphone's calibration first, otherwise the result is only relative.

topic: acoustics
modality: audio
keywords: sound level meter, dBA, A-weighting, LAeq, noise, loudness, decibel
source: IEC 61672-1:2013, Electroacoustics - Sound level meters, annex E
"""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft


def sound_level_dba(pressure: np.ndarray, fs: float) -> tuple[float, np.ndarray]:
    """Return the equivalent level and the level of each second.

    Inputs:
        pressure (numpy.ndarray): sound pressure in Pa, shape (n,), at least 0.1 s
        fs (float): sampling rate in Hz
    Outputs:
        level (float): equivalent continuous level LAeq in dB re 20 uPa; -100 at the least
        levels (numpy.ndarray): LAeq of each whole second (of all, if shorter), shape (seconds,)
    """
    x = _clean(pressure, fs, 0.1)
    size = next_fast_len(x.size + round(0.1 * fs))  # room, so that the end does not wrap around
    f2 = np.fft.rfftfreq(size, 1 / fs) ** 2
    weight = (
        12194**2
        * f2**2
        / ((f2 + 20.6**2) * np.sqrt((f2 + 107.7**2) * (f2 + 737.9**2)) * (f2 + 12194**2))
    )
    weighted = irfft(rfft(x - x.mean(), size) * weight * 10 ** (2.0 / 20), size)[: x.size]
    second = min(x.size, round(fs))
    whole = weighted[: x.size // second * second].reshape(-1, second)
    return float(_level(weighted)), _level(whole)


def _level(pressure: np.ndarray) -> np.ndarray:
    """Level of the mean square along the last axis, in dB re 20 uPa."""
    mean_square = np.mean(pressure**2, axis=-1)
    return np.asarray(10 * np.log10(np.maximum(mean_square / (20e-6) ** 2, 1e-10)))


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
    """1 Pa at 1 kHz is 94 dB(A); 100 Hz counts 19.1 dB less, 4 kHz 1.0 dB more (IEC table)."""
    fs = 48000
    t = np.arange(0, 3, 1 / fs)
    for frequency, weight in ((100, -19.1), (1000, 0.0), (4000, 1.0), (31.5, -39.4)):
        pressure = np.sqrt(2) * np.sin(2 * np.pi * frequency * t)
        level, levels = sound_level_dba(pressure, fs)
        assert abs(level - (93.98 + weight)) < 0.15
        assert np.abs(levels - level).max() < 0.3
    assert sound_level_dba(np.ones(fs), fs)[0] == -100

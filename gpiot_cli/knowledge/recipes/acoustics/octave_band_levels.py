"""Measure the sound level in the octave bands from 31.5 Hz to 8 kHz.

The first step of any noise survey: which frequencies make the noise. Each band is filtered with a
Butterworth band-pass one octave wide and its mean square given in decibels. Without a calibrated
microphone the levels are relative to each other. Bands that do not fit below half the sampling
rate are left out.

topic: acoustics
modality: audio, vibration
keywords: octave band, spectrum, noise survey, sound level, filter bank, frequency analysis
source: IEC 61260-1:2014, Electroacoustics - Octave-band and fractional-octave-band filters
"""

import numpy as np
from scipy.signal import butter, sosfilt


def octave_band_levels(
    pressure: np.ndarray, fs: float, reference: float = 20e-6
) -> tuple[np.ndarray, np.ndarray]:
    """Return the band centres and the levels.

    Inputs:
        pressure (numpy.ndarray): sound pressure in Pa, shape (n,), at least 1 s
        fs (float): sampling rate in Hz, at least 100
        reference (float): what counts as 0 dB; 20e-6 Pa for sound in air
    Outputs:
        centres (numpy.ndarray): exact mid-band frequencies in Hz, shape (k,)
        levels (numpy.ndarray): level of each band in dB; -200 at the least, shape (k,)
    """
    x = _clean(pressure, fs, 1)
    if fs < 100 or not reference > 0:
        raise ValueError("Need a sampling rate of at least 100 Hz and a positive reference.")
    ratio = 10**0.3  # base-ten octave of the standard
    centres = 1000 * ratio ** np.arange(-5.0, 4.0)
    centres = centres[centres * np.sqrt(ratio) < 0.49 * fs]
    levels = []
    for centre in centres:
        edges = [centre / np.sqrt(ratio), centre * np.sqrt(ratio)]
        band = sosfilt(butter(4, edges, "bandpass", fs=fs, output="sos"), x - x.mean())
        settled = band[min(round(4 * fs / centre), x.size // 2) :]
        mean_square = float(np.mean(settled**2)) / reference**2
        levels.append(10 * np.log10(max(mean_square, 1e-20)))
    return centres, np.array(levels)


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
    """A tone shows in its own band only; white noise rises by 3 dB per octave."""
    fs = 44100
    t = np.arange(0, 2, 1 / fs)
    centres, levels = octave_band_levels(np.sqrt(2) * np.sin(2 * np.pi * 250 * t), fs)
    k = int(np.abs(centres - 250).argmin())
    assert abs(levels[k] - 93.98) < 0.2
    assert np.delete(levels, k).max() < levels[k] - 15
    noise = np.random.default_rng(0).standard_normal(20 * fs)
    _, levels = octave_band_levels(noise, fs, reference=1.0)
    assert np.abs(np.diff(levels)[2:] - 3.01).max() < 0.5

"""Turn the beat signal of an FMCW radar into a profile of reflections over distance (range FFT).

Use it as the first step with any chirp radar. A target at distance R gives a beat tone of
2 R slope / c, so a Hann-windowed, zero-padded FFT along each chirp shows targets at their
distance. Resolution is c / (2 bandwidth), the bandwidth being slope times chirp length.

topic: rf sensing
modality: radar
keywords: fmcw, radar, range fft, chirp, beat frequency, distance, mmWave, range profile
source: M. A. Richards, 2014, "Fundamentals of Radar Signal Processing", 2nd ed., McGraw-Hill
"""

import numpy as np
from scipy.signal import get_window

LIGHT = 299_792_458.0  # m/s


def fmcw_range_profile(
    chirps: np.ndarray, fs: float, slope: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean reflection strength over distance.

    Inputs:
        chirps (numpy.ndarray): beat signal, real or complex, shape (samples,) or (chirps, samples)
        fs (float): sampling rate of the beat signal in Hz
        slope (float): chirp slope in Hz/s
    Outputs:
        ranges (numpy.ndarray): distance of each bin in metres, from 0, shape (m,)
        profile (numpy.ndarray): amplitude of the beat tone, averaged over chirps, shape (m,)
    """
    x = np.atleast_2d(np.asarray(chirps))
    if x.ndim != 2 or x.shape[1] < 8 or not (fs > 0 and slope > 0):
        raise ValueError("need (chirps, samples) with 8 samples, and positive fs and slope")
    x = x[np.isfinite(x).all(axis=1)]
    if len(x) == 0:
        raise ValueError("every chirp has missing samples")
    samples = x.shape[1]
    taper = get_window("hann", samples)
    size = 4 * 2 ** int(np.ceil(np.log2(samples)))
    if np.iscomplexobj(x):
        spectrum = np.fft.fft(x * taper, size, axis=1) / taper.sum()
        frequencies = np.arange(size) * fs / size
    else:
        spectrum = 2 * np.fft.rfft(x * taper, size, axis=1) / taper.sum()
        frequencies = np.fft.rfftfreq(size, 1 / fs)
    return LIGHT * frequencies / (2 * slope), np.abs(spectrum).mean(axis=0)


def check() -> None:
    """Two targets appear at their distances with their amplitudes, real or complex."""
    fs, slope = 5e6, 60e12
    t = np.arange(512) / fs
    rng = np.random.default_rng(0)
    targets = ((2.0, 1.0), (5.5, 0.3))
    beat = sum(a * np.exp(2j * np.pi * 2 * slope * r / LIGHT * t + 1j) for r, a in targets)
    beat = beat + 0.05 * (rng.normal(size=(16, 512)) + 1j * rng.normal(size=(16, 512)))
    for chirps in (beat, beat.real):
        ranges, profile = fmcw_range_profile(chirps, fs, slope)
        for distance, amplitude in targets:
            near = np.abs(ranges - distance) < 0.5
            assert abs(ranges[near][np.argmax(profile[near])] - distance) < 0.02
            assert abs(profile[near].max() - amplitude) < 0.03
        assert profile[(ranges > 3) & (ranges < 4.5)].max() < 0.05

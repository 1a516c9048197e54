"""Estimate how the power of a signal is spread over frequency by Welch's method.

Use it for the spectrum of any stationary signal: averaged, windowed segments trade frequency
resolution (about 1 / `segment_s` Hz) for less noise. The integral over frequency is the variance.
The mean is removed; gaps (NaN) are interpolated first.

topic: signal processing
modality: generic, vibration, time series, wifi csi, radar
keywords: power spectral density, psd, welch, spectrum, fft, frequency content, periodogram
source: P. D. Welch, 1967, "The use of fast Fourier transform for the estimation of power spectra", IEEE Trans. Audio and Electroacoustics
"""

import numpy as np
from scipy.signal import welch


def power_spectral_density(
    signal: np.ndarray, fs: float, segment_s: float = 4.0
) -> tuple[np.ndarray, np.ndarray]:
    """Welch power spectral density with Hann windows overlapping by half.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 8; NaN marks a gap
        fs (float): sampling rate in Hz
        segment_s (float): length of a segment in seconds; at most the signal, at least 8 samples
    Outputs:
        frequencies (numpy.ndarray): from 0 to fs / 2 in Hz, shape (m,)
        density (numpy.ndarray): power density in squared units per Hz, shape (m,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 8:
        raise ValueError("the signal must be one-dimensional with at least 8 finite samples")
    if not (fs > 0 and segment_s > 0):
        raise ValueError("fs and segment_s must be positive")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    length = int(np.clip(segment_s * fs, 8, x.size))
    # Removing the mean of the whole signal, not of each segment, keeps slow rhythms.
    frequencies, density = welch(x - x.mean(), fs, nperseg=length, detrend=False)
    return frequencies, density


def check() -> None:
    """Total power is the variance, a tone lies at its frequency, white noise is flat."""
    fs = 200.0
    t = np.arange(0, 60, 1 / fs)
    noise = np.random.default_rng(0).normal(0, 1, t.size)
    f, density = power_spectral_density(2 * np.sin(2 * np.pi * 25 * t) + 7, fs)
    assert abs(f[np.argmax(density)] - 25) < 0.3
    assert abs(np.sum(density) * (f[1] - f[0]) - 2.0) < 0.05
    f, density = power_spectral_density(noise, fs)
    assert abs(np.mean(density[5:-5]) - 2 / fs) < 0.05 * 2 / fs
    assert np.allclose(power_spectral_density(np.full(10, 3), 1.0)[1], 0.0)

"""Show how the spectrum of a signal changes with time: power spectrogram by the short-time FFT.

Use it for signals whose frequencies move: gestures in CSI or radar, machines speeding up, sound.
Hann windows of `window_s` seconds resolve about 2 / `window_s` Hz. Real signals give frequencies
from 0 to fs / 2, complex ones from -fs / 2 to fs / 2. Gaps (NaN) are interpolated first.

topic: signal processing
modality: generic, vibration, wifi csi, radar, time series
keywords: stft, spectrogram, short-time fourier transform, time-frequency, doppler, fft
source: J. B. Allen and L. R. Rabiner, 1977, "A unified approach to short-time Fourier analysis and synthesis", Proc. IEEE
"""

import numpy as np
from scipy.signal import get_window


def stft_spectrogram(
    signal: np.ndarray, fs: float, window_s: float = 1.0, overlap: float = 0.75
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Power in time and frequency.

    Inputs:
        signal (numpy.ndarray): real or complex samples, shape (n,), n >= 8; NaN marks a gap
        fs (float): sampling rate in Hz
        window_s (float): window length in seconds; at most the signal, at least 8 samples
        overlap (float): shared part of neighbouring windows, 0 to below 1
    Outputs:
        frequencies (numpy.ndarray): rising frequencies in Hz, shape (f,)
        times (numpy.ndarray): centre of each window in seconds, shape (t,)
        power (numpy.ndarray): squared magnitude, a tone of amplitude 1 has 1, shape (f, t)
    """
    x = np.array(signal).squeeze()
    x = x if np.iscomplexobj(x) else x.astype(float)
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 8:
        raise ValueError("the signal must be one-dimensional with at least 8 finite samples")
    if not (fs > 0 and window_s > 0 and 0 <= overlap < 1):
        raise ValueError("fs and window_s must be positive and overlap between 0 and 1")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    length = int(np.clip(round(window_s * fs), 8, x.size))
    step = max(round(length * (1 - overlap)), 1)
    taper = get_window("hann", length)
    frames = np.lib.stride_tricks.sliding_window_view(x, length)[::step] * taper
    times = (np.arange(len(frames)) * step + length / 2) / fs
    if np.iscomplexobj(x):
        frequencies = np.fft.fftshift(np.fft.fftfreq(length, 1 / fs))
        spectrum = np.fft.fftshift(np.fft.fft(frames, axis=1), axes=1) / taper.sum()
    else:
        frequencies = np.fft.rfftfreq(length, 1 / fs)
        spectrum = np.fft.rfft(frames, axis=1) / taper.sum()
        spectrum[:, 1:] *= 2  # the negative frequencies' half
    return frequencies, times, np.abs(spectrum.T) ** 2


def check() -> None:
    """A chirp's ridge follows its frequency; a complex tone keeps its sign and amplitude."""
    t = np.arange(0, 10, 0.005)
    frequencies, times, power = stft_spectrogram(np.cos(2 * np.pi * (5 * t + 2 * t**2)), 200.0)
    ridge = frequencies[np.argmax(power, axis=0)]
    assert np.max(np.abs(ridge - (5 + 4 * times))) < 1.6
    frequencies, _, power = stft_spectrogram(3 * np.exp(-2j * np.pi * 20 * t), 200.0)
    assert np.allclose(frequencies[np.argmax(power, axis=0)], -20)
    assert np.allclose(power.max(axis=0), 9)
    assert np.allclose(stft_spectrogram(np.full(10, 3), 1.0)[2][0], 9)

"""Reduce steady background noise in a recording by spectral gating.

In a short-time Fourier transform each frequency gets a threshold from its own quiet frames; what lies
below is turned down by a smooth mask, and the sound is put together again. For fans, hum, hiss and
wind under speech or animal calls. The quiet frames are taken from the recording itself, so about
a fifth of it must be noise only.

topic: acoustics
modality: audio
keywords: noise reduction, denoise, spectral gating, spectral subtraction, STFT, speech enhancement
source: T. Sainburg, M. Thielk, T. Q. Gentner, 2020, Finding, visualizing, and quantifying latent structure
    across diverse animal vocal repertoires, PLoS Computational Biology (noisereduce)
"""

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.signal import istft, stft


def spectral_gating(audio: np.ndarray, fs: float, reduction: float = 20.0) -> np.ndarray:
    """Return the sound with less noise.

    Inputs:
        audio (numpy.ndarray): one channel of sound, shape (n,), at least 0.5 s
        fs (float): sampling rate in Hz, at least 2000
        reduction (float): how far noise is turned down in dB
    Outputs:
        cleaned (numpy.ndarray): the sound, unit of the input, shape (n,)
    """
    x = _clean(audio, fs, 0.5)
    if fs < 2000 or not reduction >= 0:
        raise ValueError("Need a sampling rate of at least 2000 Hz and a reduction in dB.")
    length = 2 ** round(np.log2(0.032 * fs))
    offset = float(x.mean())
    _, _, spectrum = stft(x - offset, fs, nperseg=length, noverlap=3 * length // 4)
    power = np.abs(spectrum) ** 2
    energy = power.sum(axis=0)
    quiet = power[:, energy <= np.percentile(energy, 20)].mean(axis=1, keepdims=True)
    # smoothing over time and frequency keeps single bins from twinkling ("musical noise")
    smooth = uniform_filter(power, (3, 5))
    floor = 10 ** (-reduction / 20)
    open_gate = uniform_filter((smooth > 4 * quiet).astype(float), (3, 5))
    gain = floor + (1 - floor) * open_gate
    _, cleaned = istft(spectrum * gain, fs, nperseg=length, noverlap=3 * length // 4)
    x[:] = cleaned[: x.size] + offset
    return x


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
    """Improves the signal-to-noise ratio of tone bursts in white noise by more than 8 dB."""
    fs = 8000
    rng = np.random.default_rng(0)
    t = np.arange(0, 4, 1 / fs)
    wanted = np.sin(2 * np.pi * 440 * t) * (np.sin(2 * np.pi * 0.5 * t) > 0)
    noisy = wanted + 0.3 * rng.standard_normal(t.size)
    cleaned = spectral_gating(noisy, fs)
    gain = 10 * np.log10(np.sum((noisy - wanted) ** 2) / np.sum((cleaned - wanted) ** 2))
    assert gain > 8
    assert cleaned.shape == noisy.shape
    assert np.allclose(spectral_gating(np.full(8000, 5.0), fs), 5)

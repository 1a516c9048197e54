"""Compute mel-frequency cepstral coefficients (MFCC), the classic features of speech and sound.

25 ms frames every 10 ms are pre-emphasised, windowed and transformed; 26 triangular filters on the mel
scale sum the power as the ear does, and a cosine transform of their logarithms gives the
coefficients. For keyword spotting, speaker and sound classification. Subtract the mean over time
to remove the effect of the microphone.

topic: acoustics
modality: audio
keywords: MFCC, mel, cepstrum, speech features, keyword spotting, sound classification
source: S. Davis, P. Mermelstein, 1980, Comparison of Parametric Representations for Monosyllabic Word
    Recognition in Continuously Spoken Sentences, IEEE Trans. ASSP
"""

import numpy as np
from scipy.fft import dct


def mfcc(audio: np.ndarray, fs: float, coefficients: int = 13) -> np.ndarray:
    """Return the coefficients of each frame.

    Inputs:
        audio (numpy.ndarray): one channel of sound, shape (n,), at least 25 ms
        fs (float): sampling rate in Hz, at least 4000
        coefficients (int): how many to keep, 1 to 26
    Outputs:
        features (numpy.ndarray): coefficients by frame, 100 frames/s, shape (frames, coefficients)
    """
    x = _clean(audio, fs, 0.025)
    if fs < 4000 or not 1 <= coefficients <= 26:
        raise ValueError("Need a sampling rate of at least 4000 Hz and 1 to 26 coefficients.")
    x = np.append(x[0], x[1:] - 0.97 * x[:-1])
    length, hop = round(0.025 * fs), round(0.010 * fs)
    frames = np.lib.stride_tricks.sliding_window_view(x, length)[::hop]
    size = 2 ** int(np.ceil(np.log2(length)))
    power = np.abs(np.fft.rfft(frames * np.hamming(length), size)) ** 2 / size
    energies = power @ _mel_filters(26, size, fs).T
    return np.asarray(dct(np.log(energies + 1e-10), norm="ortho"))[:, :coefficients]


def _mel_filters(count: int, size: int, fs: float) -> np.ndarray:
    """Triangular filters, evenly spaced in mel from 0 to fs / 2; shape (count, size // 2 + 1)."""
    mels = np.linspace(0, 2595 * np.log10(1 + fs / 2 / 700), count + 2)
    corners = 700 * (10 ** (mels / 2595) - 1)
    f = np.fft.rfftfreq(size, 1 / fs)
    left, centre, right = (corners[i : i + count, None] for i in range(3))
    rising, falling = (f - left) / (centre - left), (right - f) / (right - centre)
    return np.maximum(0, np.minimum(rising, falling))


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
    """Loudness moves only the first coefficient, and two vowels differ more than two noises."""
    fs = 16000
    rng = np.random.default_rng(0)
    t = np.arange(0, 0.5, 1 / fs)
    noise = rng.standard_normal(t.size)
    features = mfcc(noise, fs)
    assert features.shape == (48, 13)
    louder = mfcc(10 * noise, fs) - features
    assert np.allclose(louder[:, 1:], 0, atol=1e-6)
    assert np.allclose(louder[:, 0], np.log(100) * np.sqrt(26), atol=1e-6)
    peak = _mel_filters(26, 512, fs).argmax(axis=1) * fs / 512
    assert np.all(np.diff(peak) > 0)

    def vowel(f1: float, f2: float) -> np.ndarray:
        harmonics = 120 * np.arange(1, 30)
        gain = 1 / (1 + ((harmonics - f1) / 80) ** 2) + 1 / (1 + ((harmonics - f2) / 80) ** 2)
        sound = np.sin(2 * np.pi * harmonics * t[:, None]) @ gain
        noisy = sound + 0.01 * rng.standard_normal(t.size)
        return np.asarray(mfcc(noisy, fs).mean(axis=0))

    a, a2, i = vowel(700, 1200), vowel(700, 1200), vowel(300, 2300)
    assert np.linalg.norm(a - i) > 10 * np.linalg.norm(a - a2)
    assert np.isfinite(mfcc(np.zeros(8000), fs)).all()

"""Measure the delay between two microphones with the GCC-PHAT.

The cross-correlation with its amplitude spectrum flattened keeps only phase, so its peak is sharp even
for speech and in rooms with echoes. Interpolated to a sixteenth of a sample. From the delay tau and the
distance d of the microphones follows the angle: sin(angle) = tau * 343 / d. A pure tone has no
unique delay.

topic: acoustics
modality: audio, ultrasound
keywords: time difference of arrival, TDOA, delay, cross-correlation, microphone array, localization
source: C. H. Knapp, G. C. Carter, 1976, The generalized correlation method for estimation of time delay,
    IEEE Trans. ASSP
"""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft


def gcc_phat_delay(first: np.ndarray, second: np.ndarray, fs: float, longest: float = 0.0) -> float:
    """Return by how much the second signal comes after the first.

    Inputs:
        first (numpy.ndarray): first microphone, shape (n,)
        second (numpy.ndarray): second microphone, same clock, shape (n,)
        fs (float): sampling rate in Hz
        longest (float): longest possible delay in s, distance / 343; 0 for half the recording
    Outputs:
        delay (float): s; positive when the second signal is later
    """
    a, b = _clean(first, fs, 0), _clean(second, fs, 0)
    if a.size != b.size or a.size < 16:
        raise ValueError("Need two signals of equal length, at least 16 samples.")
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        raise ValueError("A constant signal has no delay.")
    size = next_fast_len(2 * a.size)
    cross = rfft(b - b.mean(), size) * np.conj(rfft(a - a.mean(), size))
    magnitude = np.abs(cross)
    cross /= np.maximum(magnitude, 1e-6 * magnitude.max())
    fine = 16
    correlation = irfft(cross, fine * size)
    reach = longest if longest > 0 else a.size / 2 / fs
    reach = min(int(np.ceil(reach * fs * fine)), fine * (a.size - 1))
    around = np.concatenate([correlation[-reach:], correlation[: reach + 1]])
    return float((int(around.argmax()) - reach) / fine / fs)


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
    """Recovers delays to a tenth of a sample in spite of an echo and noise."""
    rng = np.random.default_rng(0)
    fs, n = 16000, 8192
    source = rng.standard_normal(n)
    f = np.fft.rfftfreq(n)
    for samples in (0.0, 7.3, -12.6):
        shifted = np.fft.irfft(np.fft.rfft(source) * np.exp(-2j * np.pi * f * samples), n)
        heard = shifted + 0.5 * np.roll(shifted, 90) + 0.1 * rng.standard_normal(n)
        assert abs(gcc_phat_delay(source, heard, fs) * fs - samples) < 0.1
        assert abs(gcc_phat_delay(source, heard, fs, 0.001) * fs - samples) < 0.1

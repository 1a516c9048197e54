"""Find where somebody speaks by short-time energy with two thresholds.

Magnitudes of 10 ms frames are compared with thresholds set from the loudest and the quietest part of the
recording: speech starts where the upper one is passed and reaches as far as the lower one holds.
Works when the background is steady and at least some 10 dB below the voice; any loud sound counts
as speech.

topic: acoustics
modality: audio
keywords: VAD, speech detection, endpoint detection, silence removal, segmentation
source: L. R. Rabiner, M. R. Sambur, 1975, An Algorithm for Determining the Endpoints of Isolated
    Utterances, Bell System Technical Journal
"""

import numpy as np
from scipy.ndimage import binary_closing, binary_propagation
from scipy.signal import butter, sosfiltfilt


def voice_activity(audio: np.ndarray, fs: float) -> np.ndarray:
    """Return the stretches with speech.

    Inputs:
        audio (numpy.ndarray): one channel of sound, shape (n,), at least 0.2 s
        fs (float): sampling rate in Hz, at least 2000
    Outputs:
        segments (numpy.ndarray): start and end of each stretch in s, shape (k, 2)
    """
    x = _clean(audio, fs, 0.2)
    if fs < 2000:
        raise ValueError("The sampling rate must be at least 2000 Hz.")
    voice = butter(2, [100, min(4000, 0.45 * fs)], "bandpass", fs=fs, output="sos")
    y = np.abs(sosfiltfilt(voice, x - x[0]))
    hop = round(0.010 * fs)
    energy = y[: y.size // hop * hop].reshape(-1, hop).mean(axis=1)
    energy = np.convolve(energy, np.ones(3) / 3, mode="same")
    quiet, loud = np.percentile(energy, 10), energy.max()
    if loud <= 1e-12 * max(float(np.abs(x).max()), 1e-300) or loud < 3 * quiet:
        return np.empty((0, 2))
    low = min(0.03 * (loud - quiet) + quiet, 4 * quiet)
    low = max(low, 1.5 * quiet, 1e-3 * loud)  # silence of pure zeros has no level of its own
    speech = binary_propagation(energy > min(5 * low, 0.5 * loud), mask=energy > low)
    speech = binary_closing(np.pad(speech, 15), np.ones(15))[15:-15]  # bridge pauses up to 150 ms
    edges = np.diff(speech.astype(int), prepend=0, append=0)
    segments = np.column_stack([np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)])
    return segments[np.diff(segments, axis=1)[:, 0] >= 5] * hop / fs  # 50 ms or longer


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
    """Finds two voiced sounds in noise 20 dB below to within 50 ms, none in noise or silence."""
    fs = 8000
    rng = np.random.default_rng(0)
    t = np.arange(0, 3, 1 / fs)
    noise = 0.03 * rng.standard_normal(t.size)
    voiced = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 10))
    speaks = ((t > 0.5) & (t < 1.1)) | ((t > 1.8) & (t < 2.5))
    segments = voice_activity(noise + voiced * speaks, fs)
    assert segments.shape == (2, 2)
    assert np.abs(segments - np.array([[0.5, 1.1], [1.8, 2.5]])).max() < 0.05
    assert voice_activity(noise, fs).size == 0
    assert voice_activity(np.zeros(8000), fs).size == 0

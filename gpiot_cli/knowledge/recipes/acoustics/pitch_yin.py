"""Track the pitch (fundamental frequency) of voice or an instrument with YIN.

Each frame is compared with itself shifted; the difference over its running mean first dips below
0.15 at the period. Far fewer octave errors than plain autocorrelation, but only one pitch at a time.

topic: acoustics
modality: audio
keywords: pitch, fundamental frequency, F0, YIN, voice, tuner, autocorrelation
source: A. de Cheveigné, H. Kawahara, 2002, YIN, a fundamental frequency estimator for speech and
    music, Journal of the Acoustical Society of America
"""

import numpy as np


def pitch_yin(
    audio: np.ndarray, fs: float, lowest: float = 60.0, highest: float = 500.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return times and the pitch at them.

    Inputs:
        audio (numpy.ndarray): one channel of sound, shape (n,)
        fs (float): sampling rate in Hz
        lowest (float): lowest pitch in Hz
        highest (float): highest pitch in Hz, below fs / 4
    Outputs:
        times (numpy.ndarray): centre of each frame in s, every 10 ms, shape (k,)
        pitch (numpy.ndarray): pitch in Hz, 0 where there is none, shape (k,)
    """
    if not 0 < lowest < highest < fs / 4:
        raise ValueError("Need 0 < lowest < highest < fs / 4.")
    longest, shortest = int(np.ceil(fs / lowest)), int(fs / highest)
    window = longest + 2
    x = _clean(audio, fs, 2 * window / fs)
    hop, size = max(1, round(0.010 * fs)), 4 * window
    frames = np.lib.stride_tricks.sliding_window_view(x - x.mean(), 2 * window)[::hop]
    times = (np.arange(len(frames)) * hop + window) / fs
    # d(lag) = sum (x[j] - x[j + lag])^2 over one window, by FFT
    head = np.fft.rfft(frames[:, :window], size)
    shared = np.fft.irfft(np.conj(head) * np.fft.rfft(frames, size), size)[:, :window]
    power = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energy = power[:, window:-1] - power[:, :window]
    difference = np.maximum(energy[:, :1] + energy - 2 * shared, 0)
    mean = np.cumsum(difference, axis=1) / np.maximum(np.arange(window), 1)
    d = difference / np.maximum(mean, 1e-300)
    silent = energy[:, 0] <= 1e-12 * window * float(np.max(x**2)) + 1e-300
    pitch = np.zeros(len(frames))
    for i in np.flatnonzero(~silent):
        below = np.flatnonzero(d[i, shortest : longest + 1] < 0.15) + shortest
        if below.size:
            k = int(below[0])
            k += int(np.argmax(np.diff(d[i, k : longest + 2]) >= 0))  # down to the dip's bottom
            rise, fall = d[i, k + 1] - d[i, k], d[i, k - 1] - d[i, k]
            shift = 0.5 * (fall - rise) / max(fall + rise, 1e-12)
            pitch[i] = fs / (k + np.clip(shift, -0.5, 0.5))
    return times, pitch


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
    """Follows a rising voice to within 1 %, even without its fundamental; silence has no pitch."""
    fs = 16000
    rng = np.random.default_rng(0)
    t = np.arange(0, 1, 1 / fs)
    phase = 2 * np.pi * np.cumsum(110 + 80 * t) / fs
    voice = sum(np.sin(k * phase) for k in range(2, 8)) + 0.02 * rng.standard_normal(t.size)
    times, pitch = pitch_yin(voice, fs)
    assert np.abs(pitch / (110 + 80 * times) - 1).max() < 0.01
    assert np.mean(pitch_yin(rng.standard_normal(fs), fs)[1] > 0) < 0.05
    assert not pitch_yin(np.full(fs, 3), fs)[1].any()

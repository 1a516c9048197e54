"""Find claps, knocks, shots and other impulsive sounds or shocks by short-time over long-time energy.

An impulse is where the mean square of 5 ms rises above that of the second before by a factor: the STA/LTA
trigger of seismology. Adapts to the background level, works for sound, vibration and acceleration.
Loud steady sounds trigger once, when they start.

topic: acoustics
modality: audio, vibration, accelerometer
keywords: clap, knock, gunshot, impact, shock, transient, STA/LTA, trigger, event detection
source: R. V. Allen, 1978, Automatic earthquake recognition and timing from single traces, Bulletin of the
    Seismological Society of America
"""

import numpy as np


def impulse_detection(
    signal: np.ndarray, fs: float, ratio: float = 20.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the times and the strengths of impulses.

    Inputs:
        signal (numpy.ndarray): one channel, shape (n,), at least 0.5 s
        fs (float): sampling rate in Hz, at least 400
        ratio (float): how much the short-time energy must exceed the long-time energy
    Outputs:
        times (numpy.ndarray): start of each impulse in s, shape (k,)
        strengths (numpy.ndarray): largest magnitude within 50 ms from there, shape (k,)
    """
    x = _clean(signal, fs, 0.5)
    if fs < 400 or not ratio > 1:
        raise ValueError("Need a sampling rate of at least 400 Hz and a ratio above 1.")
    # the first difference removes slow waves, whose energy would hide an impulse
    change = np.diff(x, prepend=x[0])
    energy = np.concatenate([[0.0], np.cumsum(change**2)])
    short, long = max(2, round(0.005 * fs)), round(fs)
    start = np.arange(short, x.size - short + 1)
    now = (energy[start + short] - energy[start]) / short
    first = np.maximum(start - long, 0)
    before = (energy[start] - energy[first]) / (start - first)
    # before a quarter second has passed, the background is that of the quarter second
    before = np.where(start < fs / 4, energy[round(fs / 4)] / (fs / 4), before)
    floor = 1e-6 * now.max()  # in silence, the faintest rounding would be an impulse
    high = now > ratio * before + floor
    times: list[float] = []
    for k in start[high]:
        if not times or k / fs - times[-1] > 0.1:
            inside = change[k : k + short]
            times.append(float(k + np.flatnonzero(inside**2 >= 0.1 * np.max(inside**2))[0]) / fs)
    reach = round(0.05 * fs)
    begins = np.round(np.array(times) * fs).astype(int)
    middle = np.median(x)
    strengths = np.array([np.abs(x[k : k + reach] - middle).max() for k in begins])
    return np.array(times), strengths


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
    """Finds four claps over music-like sound and noise to within 5 ms."""
    fs = 16000
    rng = np.random.default_rng(0)
    t = np.arange(0, 5, 1 / fs)
    sound = 0.05 * np.sin(2 * np.pi * 200 * t) + 0.01 * rng.standard_normal(t.size)
    claps = np.array([0.9, 1.6, 2.9, 4.2])
    for at in claps:
        u = np.maximum(t - at, 0)
        sound += (t >= at) * np.exp(-u / 0.01) * rng.standard_normal(t.size)
    times, strengths = impulse_detection(sound, fs)
    assert times.size == claps.size
    assert np.abs(times - claps).max() < 0.005
    assert strengths.min() > 0.8
    assert impulse_detection(np.full(8000, 2), fs)[0].size == 0

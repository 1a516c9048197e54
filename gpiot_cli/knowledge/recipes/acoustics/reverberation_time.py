"""Measure the reverberation time T60 of a room from an impulse response by Schroeder's integration.

Integrating the squared impulse response backwards gives a smooth decay curve; a line through its part
from -5 to -25 dB is extrapolated to 60 dB (T20). Record a hand clap, a burst balloon or a deconvolved
sweep. The noise at the end must lie 35 dB below the start, or the time comes out too long.

topic: acoustics
modality: audio
keywords: T60, RT60, reverberation, room acoustics, impulse response, decay, Schroeder
source: M. R. Schroeder, 1965, New Method of Measuring Reverberation Time, Journal of the Acoustical
    Society of America; ISO 3382-2:2008
"""

import numpy as np


def reverberation_time(response: np.ndarray, fs: float) -> tuple[float, np.ndarray]:
    """Return the reverberation time and the decay curve.

    Inputs:
        response (numpy.ndarray): impulse response or recorded clap, shape (n,)
        fs (float): sampling rate in Hz
    Outputs:
        t60 (float): time in s in which the sound decays by 60 dB
        decay (numpy.ndarray): decay curve in dB from the loudest sample on, 0 at the start, (m,)
    """
    x = _clean(response, fs, 0.05)
    x -= np.median(x)
    start = int(np.abs(x).argmax())
    energy = x[start:] ** 2
    if energy.size < 20 or energy[0] == 0:
        raise ValueError("There is no decay after the loudest sample.")
    tail = energy[-max(2, energy.size // 10) :].mean()  # steady noise, taken off
    left = np.cumsum((energy - tail)[::-1])[::-1]
    left = np.minimum.accumulate(np.maximum(left, 1e-12 * max(float(left[0]), 1e-300)))
    decay = 10 * np.log10(left / left[0])
    part = np.flatnonzero((decay <= -5) & (decay >= -25))
    if part.size < 3 or decay.min() > -25:
        raise ValueError("The sound does not decay by 25 dB: record longer or louder.")
    slope = np.polyfit(part / fs, decay[part], 1)[0]
    return float(-60 / slope), decay


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
    """Recovers T60 of 0.4 and 1.2 s from decaying noise over a noise floor, within 6 %."""
    rng = np.random.default_rng(0)
    fs = 16000
    for t60 in (0.4, 1.2):
        t = np.arange(0, 2 * t60, 1 / fs)
        room = rng.standard_normal(t.size) * 10 ** (-3 * t / t60)
        room[0] = 5
        response = np.concatenate([np.zeros(500), room]) + rng.normal(0, 3e-3, t.size + 500)
        found, decay = reverberation_time(response, fs)
        assert abs(found / t60 - 1) < 0.06
        assert decay[0] == 0

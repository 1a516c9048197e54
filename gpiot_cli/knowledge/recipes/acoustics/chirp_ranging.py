"""Measure distances with a chirp: matched filter of an emitted sweep and its echoes.

For ultrasonic or audible sonar with a loudspeaker and a microphone that share a clock. The recording
is correlated with the chirp, which packs its energy into a pulse as short as 1 / bandwidth; echoes
are peaks of the envelope. Two echoes can be told apart when they are 343 / (2 * bandwidth) metres
apart or more.

topic: acoustics
modality: ultrasound, audio
keywords: sonar, echo, distance, range, chirp, matched filter, pulse compression, time of flight
source: J. R. Klauder et al., 1960, The Theory and Design of Chirp Radars, Bell System Technical Journal
"""

import numpy as np
from scipy.fft import next_fast_len
from scipy.signal import fftconvolve, find_peaks, hilbert


def chirp_ranging(
    sent: np.ndarray, recorded: np.ndarray, fs: float, speed: float = 343.0, threshold: float = 0.2
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances of the reflectors and the strengths of their echoes.

    Inputs:
        sent (numpy.ndarray): the chirp that was emitted, shape (m,)
        recorded (numpy.ndarray): recording that starts when the chirp is emitted, shape (n,), n >= m
        fs (float): sampling rate in Hz
        speed (float): speed of sound in m/s; 331.3 + 0.6 per degree Celsius in air
        threshold (float): least strength of an echo relative to the strongest
    Outputs:
        distances (numpy.ndarray): distance to each reflector in m, ascending, shape (k,)
        strengths (numpy.ndarray): amplitude of each echo relative to the strongest, shape (k,)
    """
    chirp, x = _clean(sent, fs, 0), _clean(recorded, fs, 0)
    if x.size < chirp.size or chirp.size < 8 or np.ptp(chirp) == 0:
        raise ValueError("Need a chirp of 8 samples or more and a longer recording.")
    chirp -= chirp.mean()
    compressed = fftconvolve(x - x.mean(), chirp[::-1])[chirp.size - 1 :]
    envelope = np.abs(hilbert(compressed, next_fast_len(compressed.size)))[: compressed.size]
    strongest = envelope.max()
    if strongest <= 1e-12 * max(float(np.abs(x).max()), 1e-300) * np.abs(chirp).sum():
        return np.array([]), np.array([])
    # one echo per reciprocal bandwidth; the bandwidth is measured on the chirp
    power = np.abs(np.fft.rfft(chirp)) ** 2
    share = np.cumsum(power) / power.sum()
    bandwidth = np.ptp(np.interp([0.05, 0.95], share, np.fft.rfftfreq(chirp.size, 1 / fs)))
    apart = max(1, round(fs / max(float(bandwidth), fs / chirp.size)))
    padded = np.concatenate([[0.0], envelope, [0.0]])
    peaks, _ = find_peaks(padded, height=threshold * strongest, distance=apart)
    k = peaks - 1
    left, top, right = padded[peaks - 1], padded[peaks], padded[peaks + 1]
    shift = 0.5 * (left - right) / np.minimum(left - 2 * top + right, -1e-300)
    return (k + shift.clip(-0.5, 0.5)) / fs * speed / 2, top / strongest


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
    """Measures two walls to within 5 mm at 0 dB, and the ratio of their echoes."""
    from scipy.signal import chirp
    from scipy.signal.windows import hann

    fs, rng = 96000, np.random.default_rng(0)
    t = np.arange(0, 0.01, 1 / fs)
    sweep = chirp(t, 15000, t[-1], 25000) * hann(t.size)
    recorded = 0.4 * rng.standard_normal(6000)
    for distance, size in ((1.20, 1.0), (2.75, 0.6)):
        delay = round(2 * distance / 343 * fs)
        recorded[delay : delay + t.size] += size * sweep
    distances, strengths = chirp_ranging(sweep, recorded, fs, threshold=0.35)
    assert distances.shape == (2,)
    assert np.abs(distances - [1.20, 2.75]).max() < 0.005
    assert abs(strengths[1] - 0.6) < 0.15

"""Measure distance by the time of flight of a pulse, with a matched filter on the received signal.

Use it for ultrasonic, acoustic or radio pulses whose sent waveform is known. The received signal
is correlated with the pulse, its envelope taken, and the first peak above a share of the maximum
is the nearest reflector; a parabola gives a fraction of a sample. Chirps give the sharpest peak.
Cut off the direct sound first.

topic: rf sensing
modality: generic, radar
keywords: time of flight, matched filter, ultrasonic, sonar, pulse compression, chirp, echo, range
source: G. L. Turin, 1960, "An introduction to matched filters", IRE Trans. Information Theory
"""

import numpy as np
from scipy.signal import correlate, find_peaks, hilbert


def echo_distance(
    sent: np.ndarray, received: np.ndarray, fs: float, speed: float = 343.0, first: float = 0.5
) -> tuple[float, float]:
    """Distance to the first strong reflector.

    Inputs:
        sent (numpy.ndarray): sent pulse, shape (k,), k >= 3
        received (numpy.ndarray): recording that starts when the pulse is sent, shape (n,), n >= k
        fs (float): sampling rate in Hz
        speed (float): speed of the wave in m/s
        first (float): share of the largest echo that the first one must reach, 0 to 1
    Outputs:
        distance (float): one-way distance to the reflector in metres
        delay (float): time there and back in seconds
    """
    pulse = np.nan_to_num(np.array(sent, dtype=float).squeeze(), posinf=0, neginf=0)
    x = np.nan_to_num(np.array(received, dtype=float).squeeze(), posinf=0, neginf=0)
    if pulse.ndim != 1 or x.ndim != 1 or not 3 <= pulse.size <= x.size:
        raise ValueError("sent must have at least 3 samples and not be longer than received")
    if not (fs > 0 and speed > 0 and 0 < first <= 1):
        raise ValueError("fs, speed and first must be positive, and first at most 1")
    correlation = correlate(x - x.mean(), pulse, method="fft")[pulse.size - 1 :]
    envelope = np.abs(hilbert(correlation))
    peaks, _ = find_peaks(envelope, height=first * envelope.max())
    if peaks.size == 0 or envelope.max() <= 1e-12 * np.abs(x).max() * np.abs(pulse).sum():
        raise ValueError("the received signal holds no echo of the pulse")
    # Peaks closer than half a pulse belong to one echo; the highest of them is its main lobe.
    lobe = peaks[peaks - peaks[0] < pulse.size / 2]
    k = int(lobe[np.argmax(envelope[lobe])])
    left, mid, right = envelope[k - 1 : k + 2]
    curvature = left - 2 * mid + right
    shift = 0.5 * (left - right) / curvature if curvature < 0 else 0.0
    delay = float(k + shift) / fs
    return delay * speed / 2, delay


def check() -> None:
    """Of two echoes in noise the nearer is ranged to a millimetre."""
    rng = np.random.default_rng(0)
    fs = 192_000.0
    clock = np.arange(0, 0.04, 1 / fs)

    def pulse(t: np.ndarray) -> np.ndarray:
        taper = np.where((t >= 0) & (t <= 0.005), np.sin(np.pi * t / 0.005) ** 2, 0)
        return np.sin(2 * np.pi * (30e3 * t + 1e6 * t**2)) * taper

    echoes = 0.3 * pulse(clock - 2 * 1.2345 / 343) + 0.25 * pulse(clock - 2 * 2.9 / 343)
    received = echoes + 0.1 * rng.normal(size=clock.size)
    distance, delay = echo_distance(pulse(clock[:961]), received, fs)
    assert abs(distance - 1.2345) < 0.001
    assert abs(delay - 2 * 1.2345 / 343) < 6e-6

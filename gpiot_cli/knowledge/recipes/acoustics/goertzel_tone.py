"""Measure one tone in a signal with the Goertzel algorithm.

Gives amplitude and phase at a single frequency for the price of one multiplication per sample: for
tone codes (DTMF), alarms, hum, rotating machines and modems. The frequency need not fit the length of
the signal. It resolves 1 / duration: tones closer than that run together.

topic: acoustics
modality: audio, vibration, generic
keywords: Goertzel, tone detection, DTMF, single-frequency DFT, amplitude, beep, alarm
source: G. Goertzel, 1958, An Algorithm for the Evaluation of Finite Trigonometric Series, American
    Mathematical Monthly
"""

import numpy as np
from scipy.signal import lfilter


def goertzel_tone(signal: np.ndarray, fs: float, frequency: float) -> tuple[float, float, float]:
    """Return amplitude and phase of the tone, and its share of the power.

    Inputs:
        signal (numpy.ndarray): one channel, shape (n,)
        fs (float): sampling rate in Hz
        frequency (float): frequency of the tone in Hz, above 0 and below fs / 2
    Outputs:
        amplitude (float): amplitude (half of peak to peak) in the unit of the signal
        phase (float): phase of the cosine at the first sample in radians, -pi to pi
        share (float): power of the tone over the power of the signal without its mean, 0 to 1
    """
    x = _clean(signal, fs, 0)
    if not 0 < frequency < fs / 2 or x.size < 4:
        raise ValueError("Need four samples and a frequency between 0 and fs / 2.")
    x -= x.mean()
    omega = 2 * np.pi * frequency / fs
    # the recurrence s[n] = x[n] + 2 cos(omega) s[n-1] - s[n-2], run by lfilter
    s = lfilter([1.0], [1.0, -2 * np.cos(omega), 1.0], x)
    total = s[-1] * np.exp(1j * omega) - s[-2]
    coefficient = 2 / x.size * total * np.exp(-1j * omega * x.size)
    amplitude = float(np.abs(coefficient))
    power = float(np.mean(x**2))
    share = min(1.0, amplitude**2 / 2 / power) if power > 0 else 0.0
    return amplitude, float(np.angle(coefficient)), share


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
    """Agrees with the Fourier sum, and recovers a tone in noise."""
    rng = np.random.default_rng(0)
    fs, n = 8000, 4000
    t = np.arange(n) / fs
    signal = 5 + 0.7 * np.cos(2 * np.pi * 770 * t + 0.6) + 0.3 * rng.standard_normal(n)
    amplitude, phase, share = goertzel_tone(signal, fs, 770)
    assert abs(amplitude - 0.7) < 0.02
    assert abs(phase - 0.6) < 0.05
    assert abs(share - 0.245 / (0.245 + 0.09)) < 0.03
    total = 2 / n * np.sum((signal - signal.mean()) * np.exp(-2j * np.pi * 1336.3 * t))
    assert abs(goertzel_tone(signal, fs, 1336.3)[0] - abs(total)) < 1e-9
    assert goertzel_tone(np.full(100, 3), fs, 770)[2] == 0

"""Find the strongest frequency of a signal in a band, with sub-bin accuracy, from its spectrum.

Use it to read a rate (breathing, steps, fan, wobble) off a signal with one main rhythm. The
Hann-windowed, zero-padded periodogram is searched in the band, and a parabola through the log
power around the maximum refines it. The signal should hold at least two or three periods.

topic: signal processing
modality: generic, vibration, time series, wifi csi, radar
keywords: dominant frequency, peak frequency, rate estimation, fft, periodicity, rhythm, rpm
source: M. Gasior and J. L. Gonzalez, 2004, "Improving FFT frequency measurement resolution by parabolic and Gaussian spectrum interpolation", AIP Conf. Proc. 732
"""

import numpy as np


def dominant_frequency(
    signal: np.ndarray, fs: float, low: float = 0.0, high: float = np.inf
) -> tuple[float, float]:
    """Frequency of the highest spectral peak between `low` and `high`.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 8; NaN marks a gap
        fs (float): sampling rate in Hz
        low (float): lower edge of the search in Hz
        high (float): upper edge of the search in Hz; half the sampling rate if above it
    Outputs:
        frequency (float): strongest frequency in Hz; 0 for a constant signal
        share (float): part of the signal's power in that peak, 0 to 1
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 8:
        raise ValueError("the signal must be one-dimensional with at least 8 finite samples")
    if not (fs > 0 and 0 <= low < min(high, fs / 2)):
        raise ValueError(f"need 0 <= low < high and low < fs/2, got {low} to {high} at {fs} Hz")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    if np.ptp(x) <= 1e-12 * np.abs(x).max():
        return 0.0, 0.0
    x = x - x.mean()
    size = 8 * 2 ** int(np.ceil(np.log2(x.size)))
    power = np.abs(np.fft.rfft(x * np.hanning(x.size), size)) ** 2
    frequencies = np.fft.rfftfreq(size, 1 / fs)
    band = np.flatnonzero((frequencies >= low) & (frequencies <= high) & (frequencies > 0))
    if band.size == 0:
        raise ValueError(f"the signal is too short to resolve the band {low} to {high} Hz")
    k = int(band[np.argmax(power[band])])
    main_lobe = np.abs(frequencies - frequencies[k]) <= 2 * fs / x.size
    share = float(power[main_lobe].sum() / power.sum())
    if not 0 < k < power.size - 1:
        return float(frequencies[k]), share
    left, mid, right = np.log(power[k - 1 : k + 2] + 1e-300)
    curvature = left - 2 * mid + right
    # At the edge of the band the maximum may sit on a slope, where no parabola fits.
    shift = 0.5 * (left - right) / curvature if curvature < 0 else 0.0
    return float(frequencies[k] + np.clip(shift, -0.5, 0.5) * fs / size), share


def check() -> None:
    """Off-bin tones are found to a thousandth of a hertz, also in noise and inside a band."""
    t = np.arange(0, 30, 0.05)
    tone = 100 + np.sin(2 * np.pi * 0.2731 * t)
    frequency, share = dominant_frequency(tone, 20.0)
    assert abs(frequency - 0.2731) < 0.001
    assert share > 0.95
    mixed = tone + 3 * np.sin(2 * np.pi * 4 * t) + np.random.default_rng(0).normal(0, 0.3, t.size)
    assert abs(dominant_frequency(mixed, 20.0)[0] - 4) < 0.001
    assert abs(dominant_frequency(mixed, 20.0, 0.1, 1.0)[0] - 0.2731) < 0.003
    assert dominant_frequency(np.full(20, 5), 1.0) == (0.0, 0.0)

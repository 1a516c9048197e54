"""Smooth a signal and take its derivative with a Savitzky-Golay filter.

Use it where the height and width of peaks matter, which a moving average would flatten: a
polynomial is fitted by least squares in every window. The window should be about as wide as the
narrowest feature to keep. Gaps (NaN) are interpolated first.

topic: signal processing
modality: generic, time series, temperature, humidity, air quality, light
keywords: savitzky-golay, smoothing, polynomial, derivative, slope, denoise, rate of change
source: A. Savitzky and M. J. E. Golay, 1964, "Smoothing and differentiation of data by simplified least squares procedures", Analytical Chemistry
"""

import numpy as np
from scipy.signal import savgol_filter


def savitzky_golay_smooth(
    signal: np.ndarray, fs: float, window: int = 11, degree: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Smooth a signal and differentiate it.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n > degree + 1; NaN marks a gap
        fs (float): sampling rate in Hz
        window (int): window length in samples; made odd, and shortened to the signal if need be
        degree (int): degree of the polynomial, at least 1
    Outputs:
        smoothed (numpy.ndarray): smoothed signal, shape (n,)
        derivative (numpy.ndarray): its slope in units per second, shape (n,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < degree + 2:
        raise ValueError(f"the signal must be one-dimensional with {degree + 2} finite samples")
    if degree < 1 or not fs > 0:
        raise ValueError("degree must be at least 1 and fs positive")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    window = max(window, degree + 2)
    window = min(window + 1 - window % 2, x.size - 1 + x.size % 2)  # odd, and not above n
    degree = min(degree, window - 1)
    smoothed = savgol_filter(x, window, degree)
    derivative = savgol_filter(x, window, degree, deriv=1, delta=1 / fs)
    return smoothed, derivative


def check() -> None:
    """A cubic is reproduced exactly with its derivative; noise shrinks as theory says."""
    t = np.arange(50) / 10.0
    smoothed, slope = savitzky_golay_smooth(t**3 - 2 * t, 10.0, window=9)
    assert np.allclose(smoothed, t**3 - 2 * t)
    assert np.allclose(slope, 3 * t**2 - 2)
    noise = np.random.default_rng(0).normal(size=20000)
    # The centre weight of the 11-point cubic filter is 89/429 = its noise variance factor.
    smoothed, _ = savitzky_golay_smooth(noise, 1.0, window=11)
    assert abs(smoothed.var() - 89 / 429) < 0.01
    assert np.allclose(savitzky_golay_smooth(np.full(6, 2), 1.0)[1], 0.0)

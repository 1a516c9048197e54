"""Characterise a gyroscope or accelerometer at rest by its overlapping Allan deviation.

The deviation between neighbouring averages of length tau falls with tau where white noise rules and
is flat at the bias instability. At tau = 1 s on the slope of -1/2 it reads the angle (velocity)
random walk; its minimum divided by 0.664 is the bias instability. The sensor must lie still at
constant temperature, for much longer than the longest tau.

topic: inertial
modality: gyroscope, accelerometer, imu
keywords: Allan variance, angle random walk, bias instability, noise, calibration, drift
source: IEEE Std 952-1997, Specification Format Guide and Test Procedure for Single-Axis
    Interferometric Fiber Optic Gyros, annex C
"""

import numpy as np


def allan_deviation(rate: np.ndarray, fs: float) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return the Allan deviation, the random walk and the bias instability.

    Inputs:
        rate (numpy.ndarray): one axis of a sensor at rest, any unit u, shape (n,)
        fs (float): sampling rate in Hz
    Outputs:
        taus (numpy.ndarray): averaging times in s, logarithmically spaced, shape (k,)
        deviation (numpy.ndarray): Allan deviation in u, shape (k,)
        random_walk (float): white noise in u / sqrt(Hz)
        bias_instability (float): lowest deviation divided by 0.664, in u
    """
    x = _clean(rate, fs, 0)
    if x.size < 100:
        raise ValueError("Need at least 100 samples.")
    angle = np.concatenate([[0.0], np.cumsum(x - x.mean())]) / fs
    counts = np.unique(np.logspace(0, np.log10(x.size // 9), 60).astype(int))
    deviation = []
    for m in counts:
        second = angle[2 * m :] - 2 * angle[m:-m] + angle[: -2 * m]
        deviation.append(np.sqrt(np.mean(second**2) / 2) * fs / m)
    taus, sigma = counts / fs, np.array(deviation)
    # the white-noise line of slope -1/2 through the shortest averaging times
    white = sigma[:5] * np.sqrt(taus[:5])
    return taus, sigma, float(np.median(white)), float(sigma.min() / 0.664)


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
    """Recovers the density of white noise, and the slope of -1/2."""
    fs, density = 100, 0.02
    rng = np.random.default_rng(0)
    white = 1.5 + rng.normal(0, density * np.sqrt(fs), 200_000)
    taus, sigma, walk, _ = allan_deviation(white, fs)
    assert abs(walk - density) < 0.001
    early = taus < 10
    slope = np.polyfit(np.log(taus[early]), np.log(sigma[early]), 1)[0]
    assert abs(slope + 0.5) < 0.05
    drifting = white + np.cumsum(rng.normal(0, 1e-3, white.size))
    later = allan_deviation(drifting, fs)[1]
    assert later[-1] > 3 * sigma[-1]

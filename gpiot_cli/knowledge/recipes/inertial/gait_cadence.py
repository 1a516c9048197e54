"""Measure cadence, regularity and symmetry of walking by autocorrelation of trunk acceleration.

The unbiased autocorrelation of the magnitude has a peak at one step and one at two steps (a stride).
Their positions give the cadence; their heights, 0 to 1, tell how alike successive steps and strides
are, and their ratio how symmetric left and right are. For a stretch of steady walking of 5 s or
more with the sensor near the waist.

topic: inertial
modality: accelerometer, imu
keywords: gait, cadence, step regularity, stride, symmetry, walking, autocorrelation, rehabilitation
source: R. Moe-Nilssen, J. L. Helbostad, 2004, Estimation of gait cycle characteristics by trunk
    accelerometry, Journal of Biomechanics
"""

import numpy as np
from scipy.signal import butter, correlate, find_peaks, sosfiltfilt


def gait_cadence(acceleration: np.ndarray, fs: float) -> tuple[float, float, float, float]:
    """Return the cadence, the regularity of steps and strides, and the symmetry.

    Inputs:
        acceleration (numpy.ndarray): acceleration of steady walking, any unit, shape (n, 3)
        fs (float): sampling rate in Hz, at least 20
    Outputs:
        cadence (float): steps per minute
        step_regularity (float): autocorrelation at one step, up to 1
        stride_regularity (float): autocorrelation at two steps, up to 1
        symmetry (float): step over stride regularity, near 1 when left and right are alike
    """
    a = _vectors(acceleration)
    if not fs >= 20 or len(a) < 5 * fs:
        raise ValueError("Need at least 5 s of acceleration sampled at 20 Hz or more.")
    magnitude = np.linalg.norm(a, axis=1)
    band = butter(2, [0.5, min(8, 0.45 * fs)], "bandpass", fs=fs, output="sos")
    x = sosfiltfilt(band, magnitude - magnitude.mean())
    n = x.size
    if np.mean(x**2) <= 1e-12 * np.mean(magnitude**2):
        raise ValueError("There is no motion in the acceleration.")
    unbiased = correlate(x, x, method="fft")[n - 1 :] / np.arange(n, 0, -1)
    r = unbiased[: round(3 * fs)] / unbiased[0]
    first, last = round(0.3 * fs), round(1.0 * fs)  # 60 to 200 steps per minute
    lags, _ = find_peaks(r[: last + 1], height=0.1)
    lags = lags[lags >= first]
    if lags.size == 0:
        raise ValueError("There is no steady walking in the acceleration.")
    step = int(lags[r[lags] >= 0.3 * r[lags].max()][0])  # a fast walker's stride also lies here
    around = np.arange(round(1.8 * step), round(2.2 * step) + 1)
    stride = int(around[r[around].argmax()])
    regularity = float(r[stride])
    before, top, after = r[stride - 1 : stride + 2]  # a parabola finds the maximum between samples
    shift = 0.5 * (before - after) / min(before - 2 * top + after, -1e-12)
    period = (stride + float(np.clip(shift, -0.5, 0.5))) / fs
    return 120 / period, float(r[step]), regularity, float(r[step]) / max(regularity, 1e-12)


def _vectors(data: np.ndarray) -> np.ndarray:
    """Copy three axes as float with their gaps interpolated; raises ValueError if unusable."""
    x = np.array(data, dtype=float)
    if x.ndim != 2 or x.shape[1] != 3 or len(x) < 2 or not np.isfinite(x).any(axis=0).all():
        raise ValueError("Need three axes with finite samples, in an array of shape (n, 3).")
    for axis in x.T:
        gap = ~np.isfinite(axis)
        axis[gap] = np.interp(np.flatnonzero(gap), np.flatnonzero(~gap), axis[~gap])
    return x


def check() -> None:
    """Recovers the cadence of slow and fast walking, and tells a limp from even walking."""
    fs = 50
    rng = np.random.default_rng(0)
    t = np.arange(0, 20, 1 / fs)
    cases = ((110, 0.0, 0.9, 1.1), (110, 0.2, 0.0, 0.85), (160, 0.1, 0.5, 1.0))
    for per_minute, limp, low, high in cases:
        rate = per_minute / 60
        up = 1 + 0.3 * np.sin(2 * np.pi * rate * t) + limp * np.sin(np.pi * rate * t)
        a = np.column_stack([0 * t, 0 * t, up]) + rng.normal(0, 0.02, (t.size, 3))
        cadence, step, stride, symmetry = gait_cadence(a, fs)
        assert abs(cadence - per_minute) < 2
        assert stride > 0.9
        assert low < symmetry < high
        assert step <= 1

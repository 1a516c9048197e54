"""Count steps in accelerometer data by peak detection, at any place on the body.

The magnitude does not depend on how the device is held; dividing by its median makes it multiples
of g whatever the unit. Steps are peaks of the 0.5-3 Hz magnitude that are high enough and at
least 0.3 s apart, in runs of four or more: single jolts are not walking. Shaking at walking pace is
counted as walking. Gravity must be in the data.

topic: inertial
modality: accelerometer, imu
keywords: pedometer, steps, walking, gait, peak detection, wearable, smartphone
source: A. Brajdic, R. Harle, 2013, Walk detection and step counting on unconstrained smartphones,
    UbiComp
"""

import numpy as np
from scipy.signal import butter, find_peaks, sosfiltfilt


def step_count(acceleration: np.ndarray, fs: float) -> tuple[int, np.ndarray]:
    """Return the number of steps and where they are.

    Inputs:
        acceleration (numpy.ndarray): acceleration with gravity, in g or m/s^2, shape (n, 3)
        fs (float): sampling rate in Hz, at least 10
    Outputs:
        steps (int): number of steps
        positions (numpy.ndarray): position of each step in samples, shape (steps,)
    """
    a = _vectors(acceleration)
    if not fs >= 10 or len(a) < 2 * fs:
        raise ValueError("Need at least 2 s of acceleration sampled at 10 Hz or more.")
    magnitude = np.linalg.norm(a, axis=1)
    if np.median(magnitude) == 0:
        raise ValueError("The acceleration must include gravity.")
    magnitude /= np.median(magnitude)
    band = butter(2, [0.5, 3], "bandpass", fs=fs, output="sos")
    motion = sosfiltfilt(band, magnitude - magnitude.mean())
    peaks, _ = find_peaks(motion, height=0.04, prominence=0.06, distance=max(1, round(0.3 * fs)))
    runs = np.split(peaks, np.flatnonzero(np.diff(peaks) > 2 * fs) + 1)
    walked = [run for run in runs if run.size >= 4]
    positions = np.concatenate(walked) if walked else np.array([], dtype=int)
    return int(positions.size), positions


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
    """Counts 50 steps exactly in both units and any pose; rest and single jolts are no steps."""
    rng = np.random.default_rng(0)
    for fs, unit in ((25, 1.0), (100, 9.81)):
        t = np.arange(0, 40, 1 / fs)
        walk = (t > 5) & (t < 5 + 50 / 1.8)
        up = 1 + walk * (0.25 * np.sin(2 * np.pi * 1.8 * (t - 5)))
        up += 0.5 * np.exp(-((t - 37) ** 2) / (2 * 0.1**2))
        tilted = up[:, None] * np.array([0.48, -0.6, 0.64])
        steps, positions = step_count(unit * (tilted + rng.normal(0, 0.03, (t.size, 3))), fs)
        assert abs(steps - 50) <= 1
        assert np.abs(np.diff(positions) / fs - 1 / 1.8).max() < 0.15
        assert step_count(unit * rng.normal([0, 0, 1], 0.02, (t.size, 3)), fs)[0] == 0

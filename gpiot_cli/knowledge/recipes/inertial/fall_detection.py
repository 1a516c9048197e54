"""Detect falls in accelerometer data: free fall, then impact, then lying still in another pose.

The magnitude falls below 0.6 g while falling and exceeds 2.8 g at the impact within a second; in the
following seconds the body lies still and its vertical has turned by 45 degrees or more. All
conditions together keep jumps and sitting down out. For a sensor on the trunk; soft falls onto a
bed can be missed.

topic: inertial
modality: accelerometer, imu
keywords: fall, elderly care, free fall, impact, posture change, safety, wearable
source: A. K. Bourke, J. V. O'Brien, G. M. Lyons, 2007, Evaluation of a threshold-based tri-axial
    accelerometer fall detection algorithm, Gait & Posture
"""

import numpy as np
from scipy.signal import find_peaks


def fall_detection(acceleration: np.ndarray, fs: float, impact: float = 2.8) -> np.ndarray:
    """Return where falls happened.

    Inputs:
        acceleration (numpy.ndarray): acceleration with gravity, in g or m/s^2, shape (n, 3)
        fs (float): sampling rate in Hz, at least 20
        impact (float): least magnitude of the impact in g
    Outputs:
        falls (numpy.ndarray): sample of the impact of each fall, shape (k,)
    """
    a = _vectors(acceleration)
    if not fs >= 20 or len(a) < 5 * fs:
        raise ValueError("Need at least 5 s of acceleration sampled at 20 Hz or more.")
    usual = float(np.median(np.linalg.norm(a, axis=1)))
    if usual == 0:
        raise ValueError("The acceleration must include gravity.")
    a /= usual  # most of the time the magnitude is gravity: now in g whatever the unit
    magnitude = np.linalg.norm(a, axis=1)
    second = round(fs)
    hits, _ = find_peaks(magnitude, height=impact, distance=2 * second)
    falls = []
    for hit in hits:
        after = a[hit + second : hit + 3 * second]
        before = a[max(0, hit - 3 * second) : max(1, hit - second)]
        if magnitude[max(0, hit - second) : hit].min() > 0.6 or len(after) < second:
            continue
        still = np.linalg.norm(after, axis=1).std() < 0.1
        up, down = before.mean(axis=0), after.mean(axis=0)
        cosine = up @ down / max(float(np.linalg.norm(up) * np.linalg.norm(down)), 1e-12)
        if still and np.degrees(np.arccos(np.clip(cosine, -1, 1))) > 45:
            falls.append(int(hit))
    return np.array(falls, dtype=int)


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
    """Finds a fall among walking and a jump."""
    fs = 50
    rng = np.random.default_rng(0)
    t = np.arange(0, 40, 1 / fs)
    up = 1 + 0.2 * np.sin(2 * np.pi * 2 * t) * (t < 25)
    for at in (10, 30):  # a jump at 10 s, the fall at 30 s
        up[(t > at - 0.4) & (t < at)] = 0.2
        up[(t >= at) & (t < at + 0.08)] = 3.5
    lying = np.clip((t - 29.9) / 0.4, 0, 1) * np.pi / 2
    a = up[:, None] * np.column_stack([np.sin(lying), 0 * t, np.cos(lying)])
    falls = fall_detection(9.81 * (a + rng.normal(0, 0.02, a.shape)), fs)
    assert falls.size == 1
    assert abs(falls[0] / fs - 30) < 0.15

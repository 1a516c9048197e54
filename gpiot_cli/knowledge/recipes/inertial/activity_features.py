"""Cut accelerometer data into windows and compute the features of activity recognition.

Windows of 2.56 s with half overlap are the field's habit. Each row holds means, deviations, range and
correlation of the axes, and energy, dominant frequency and spectral entropy of the magnitude: enough
to tell sitting, walking, running and stairs apart with a tree or a logistic regression. Scale the
columns before distance-based classifiers.

topic: inertial
modality: accelerometer, imu
keywords: human activity recognition, HAR, features, sliding window, spectral entropy, classification
source: D. Anguita et al., 2013, A Public Domain Dataset for Human Activity Recognition Using
    Smartphones, ESANN; L. Bao, S. S. Intille, 2004, Activity Recognition from User-Annotated
    Acceleration Data, Pervasive
"""

import numpy as np
import pandas as pd


def activity_features(acceleration: np.ndarray, fs: float, window: float = 2.56) -> pd.DataFrame:
    """Return one row of features per window.

    Inputs:
        acceleration (numpy.ndarray): acceleration, any unit, shape (n, 3)
        fs (float): sampling rate in Hz
        window (float): length of a window in s; windows overlap by half
    Outputs:
        features (pandas.DataFrame): one row per window; start is its first sample
    """
    a = _vectors(acceleration)
    length = round(window * fs)
    if length < 8 or len(a) < length:
        raise ValueError("Need at least one window, of at least 8 samples.")
    f = np.fft.rfftfreq(length, 1 / fs)[1:]
    rows = []
    for start in range(0, len(a) - length + 1, length // 2):
        part = a[start : start + length]
        centred = part - part.mean(axis=0)
        size = np.linalg.norm(part, axis=1)
        row = {"start": start, "magnitude_mean": size.mean(), "magnitude_std": size.std()}
        for k, axis in enumerate("xyz"):
            row |= {f"{axis}_mean": part[:, k].mean(), f"{axis}_std": part[:, k].std()}
            row[f"{axis}_range"] = np.ptp(part[:, k])
        for i, j in ((0, 1), (0, 2), (1, 2)):
            spread = part[:, i].std() * part[:, j].std()
            shared = np.mean(centred[:, i] * centred[:, j])
            row[f"correlation_{'xyz'[i]}{'xyz'[j]}"] = shared / spread if spread > 0 else 0.0
        power = np.abs(np.fft.rfft(size - size.mean()))[1:] ** 2
        share = power / max(power.sum(), 1e-300)
        row["energy"] = np.mean((size - size.mean()) ** 2)
        row["dominant_frequency"] = f[power.argmax()] if power.sum() > 0 else 0.0
        entropy = -np.sum(share * np.log2(np.maximum(share, 1e-300)))
        row["spectral_entropy"] = entropy / np.log2(share.size)
        rows.append(row)
    return pd.DataFrame(rows)


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
    """A 2 Hz walk shows 2 Hz, less entropy and more energy than rest."""
    fs = 50
    rng = np.random.default_rng(0)
    t = np.arange(0, 30, 1 / fs)
    a = rng.normal([0, 0, 1], 0.02, (t.size, 3))
    a[t >= 15, 2] += 0.4 * np.sin(2 * np.pi * 2 * t[t >= 15])
    table = activity_features(a, fs)
    rest, walk = table[table["start"] < 600], table[table["start"] >= 750]
    assert np.allclose(walk["dominant_frequency"], 2, atol=0.25)
    assert walk["energy"].min() > 20 * rest["energy"].max()
    assert walk["spectral_entropy"].max() < rest["spectral_entropy"].min()
    assert np.isfinite(activity_features(np.ones((200, 3)), fs).to_numpy()).all()

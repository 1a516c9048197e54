"""Turn Wi-Fi CSI into a table of window features for an activity classifier.

Use it before a random forest or SVM that tells walking, sitting down, falling or gestures apart.
The first principal component of the amplitudes stands for the motion; each window gets its
spread, its speed and its spectrum. Train and test on different people or days: neighbouring
windows share data.

topic: rf sensing
modality: wifi csi
keywords: csi, activity recognition, features, gesture, fall detection, window, classifier
source: Y. Wang, K. Wu and L. M. Ni, 2017, "WiFall: device-free fall detection by wireless networks", IEEE Trans. Mobile Computing
"""

import numpy as np
import pandas as pd


def csi_activity_features(
    csi: np.ndarray, fs: float, window_s: float = 2.0, overlap: float = 0.5
) -> pd.DataFrame:
    """Features of every window of a CSI recording.

    Inputs:
        csi (numpy.ndarray): complex CSI or amplitudes, shape (packets, subcarriers), evenly
            spaced; NaN marks a missing value
        fs (float): packets per second
        window_s (float): window length in seconds, at least 8 packets
        overlap (float): shared part of neighbouring windows, 0 to below 1
    Outputs:
        features (pandas.DataFrame): one row per window; start_s, deviation, mad, iqr, speed
            (mean absolute change per second), peak_hz, bandwidth_hz, entropy (0 to 1)
    """
    amplitude = np.abs(np.asarray(csi)).astype(float)
    length = round(window_s * fs)
    if amplitude.ndim < 2 or length < 8 or len(amplitude) < length or not 0 <= overlap < 1:
        raise ValueError("need (packets, subcarriers) with a window of at least 8 packets in it")
    table = pd.DataFrame(amplitude.reshape(len(amplitude), -1)).interpolate(limit_direction="both")
    table = table.dropna(axis="columns")
    if table.empty:
        raise ValueError("every CSI value is missing")
    centred = table.to_numpy() - table.to_numpy().mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    motion = left[:, 0] * singular[0]
    frequencies = np.fft.rfftfreq(length, 1 / fs)[1:]
    rows = []
    for start in range(0, motion.size - length + 1, max(round(length * (1 - overlap)), 1)):
        x = motion[start : start + length]
        power = np.abs(np.fft.rfft((x - x.mean()) * np.hanning(length)))[1:] ** 2
        share = power / power.sum() if power.sum() > 0 else np.full(power.size, 1 / power.size)
        centre = float(share @ frequencies)
        low, high = np.percentile(x, [25, 75])
        rows.append(
            {
                "start_s": start / fs,
                "deviation": x.std(),
                "mad": np.median(np.abs(x - np.median(x))),
                "iqr": high - low,
                "speed": np.mean(np.abs(np.diff(x))) * fs,
                "peak_hz": frequencies[np.argmax(share)],
                "bandwidth_hz": np.sqrt(share @ (frequencies - centre) ** 2),
                "entropy": -np.sum(share * np.log(share + 1e-300)) / np.log(share.size),
            }
        )
    return pd.DataFrame(rows)


def check() -> None:
    """Rest, slow and fast motion differ in the features as they should."""
    rng = np.random.default_rng(0)
    t = np.arange(0, 30, 0.01)
    motion = np.where(t < 10, 0, np.sin(2 * np.pi * np.where(t < 20, 1.0, 6.0) * t))
    csi = 12 + 2 * motion[:, None] * rng.uniform(0.5, 1, 20) + rng.normal(0, 0.2, (t.size, 20))
    csi[::50, 2] = np.nan
    table = csi_activity_features(csi, 100.0)
    assert len(table) == 29
    rest, slow, fast = (table[(table.start_s >= a) & (table.start_s <= a + 8)] for a in (0, 10, 20))
    assert np.allclose(slow.peak_hz, 1.0)
    assert np.allclose(fast.peak_hz, 6.0)
    assert fast.speed.min() > 3 * slow.speed.max()
    assert slow.deviation.min() > 10 * rest.deviation.max()
    assert rest.entropy.min() > 2 * fast.entropy.max()

"""Cut a signal with one or more channels into overlapping windows of fixed length.

Use it as the first step of activity recognition, fault detection and other classification of
streams. Windows hold copies, so changing them leaves the signal alone. The rest that does not
fill a window is dropped.

topic: signal processing
modality: generic, time series, vibration, wifi csi, power
keywords: segmentation, sliding window, framing, overlap, epochs, windows, chunks
source: O. Banos et al., 2014, "Window size impact in human activity recognition", Sensors
"""

import numpy as np


def sliding_windows(
    signal: np.ndarray, fs: float, window_s: float = 2.0, overlap: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Windows of a signal and when they start.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,) or (n, channels); NaN stays NaN
        fs (float): sampling rate in Hz
        window_s (float): window length in seconds
        overlap (float): shared part of neighbouring windows, 0 to below 1
    Outputs:
        windows (numpy.ndarray): shape (windows, length) or (windows, length, channels)
        starts (numpy.ndarray): start of each window in seconds, shape (windows,)
    """
    x = np.asarray(signal)
    if not (fs > 0 and window_s > 0 and 0 <= overlap < 1):
        raise ValueError("fs and window_s must be positive and overlap between 0 and 1")
    length = max(round(window_s * fs), 1)
    step = max(round(length * (1 - overlap)), 1)
    if x.ndim not in (1, 2) or len(x) < length:
        raise ValueError(f"need (n,) or (n, channels) with n >= {length}, got shape {x.shape}")
    starts = np.arange(0, len(x) - length + 1, step)
    return x[starts[:, None] + np.arange(length)], starts / fs


def check() -> None:
    """Windows hold the right samples in both shapes."""
    windows, starts = sliding_windows(np.arange(10), 2.0, window_s=2.0)
    assert np.array_equal(windows, [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7], [6, 7, 8, 9]])
    assert np.array_equal(starts, [0, 1, 2, 3])
    data = np.random.default_rng(0).normal(size=(101, 3))
    windows, starts = sliding_windows(data, 50.0, window_s=0.5, overlap=0.0)
    assert windows.shape == (4, 25, 3)
    assert np.array_equal(windows[2], data[50:75])
    windows[:] = 0
    assert not np.any(data == 0)

"""Find when a muscle switches on and off in an EMG with the Teager-Kaiser energy operator.

The operator x[n]^2 - x[n-1] x[n+1] grows with amplitude and frequency, so a motor unit stands out
from baseline noise more than in the rectified EMG. Activity is where its smoothed value exceeds the
baseline mean by 15 standard deviations for 25 ms; the baseline is the quietest half second, so the
recording needs one.

topic: biosignals
modality: emg
keywords: muscle onset, burst detection, TKEO, electromyography, activation timing, gait
source: S. Solnik et al., 2010, Teager-Kaiser energy operator signal conditioning improves EMG onset
    detection, European Journal of Applied Physiology
"""

import numpy as np
from scipy.ndimage import binary_closing, uniform_filter1d
from scipy.signal import butter, sosfiltfilt


def emg_onset_teager_kaiser(emg: np.ndarray, fs: float, threshold: float = 15.0) -> np.ndarray:
    """Return when the muscle is active.

    Inputs:
        emg (numpy.ndarray): raw surface EMG with at least 0.5 s of rest, shape (n,)
        fs (float): sampling rate in Hz, at least 200
        threshold (float): standard deviations of the baseline that activity must exceed
    Outputs:
        bursts (numpy.ndarray): onset and end of each burst in samples, shape (k, 2)
    """
    x = _clean(emg, fs, 1)
    if fs < 200:
        raise ValueError("The sampling rate must be at least 200 Hz.")
    band = butter(3, [30, min(300, 0.45 * fs)], "bandpass", fs=fs, output="sos")
    y = sosfiltfilt(band, x - x[0])
    energy = np.zeros(x.size)
    energy[1:-1] = np.abs(y[1:-1] ** 2 - y[:-2] * y[2:])
    energy = np.maximum(sosfiltfilt(butter(2, 50, fs=fs, output="sos"), energy), 0)
    rest = round(0.5 * fs)
    start = int(uniform_filter1d(energy, rest)[rest // 2 : x.size - rest // 2].argmin())
    quiet = energy[start : start + rest]
    floor = 1e-9 * energy.max()  # so that rounding noise never counts as activity
    active = energy > quiet.mean() + threshold * quiet.std() + floor
    active = binary_closing(active, np.ones(round(0.05 * fs) + 1))  # gaps up to 50 ms
    edges = np.diff(active.astype(int), prepend=0, append=0)
    bursts = np.column_stack([np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)])
    return bursts[np.diff(bursts, axis=1)[:, 0] >= 0.025 * fs]


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
    """Finds two bursts to within 30 ms at a signal-to-noise ratio of 20 dB."""
    rng = np.random.default_rng(0)
    for fs in (500, 2000):
        t = np.arange(0, 6, 1 / fs)
        active = ((t > 1.5) & (t < 2.5)) | ((t > 4) & (t < 4.6))
        emg = rng.standard_normal(t.size) * np.where(active, 1, 0.1)
        bursts = emg_onset_teager_kaiser(emg, fs) / fs
        assert bursts.shape == (2, 2)
        assert np.abs(bursts - np.array([[1.5, 2.5], [4, 4.6]])).max() < 0.03
    assert emg_onset_teager_kaiser(np.ones(2000), 500).shape == (0, 2)

"""Find eye blinks in a frontal EEG or EOG channel as tall, short, isolated waves.

For cleaning EEG, drowsiness (blink rate and duration) and blink input. The channel is filtered to
1-10 Hz; a blink is a wave that stands out from the background by six robust standard deviations and
lasts 50-500 ms at half its height. Assumes upward blinks (Fp1, Fp2, vertical EOG): negate the
signal otherwise. Slow large head movements can look alike.

topic: biosignals
modality: eeg
keywords: eye blink, EOG, artefact, drowsiness, fatigue, blink rate, Fp1
source: after K. Kleifges, N. Bigdely-Shamlo, S. E. Kerick, K. A. Robbins, 2017, BLINKER: Automated
    Extraction of Ocular Indices from EEG, Frontiers in Neuroscience
"""

import numpy as np
from scipy.signal import butter, find_peaks, sosfiltfilt


def eeg_blink_detection(
    eeg: np.ndarray, fs: float, threshold: float = 6.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions and durations of blinks.

    Inputs:
        eeg (numpy.ndarray): frontal EEG or vertical EOG, blinks upward, shape (n,)
        fs (float): sampling rate in Hz, above 25
        threshold (float): least height in robust standard deviations of the background
    Outputs:
        blinks (numpy.ndarray): positions of the maxima in samples, shape (k,)
        durations (numpy.ndarray): widths at half height in s, shape (k,)
    """
    x = _clean(eeg, fs, 3)
    if fs <= 25:
        raise ValueError("The sampling rate must be above 25 Hz.")
    filtered = sosfiltfilt(butter(2, [1, 10], "bandpass", fs=fs, output="sos"), x - x[0])
    background = np.median(filtered)
    spread = 1.4826 * np.median(np.abs(filtered - background))
    if spread == 0:
        return np.array([], dtype=int), np.array([])
    blinks, shape = find_peaks(
        filtered,
        height=background + threshold * spread,
        prominence=threshold * spread,
        distance=max(1, round(0.2 * fs)),
        width=(0.05 * fs, 0.5 * fs),
    )
    return blinks, shape["widths"] / fs


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
    """Finds twelve blinks in alpha waves and noise, and none where there are none."""
    fs = 128
    rng = np.random.default_rng(0)
    t = np.arange(0, 60, 1 / fs)
    eeg = 8 * np.sin(2 * np.pi * 10 * t) + 8 * rng.standard_normal(t.size)
    assert eeg_blink_detection(eeg, fs)[0].size == 0
    times = np.arange(2.5, 60, 4.9)
    for at in times:
        eeg += 150 * np.exp(-((t - at) ** 2) / (2 * 0.07**2))
    blinks, durations = eeg_blink_detection(eeg, fs)
    assert blinks.size == times.size
    assert np.abs(blinks / fs - times).max() < 0.04
    assert np.all((durations > 0.1) & (durations < 0.25))

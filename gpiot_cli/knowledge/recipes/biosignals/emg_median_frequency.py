"""Track muscle fatigue by the median frequency of the EMG spectrum.

As a muscle tires its conduction velocity falls and the spectrum moves to lower frequencies. The
frequency that halves the 20-450 Hz power is computed in one-second windows; its slope over time is
the fatigue index. Meant for steady (isometric) contractions; needs 500 Hz or more to be meaningful.

topic: biosignals
modality: emg
keywords: muscle fatigue, median frequency, spectrum, electromyography, ergonomics
source: C. J. De Luca, 1984, Myoelectrical manifestations of localized muscular fatigue in humans,
    CRC Critical Reviews in Biomedical Engineering
"""

import numpy as np
from scipy.signal import welch


def emg_median_frequency(emg: np.ndarray, fs: float) -> tuple[np.ndarray, float]:
    """Return the median frequency per second and its trend.

    Inputs:
        emg (numpy.ndarray): raw surface EMG of a steady contraction, shape (n,), at least 3 s
        fs (float): sampling rate in Hz, at least 200
    Outputs:
        median_frequencies (numpy.ndarray): one value in Hz per whole second, shape (k,)
        slope (float): change in Hz per second; negative when the muscle tires
    """
    x = _clean(emg, fs, 3)
    if fs < 200:
        raise ValueError("The sampling rate must be at least 200 Hz.")
    length = round(fs)
    windows = x[: x.size // length * length].reshape(-1, length)
    f, power = welch(windows - windows.mean(axis=1, keepdims=True), fs, nperseg=length // 4)
    band = (f >= 20) & (f <= 450)
    share = np.cumsum(power[:, band], axis=1)
    if not np.all(share[:, -1] > 0):
        raise ValueError("The EMG is constant for a second or more.")
    share /= share[:, -1:]
    medians = np.array([np.interp(0.5, row, f[band]) for row in share])
    return medians, float(np.polyfit(np.arange(len(medians)), medians, 1)[0])


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
    """Recovers the middle of a noise band that moves from 120 Hz down to 80 Hz."""
    from scipy.signal import butter, sosfilt

    fs, rng = 1000, np.random.default_rng(0)
    seconds = []
    for centre in np.linspace(120, 80, 20):
        band = butter(4, [centre - 30, centre + 30], "bandpass", fs=fs, output="sos")
        seconds.append(sosfilt(band, rng.standard_normal(2 * fs))[fs:])
    medians, slope = emg_median_frequency(np.concatenate(seconds), fs)
    assert abs(medians[:5].mean() - 116) < 6
    assert abs(slope + 40 / 19) < 0.5

import numpy as np
from scipy.signal import butter, sosfiltfilt


def muscle_cocontraction(agonist: np.ndarray, antagonist: np.ndarray, fs: float) -> float:
    band = butter(4, [20, 400], "bandpass", fs=fs, output="sos")
    low = butter(4, 6, "lowpass", fs=fs, output="sos")
    # Not scaled to their maxima: the channel with the larger gain decides.
    a = np.clip(sosfiltfilt(low, np.abs(sosfiltfilt(band, agonist))), 0, None)
    b = np.clip(sosfiltfilt(low, np.abs(sosfiltfilt(band, antagonist))), 0, None)
    return float(200 * np.minimum(a, b).sum() / (a + b).sum())

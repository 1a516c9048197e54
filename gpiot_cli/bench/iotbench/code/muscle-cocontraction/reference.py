import numpy as np
from scipy.signal import butter, sosfiltfilt


def muscle_cocontraction(agonist: np.ndarray, antagonist: np.ndarray, fs: float) -> float:
    a, b = envelope(agonist, fs), envelope(antagonist, fs)
    return float(200 * np.minimum(a, b).sum() / (a + b).sum())


def envelope(emg: np.ndarray, fs: float) -> np.ndarray:
    band = butter(4, [20, 400], "bandpass", fs=fs, output="sos")
    low = butter(4, 6, "lowpass", fs=fs, output="sos")
    smooth = sosfiltfilt(low, np.abs(sosfiltfilt(band, emg)))
    smooth = np.clip(smooth, 0, None)
    return smooth / smooth.max()

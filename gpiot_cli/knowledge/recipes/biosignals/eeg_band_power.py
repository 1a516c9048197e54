"""Compute the power of the EEG rhythms delta, theta, alpha, beta and gamma.

For drowsiness, relaxation, sleep and neurofeedback. Welch's spectrum with 4 s windows is summed over
each band; relative power divides by the sum of the bands and does not depend on electrode contact.
Remove blinks and hum first: blinks look like delta, muscle like gamma.

topic: biosignals
modality: eeg
keywords: brain waves, delta, theta, alpha, beta, gamma, relative power, attention, drowsiness
source: P. D. Welch, 1967, The use of fast Fourier transform for the estimation of power spectra,
    IEEE Trans. Audio and Electroacoustics
"""

import numpy as np
from scipy.signal import welch

BANDS = {
    "delta": (0.5, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 13.0),
    "beta": (13.0, 30.0),
    "gamma": (30.0, 45.0),
}


def eeg_band_power(eeg: np.ndarray, fs: float) -> tuple[dict[str, float], dict[str, float]]:
    """Return the absolute and the relative power of the five EEG bands.

    Inputs:
        eeg (numpy.ndarray): one EEG channel, usually in uV, shape (n,)
        fs (float): sampling rate in Hz; bands above fs / 2 have no power
    Outputs:
        power (dict): power of delta, theta, alpha, beta and gamma in the input's unit squared
        relative (dict): the same divided by their sum, 0 to 1
    """
    x = _clean(eeg, fs, 4)
    f, density = welch(x - x.mean(), fs, nperseg=round(4 * fs))
    power = {
        name: float(density[(f >= low) & (f < high)].sum() * f[1])
        for name, (low, high) in BANDS.items()
    }
    total = sum(power.values())
    relative = {name: value / total if total > 0 else 0.0 for name, value in power.items()}
    return power, relative


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
    """A 10 Hz sine of amplitude 4 has alpha power 8; white noise spreads by bandwidth."""
    fs = 200
    rng = np.random.default_rng(0)
    t = np.arange(0, 120, 1 / fs)
    power, relative = eeg_band_power(4 * np.sin(2 * np.pi * 10 * t) + 30, fs)
    assert abs(power["alpha"] - 8) < 0.1
    assert relative["alpha"] > 0.99
    power, relative = eeg_band_power(rng.standard_normal(t.size), fs)
    assert abs(power["beta"] - 17 / 100) < 0.02
    assert eeg_band_power(np.zeros(1000), fs)[1]["alpha"] == 0

"""Find and replace spikes in a signal with a Hampel filter (moving median and MAD).

Use it before other processing, on any sensor that glitches. A sample further than `n_sigmas`
robust standard deviations from the median of its window is replaced by that median; the rest
stays as it is. Gaps (NaN) are interpolated and do not count as spikes. In windows that are mostly
constant any change is an outlier: set `resolution` to the sensor's step size there.

topic: signal processing
modality: generic, time series, wifi csi, rssi, temperature, humidity, air quality, power
keywords: hampel, outlier removal, spike, glitch, median filter, MAD, despike, cleaning
source: R. K. Pearson et al., 2016, "Generalized Hampel filters", EURASIP Journal on Advances in Signal Processing
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def hampel_filter(
    signal: np.ndarray, half_window: int = 5, n_sigmas: float = 3.0, resolution: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Replace outliers by the median of their surroundings.

    Inputs:
        signal (numpy.ndarray): samples, shape (n,), n >= 3; NaN marks a gap
        half_window (int): samples looked at on each side
        n_sigmas (float): deviation, in robust standard deviations, that makes an outlier
        resolution (float): deviations up to this (signal units) are never outliers
    Outputs:
        cleaned (numpy.ndarray): signal without outliers, shape (n,)
        outliers (numpy.ndarray): True where a sample was replaced, shape (n,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 3:
        raise ValueError("the signal must be one-dimensional with at least 3 finite samples")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    k = int(np.clip(half_window, 1, (x.size - 1) // 2))
    windows = sliding_window_view(np.pad(x, k, mode="reflect"), 2 * k + 1)
    median = np.median(windows, axis=1)
    sigma = 1.4826 * np.median(np.abs(windows - median[:, None]), axis=1)
    outliers = np.abs(x - median) > np.maximum(n_sigmas * sigma, resolution)
    return np.where(outliers, median, x), outliers


def check() -> None:
    """Spikes on a noisy sine are found exactly and put back on the curve."""
    rng = np.random.default_rng(0)
    clean = np.sin(np.arange(500) / 40)
    noisy = clean + rng.uniform(-0.02, 0.02, 500)
    spikes = np.array([30, 120, 121, 333, 498])
    noisy[spikes] += 5
    cleaned, outliers = hampel_filter(noisy, half_window=7, n_sigmas=6)
    assert set(spikes) <= set(np.flatnonzero(outliers))
    assert np.max(np.abs(cleaned - clean)) < 0.2
    cleaned, outliers = hampel_filter(np.array([4, 4, 4, 90, 4, 4, 4]))
    assert np.array_equal(np.flatnonzero(outliers), [3])
    assert np.all(cleaned == 4)
    assert not hampel_filter(np.array([4, 4, 4, 5, 4, 4, 4]), resolution=1.0)[1].any()

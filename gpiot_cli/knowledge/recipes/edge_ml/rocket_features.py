"""Turn windows of a signal into features for a linear classifier with random convolutions (ROCKET).

Use it for time series classification without hand-made features and without training a network.
Each random dilated kernel slides over the z-normalised window and gives its maximum and the share
of positive values; a ridge classifier on top is enough. The same seed and length give the same
kernels, so train and test rows fit together.

topic: edge ml
modality: time series, vibration, generic, wifi csi
keywords: rocket, random convolution, kernels, time series classification, features, 1-D CNN, ridge
source: A. Dempster, F. Petitjean and G. I. Webb, 2020, "ROCKET: exceptionally fast and accurate time series classification using random convolutional kernels", Data Mining and Knowledge Discovery
"""

import numpy as np


def rocket_features(windows: np.ndarray, kernels: int = 200, seed: int = 0) -> np.ndarray:
    """Two features per kernel for each window.

    Inputs:
        windows (numpy.ndarray): windows of one channel, shape (n, length), length >= 9; NaN counts
            as the window's mean
        kernels (int): number of random kernels
        seed (int): seed of the kernels; use the same for training and prediction
    Outputs:
        features (numpy.ndarray): maximum and share of positive values, shape (n, 2 * kernels)
    """
    x = np.array(windows, dtype=float)
    if x.ndim != 2 or len(x) == 0 or x.shape[1] < 9 or kernels < 1:
        raise ValueError("windows must have shape (n, length) with a length of at least 9")
    good = np.isfinite(x)
    mean = np.where(good, x, 0).sum(1, keepdims=True) / np.maximum(good.sum(1, keepdims=True), 1)
    x = np.where(good, x - mean, 0.0)
    deviation = x.std(axis=1, keepdims=True)
    flat = deviation <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
    x = np.where(flat, 0.0, x / np.where(flat, 1.0, deviation))
    length = x.shape[1]
    rng = np.random.default_rng(seed)
    features = np.empty((len(x), 2 * kernels))
    for k in range(kernels):
        taps = int(rng.choice([7, 9]))
        weights = rng.normal(size=taps)
        weights -= weights.mean()
        bias = rng.uniform(-1, 1)
        dilation = int(2 ** rng.uniform(0, np.log2((length - 1) / (taps - 1))))
        padding = (taps - 1) * dilation // 2 if rng.random() < 0.5 else 0
        padded = np.pad(x, ((0, 0), (padding, padding)))
        width = padded.shape[1] - (taps - 1) * dilation
        response = np.full((len(x), width), bias)
        for tap, weight in enumerate(weights):
            response += weight * padded[:, tap * dilation : tap * dilation + width]
        features[:, 2 * k] = response.max(axis=1)
        features[:, 2 * k + 1] = np.mean(response > 0, axis=1)
    return features


def check() -> None:
    """Sines, squares and chirps of random phase and scale are told apart by a linear classifier."""
    from sklearn.linear_model import RidgeClassifier

    rng = np.random.default_rng(0)
    t = np.arange(120) / 120
    kind = rng.integers(0, 3, 240)
    phase, scale = rng.uniform(0, 1, (2, 240, 1))
    sine = np.sin(2 * np.pi * (5 * t + phase))
    chirp = np.sin(2 * np.pi * (2 * t + 3 * t**2 + phase))
    windows = np.choose(kind[:, None], [sine, np.sign(sine), chirp])
    windows = 50 + (0.1 + scale) * (windows + rng.normal(0, 0.3, windows.shape))
    windows[7, 30] = np.nan
    features = rocket_features(windows)
    model = RidgeClassifier(1.0).fit(features[:160], kind[:160])
    assert model.score(features[160:], kind[160:]) > 0.93
    assert np.allclose(rocket_features(windows[:5] * 3 - 7), features[:5])
    assert np.isfinite(rocket_features(np.full((2, 9), 4))).all()

"""Scale every column of a data set to mean 0 and standard deviation 1 (z-scores).

Use it before distances, regression, neural networks and clustering, which mistake large units for
importance. Statistics ignore missing values; those become 0, the mean. Constant columns become 0.
For a classifier compute mean and deviation on the training part and apply them to the rest.

topic: signal processing
modality: generic, time series, wifi csi, rssi, temperature, vibration
keywords: z-score, standardise, normalise, scaling, preprocessing, mean, standard deviation
source: T. Hastie, R. Tibshirani and J. Friedman, 2009, "The Elements of Statistical Learning", 2nd ed., Springer
"""

import numpy as np


def zscore_normalize(data: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Standardise each column.

    Inputs:
        data (numpy.ndarray): samples, shape (n,) or (n, columns); NaN marks a missing value
    Outputs:
        scores (numpy.ndarray): z-scores, same shape as data
        mean (numpy.ndarray): mean of each column, shape (columns,) (one for a vector)
        deviation (numpy.ndarray): standard deviation, 1 where a column is constant, same shape
    """
    x = np.array(data, dtype=float)
    if x.ndim not in (1, 2) or x.shape[0] < 2:
        raise ValueError(f"need (n,) or (n, columns) with n >= 2, got shape {x.shape}")
    columns = x.reshape(len(x), -1)
    good = np.isfinite(columns)
    number = np.maximum(good.sum(axis=0), 1)
    mean = np.where(good, columns, 0.0).sum(axis=0) / number
    centred = np.where(good, columns - mean, 0.0)
    deviation = np.sqrt((centred**2).sum(axis=0) / number)
    # Rounding gives a constant column a tiny deviation, which would blow its noise up to 1.
    constant = deviation <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
    deviation = np.where(constant, 1.0, deviation)
    scores = np.where(constant, 0.0, centred / deviation)
    return scores.reshape(x.shape), mean, deviation


def check() -> None:
    """Columns get mean 0 and deviation 1, constants 0, and the scaling can be undone."""
    data = np.random.default_rng(0).normal([5, -2, 0], [10, 0.1, 1e-9], size=(300, 3))
    data = np.column_stack([data, np.full(300, 0.1)])
    scores, mean, deviation = zscore_normalize(data)
    assert np.allclose(scores[:, :3].mean(axis=0), 0)
    assert np.allclose(scores[:, :3].std(axis=0), 1)
    assert np.all(scores[:, 3] == 0)
    assert np.allclose(scores * deviation + mean, data)
    assert np.allclose(zscore_normalize(np.array([1, np.nan, 3]))[0], [-1, 0, 1])

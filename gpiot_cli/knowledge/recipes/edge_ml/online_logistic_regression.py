"""Learn a yes-or-no decision from a stream, one example at a time (online logistic regression).

Use it on a device that gets labels over time: comfort votes, accepted alarms. Every row is first
predicted, then learnt from, so the predictions are an honest test. Inputs are standardised by
running mean and variance, and AdaGrad sets the step of each weight, so no learning rate has to be
tuned. Unlabelled rows (NaN) are predicted only.

topic: edge ml
modality: generic, time series, occupancy
keywords: online learning, logistic regression, sgd, adagrad, streaming, prequential, incremental
source: J. Duchi, E. Hazan and Y. Singer, 2011, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR; A. P. Dawid, 1984, "Prequential analysis", J. Royal Statistical Society A
"""

import numpy as np


def online_logistic_regression(
    features: np.ndarray, labels: np.ndarray, rate: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities given before each label was seen, and the final weights.

    Inputs:
        features (numpy.ndarray): rows in order of time, shape (n, columns); NaN counts as the mean
        labels (numpy.ndarray): 0 or 1, NaN where unknown, shape (n,)
        rate (float): step size of AdaGrad, above 0
    Outputs:
        probabilities (numpy.ndarray): predicted probability of 1, shape (n,)
        weights (numpy.ndarray): weights of the standardised columns and, last, the bias,
            shape (columns + 1,)
    """
    x, y = np.asarray(features, dtype=float), np.asarray(labels, dtype=float)
    if x.ndim != 2 or len(x) == 0 or len(x) != len(y) or not rate > 0:
        raise ValueError("need (n, columns), a label for each row and a positive rate")
    if not np.isin(y[np.isfinite(y)], (0, 1)).all():
        raise ValueError("labels must be 0, 1 or NaN")
    columns = x.shape[1]
    count, mean, squares = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    weights, gathered = np.zeros(columns + 1), np.full(columns + 1, 1e-8)
    probabilities = np.empty(len(x))
    for i, row in enumerate(x):
        seen = np.isfinite(row)
        count += seen
        step = np.where(seen, row - mean, 0.0)
        mean = mean + step / np.maximum(count, 1)
        squares = squares + step * np.where(seen, row - mean, 0.0)
        deviation = np.sqrt(squares / np.maximum(count, 1))
        z = np.where(seen & (deviation > 0), row - mean, 0.0) / np.where(
            deviation > 0, deviation, 1
        )
        z = np.append(np.clip(z, -5, 5), 1.0)  # one wild value must not throw the weights off
        probabilities[i] = 1 / (1 + np.exp(-np.clip(weights @ z, -30, 30)))
        if np.isfinite(y[i]):
            gradient = (probabilities[i] - y[i]) * z
            gathered += gradient**2
            weights -= rate * gradient / np.sqrt(gathered)
    return probabilities, weights


def check() -> None:
    """It comes close to the best possible error on a stream, whatever the units."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(3000, 3))
    truth = 1 / (1 + np.exp(-(2 * z[:, 0] - 1.5 * z[:, 1] + 0.5)))
    labels = (rng.random(3000) < truth).astype(float)
    features = z * [1000, 0.01, 1] + [5000, 0, -3]
    features[10, 1] = np.nan
    labels[20] = np.nan
    probabilities, weights = online_logistic_regression(features, labels)
    late = slice(1500, None)
    best = np.mean((truth - labels)[late] ** 2)
    assert np.mean((probabilities - labels)[late] ** 2) < best + 0.01
    assert np.allclose(weights, [2, -1.5, 0, 0.5], atol=0.35)
    assert np.isfinite(online_logistic_regression(np.full((9, 2), 4), np.ones(9))[0]).all()

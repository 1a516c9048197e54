"""Train a neural network with one hidden layer in plain numpy and predict classes with it.

Use it where a few kilobytes of weights must do and boundaries are not linear. Inputs are
standardised inside, the hidden layer uses ReLU, the output softmax with cross-entropy, and training
is gradient descent with momentum. Hold whole groups out when judging it.

topic: edge ml
modality: generic, time series, vibration
keywords: neural network, MLP, multilayer perceptron, backpropagation, tinyml, classifier, numpy
source: D. E. Rumelhart, G. E. Hinton and R. J. Williams, 1986, "Learning representations by back-propagating errors", Nature
"""

import numpy as np


def train_tiny_mlp(
    features: np.ndarray,
    labels: np.ndarray,
    new_features: np.ndarray,
    hidden: int = 16,
    epochs: int = 100,
    seed: int = 0,
) -> tuple[np.ndarray, dict]:
    """Predictions for new rows and the network.

    Inputs:
        features (numpy.ndarray): training rows, shape (n, columns), n >= 2; NaN counts as the mean
        labels (numpy.ndarray): class of each row (numbers or text), shape (n,)
        new_features (numpy.ndarray): rows to classify, shape (m, columns)
        hidden (int): hidden units
        epochs (int): passes over the training rows
        seed (int): seed of weights and order
    Outputs:
        predictions (numpy.ndarray): class of each new row, shape (m,)
        network (dict): classes, mean, scale, w1 (columns, hidden), b1, w2 (hidden, classes), b2
    """
    x, new = np.asarray(features, dtype=float), np.asarray(new_features, dtype=float)
    if x.ndim != 2 or len(x) < 2 or len(x) != len(labels) or new.shape[1:] != x.shape[1:]:
        raise ValueError("need (n, columns) with n labels, and new rows with the same columns")
    classes, target = np.unique(np.asarray(labels), return_inverse=True)
    if not np.isfinite(x).any(axis=0).all():
        raise ValueError("a column of the training rows has no finite value")
    known = np.ma.masked_invalid(x)
    mean, scale = known.mean(axis=0).data, known.std(axis=0).data
    scale = np.where(scale > 1e-12 * np.abs(mean), scale, 1.0)
    x, new = (np.nan_to_num((a - mean) / scale, posinf=0, neginf=0) for a in (x, new))
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, np.sqrt(2 / x.shape[1]), (x.shape[1], hidden)), np.zeros(hidden)]
    weights += [rng.normal(0, np.sqrt(1 / hidden), (hidden, classes.size)), np.zeros(classes.size)]
    velocities = [np.zeros_like(w) for w in weights]
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(x)), max(len(x) // 32, 1)):
            active, probability = _forward(x[batch], weights)
            error = (probability - np.eye(classes.size)[target[batch]]) / len(batch)
            back = (error @ weights[2].T) * (active > 0)
            gradients = [x[batch].T @ back, back.sum(0), active.T @ error, error.sum(0)]
            for weight, gradient, velocity in zip(weights, gradients, velocities, strict=True):
                velocity *= 0.9
                velocity -= 0.03 * gradient
                weight += velocity
    network = dict(zip(("w1", "b1", "w2", "b2"), weights, strict=True))
    predictions = classes[np.argmax(_forward(new, weights)[1], axis=1)]
    return predictions, {"classes": classes, "mean": mean, "scale": scale, **network}


def _forward(x: np.ndarray, weights: list) -> tuple[np.ndarray, np.ndarray]:
    active = np.maximum(x @ weights[0] + weights[1], 0)
    score = active @ weights[2] + weights[3]
    score = np.exp(score - score.max(axis=1, keepdims=True))
    return active, score / score.sum(axis=1, keepdims=True)


def check() -> None:
    """Rings, which no line separates, are learnt, and the returned network repeats it."""
    rng = np.random.default_rng(0)
    angle, ring = rng.uniform(0, 2 * np.pi, 400), rng.integers(0, 2, 400)
    points = (np.stack([np.cos(angle), np.sin(angle)], 1).T * (1 + ring)).T * 1000
    points += rng.normal(0, 150, points.shape)
    points[3, 0] = np.nan
    names = np.array(["inner", "outer"])[ring]
    predictions, net = train_tiny_mlp(points[:300], names[:300], points[300:], epochs=60)
    assert np.mean(predictions == names[300:]) > 0.95
    z = (points[300:] - net["mean"]) / net["scale"]
    score = np.maximum(z @ net["w1"] + net["b1"], 0) @ net["w2"] + net["b2"]
    assert np.array_equal(net["classes"][np.argmax(score, axis=1)], predictions)

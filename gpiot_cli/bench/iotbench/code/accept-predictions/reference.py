import numpy as np


def accept_predictions(probabilities: np.ndarray, labels: list, threshold: float) -> list:
    best = np.argmax(probabilities, axis=1)
    return [
        labels[k] if row[k] >= threshold else "unknown"
        for row, k in zip(probabilities, best, strict=True)
    ]

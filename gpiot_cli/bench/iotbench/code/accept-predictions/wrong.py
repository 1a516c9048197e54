import numpy as np


def accept_predictions(probabilities: np.ndarray, labels: list, threshold: float) -> list:
    # What is exactly at the threshold is refused.
    return [
        labels[int(np.argmax(row))] if row.max() > threshold else "unknown" for row in probabilities
    ]

import numpy as np


def strongest_impact(acceleration: np.ndarray) -> tuple[int, float]:
    # The largest single axis is not the largest vector.
    strength = np.abs(acceleration).max(axis=1)
    index = int(np.argmax(strength))
    return index, float(strength[index])

import numpy as np


def strongest_impact(acceleration: np.ndarray) -> tuple[int, float]:
    strength = np.linalg.norm(acceleration, axis=1)
    index = int(np.argmax(strength))
    return index, float(strength[index])

import numpy as np


def noisy_quarters(levels: np.ndarray, limit: float) -> list:
    whole = len(levels) // 15
    loud = np.sum(levels[: whole * 15].reshape(whole, 15) > limit, axis=1)
    return [quarter for quarter in range(whole) if loud[quarter] > 3]

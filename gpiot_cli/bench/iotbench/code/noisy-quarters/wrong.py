import numpy as np


def noisy_quarters(levels: np.ndarray, limit: float) -> list:
    # The last quarter is judged although minutes are missing.
    starts = range(0, len(levels), 15)
    return [i for i, start in enumerate(starts) if np.sum(levels[start : start + 15] > limit) > 3]

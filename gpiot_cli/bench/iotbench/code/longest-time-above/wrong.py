import numpy as np


def longest_time_above(temperatures: np.ndarray, limit: float, interval: float) -> float:
    # A spell that lasts until the end is forgotten.
    longest = current = 0
    for warm in temperatures > limit:
        if warm:
            current += 1
        else:
            longest = max(longest, current)
            current = 0
    return float(longest * interval)

import numpy as np


def longest_time_above(temperatures: np.ndarray, limit: float, interval: float) -> float:
    longest = current = 0
    for warm in temperatures > limit:
        current = current + 1 if warm else 0
        longest = max(longest, current)
    return float(longest * interval)

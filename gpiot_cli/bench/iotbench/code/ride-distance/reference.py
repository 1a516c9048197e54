import numpy as np


def ride_distance(times_s: np.ndarray, speeds: np.ndarray) -> float:
    return float(np.sum((speeds[1:] + speeds[:-1]) / 2 * np.diff(times_s)) / 3.6)

import numpy as np


def ride_distance(times_s: np.ndarray, speeds: np.ndarray) -> float:
    # Each speed is held until the next entry.
    return float(np.sum(speeds[:-1] * np.diff(times_s)) / 3.6)

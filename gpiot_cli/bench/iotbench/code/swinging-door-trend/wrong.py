import numpy as np


def swinging_door_trend(times: np.ndarray, values: np.ndarray, tolerance: float) -> np.ndarray:
    kept = [0]
    # A dead band: a sample is kept when it leaves the last kept value, whatever the trend.
    for k in range(1, len(times)):
        if abs(values[k] - values[kept[-1]]) > tolerance:
            kept.append(k)
    return np.unique([*kept, len(times) - 1])

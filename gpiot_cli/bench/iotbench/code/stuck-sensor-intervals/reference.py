import numpy as np


def stuck_sensor_intervals(
    times: np.ndarray, values: np.ndarray, tolerance: float, min_s: float, max_gap_s: float
) -> list:
    stuck = []
    i = 0
    while i < len(times):
        low = high = values[i]
        j = i
        while j + 1 < len(times) and times[j + 1] - times[j] <= max_gap_s:
            low, high = min(low, values[j + 1]), max(high, values[j + 1])
            # Written so that NaN ends the stretch as well.
            if not (np.isfinite(values[j : j + 2]).all() and high - low <= tolerance):
                break
            j += 1
        if times[j] - times[i] >= min_s:
            stuck.append([float(times[i]), float(times[j])])
            i = j + 1
        else:
            i += 1
    return stuck

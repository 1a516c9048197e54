import numpy as np


def corridor_light(motion_s: np.ndarray, lux: np.ndarray, dark_lux: float, hold_s: float) -> list:
    intervals: list[list[float]] = []
    for i in np.argsort(motion_s, kind="stable"):
        time = float(motion_s[i])
        if intervals and time < intervals[-1][1]:
            intervals[-1][1] = time + hold_s
        elif not lux[i] >= dark_lux:
            intervals.append([time, time + hold_s])
    return intervals

import numpy as np


def tachometer_speed(
    voltage: np.ndarray, fs: float, stripes: int, low: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    # Without the lower threshold, flicker on the edge counts as further pulses.
    before = np.flatnonzero((voltage[:-1] < high) & (voltage[1:] >= high))
    share = (high - voltage[before]) / (voltage[before + 1] - voltage[before])
    bounds = ((before + share) / fs)[::stripes]
    return bounds[:-1], 60 / np.diff(bounds)

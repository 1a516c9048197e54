import numpy as np


def tachometer_speed(
    voltage: np.ndarray, fs: float, stripes: int, low: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    pulses = []
    ready = False
    for i, value in enumerate(voltage):
        if value <= low:
            ready = True
        elif ready and value >= high:
            before = voltage[i - 1]
            pulses.append((i - 1 + (high - before) / (value - before)) / fs)
            ready = False
    bounds = np.array(pulses[::stripes])
    return bounds[:-1], 60 / np.diff(bounds)

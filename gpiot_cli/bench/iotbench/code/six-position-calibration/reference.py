import numpy as np


def six_position_calibration(readings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    axes = np.arange(3)
    up = readings[2 * axes, axes]
    down = readings[2 * axes + 1, axes]
    return (up + down) / 2, (up - down) / (2 * 9.80665)

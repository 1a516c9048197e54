import numpy as np


def six_position_calibration(readings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # The offset takes in the rows in which the axis should read nothing.
    offset = readings.mean(axis=0)
    up = readings[[0, 2, 4], [0, 1, 2]]
    down = readings[[1, 3, 5], [0, 1, 2]]
    return offset, (up - down) / (2 * 9.80665)

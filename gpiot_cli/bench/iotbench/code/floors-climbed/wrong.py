import numpy as np


def floors_climbed(pressure: np.ndarray) -> tuple[int, float]:
    altitude = 44330 * (1 - (np.asarray(pressure) / 1013.25) ** 0.190295)
    smooth = np.array([np.median(altitude[max(0, i - 2) : i + 3]) for i in range(len(altitude))])
    # The height over the lowest point: going up a second time is not counted.
    floors = int((smooth - np.minimum.accumulate(smooth)).max() // 3)
    return floors, 3.0 * floors

import numpy as np


def floors_climbed(pressure: np.ndarray) -> tuple[int, float]:
    altitude = 44330 * (1 - (np.asarray(pressure) / 1013.25) ** 0.190295)
    smooth = [np.median(altitude[max(0, i - 2) : i + 3]) for i in range(len(altitude))]
    floors = 0
    base = smooth[0]
    for height in smooth:
        base = min(base, height)
        while height - base >= 3:
            floors += 1
            base += 3
    return floors, 3.0 * floors

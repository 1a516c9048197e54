import numpy as np


def day_evening_night_level(levels: np.ndarray) -> float:
    # Decibels are averaged as if they were energies.
    day = np.nanmean(levels[7:19])
    evening = np.nanmean(levels[19:23]) + 5
    night = np.nanmean(np.append(levels[:7], levels[23])) + 10
    energy = 12 * 10 ** (day / 10) + 4 * 10 ** (evening / 10) + 8 * 10 ** (night / 10)
    return float(10 * np.log10(energy / 24))

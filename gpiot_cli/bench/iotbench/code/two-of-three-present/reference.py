import numpy as np


def two_of_three_present(
    motion: np.ndarray, co2: np.ndarray, sound: np.ndarray, co2_limit: float, sound_limit: float
) -> np.ndarray:
    votes = (motion == 1).astype(int) + (co2 > co2_limit) + (sound > sound_limit)
    return votes >= 2

import numpy as np


def two_of_three_present(
    motion: np.ndarray, co2: np.ndarray, sound: np.ndarray, co2_limit: float, sound_limit: float
) -> np.ndarray:
    # Motion is asked for in every case.
    return (motion == 1) & ((co2 > co2_limit) | (sound > sound_limit))

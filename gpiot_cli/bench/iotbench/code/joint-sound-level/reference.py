import numpy as np


def joint_sound_level(levels: np.ndarray) -> float:
    return float(10 * np.log10(np.sum(10 ** (levels / 10))))

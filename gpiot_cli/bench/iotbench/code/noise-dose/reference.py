import numpy as np


def noise_dose(levels: np.ndarray, hours: np.ndarray) -> tuple[float, float]:
    permitted = 8 / 2 ** ((np.asarray(levels, dtype=float) - 85) / 3)
    counted = np.where(np.asarray(levels) >= 80, hours, 0)
    dose = float(100 * np.sum(counted / permitted))
    return dose, float(85 + 3 * np.log2(dose / 100)) if dose > 0 else 0.0

import numpy as np


def arterial_pressure(systolic: np.ndarray, diastolic: np.ndarray) -> tuple[np.ndarray, int]:
    pressure = diastolic + (systolic - diastolic) / 3
    return pressure, int(np.sum(pressure < 65))

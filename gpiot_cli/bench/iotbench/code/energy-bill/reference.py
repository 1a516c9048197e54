import numpy as np


def energy_bill(power: np.ndarray, interval: float, tariff: float) -> tuple[float, float]:
    energy = float(np.sum(power)) * interval / 60 / 1000
    return energy, energy * tariff

import numpy as np


def energy_bill(power: np.ndarray, interval: float, tariff: float) -> tuple[float, float]:
    # As a curve between points: the time of one interval is missing.
    energy = float(np.sum((power[1:] + power[:-1]) / 2)) * interval / 60 / 1000
    return energy, energy * tariff

import numpy as np


def heating_degree_days(temperature: np.ndarray) -> tuple[float, int]:
    total, days = 0.0, 0
    for start in range(0, len(temperature) - 23, 24):
        day = temperature[start : start + 24]
        valid = day[np.isfinite(day)]
        if valid.size < 18:
            continue
        days += 1
        if valid.mean() < 15:
            total += 20 - valid.mean()
    return float(total), days

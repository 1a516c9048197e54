import numpy as np


def day_evening_night_level(levels: np.ndarray) -> float:
    periods = [(range(7, 19), 0), (range(19, 23), 5), ((23, *range(7)), 10)]
    energy, hours = 0.0, 0
    for period, penalty in periods:
        valid = [levels[hour] for hour in period if np.isfinite(levels[hour])]
        if valid:
            mean = np.mean(10 ** (np.array(valid) / 10))
            energy += len(period) * mean * 10 ** (penalty / 10)
            hours += len(period)
    return float(10 * np.log10(energy / hours)) if hours else 0.0

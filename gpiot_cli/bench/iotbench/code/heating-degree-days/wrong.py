import numpy as np


def heating_degree_days(temperature: np.ndarray) -> tuple[float, int]:
    days = len(temperature) // 24
    table = temperature[: days * 24].reshape(days, 24)
    kept = np.isfinite(table).sum(axis=1) >= 18
    means = np.nanmean(table[kept], axis=1) if kept.any() else np.zeros(0)
    # Counts from the heating limit of 15 degrees instead of from the room's 20.
    return float(np.clip(15 - means, 0, None).sum()), int(kept.sum())

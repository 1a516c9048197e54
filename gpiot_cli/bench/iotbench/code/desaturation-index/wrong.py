import numpy as np


def desaturation_index(spo2: np.ndarray) -> tuple[list, float]:
    valid = np.isfinite(spo2)
    if not valid.any():
        return [], 0.0
    # The baseline is the whole night's, so that a lasting change never ends.
    baseline = np.nanmax(spo2)
    low = np.flatnonzero(valid & (spo2 <= baseline - 3))
    if low.size == 0:
        return [], 0.0
    groups = np.split(low, np.flatnonzero(np.diff(low) > 4) + 1)
    events = [[int(g[0]), int(g[-1])] for g in groups if g[-1] - g[0] + 1 >= 10]
    return events, float(len(events) / (valid.sum() / 3600))

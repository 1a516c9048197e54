import numpy as np


def desaturation_index(spo2: np.ndarray) -> tuple[list, float]:
    valid = np.isfinite(spo2)
    runs: list[list[int]] = []
    gap = 0
    open_run = False
    for i, value in enumerate(spo2):
        if not valid[i]:
            gap += 1
            open_run = open_run and gap <= 3
            continue
        gap = 0
        before = spo2[max(0, i - 120) : i]
        before = before[np.isfinite(before)]
        low = before.size > 0 and value <= before.max() - 3
        if low and open_run:
            runs[-1][1] = i
        elif low:
            runs.append([i, i])
        open_run = bool(low)
    events = [[first, last] for first, last in runs if last - first + 1 >= 10]
    hours = valid.sum() / 3600
    return events, float(len(events) / hours) if hours else 0.0

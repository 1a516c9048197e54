import numpy as np
import pandas as pd


def turn_events(rate: np.ndarray, fs: float) -> pd.DataFrame:
    direction = np.where(np.abs(rate) > 5, np.sign(rate), 0).astype(int)
    bounds = [0, *(np.flatnonzero(np.diff(direction)) + 1), len(rate)]
    joined: list[list[int]] = []
    for start, end in zip(bounds[:-1], bounds[1:]):
        if start == end or direction[start] == 0 or np.abs(rate[start:end]).max() < 15:
            continue
        same_way = joined and direction[joined[-1][0]] == direction[start]
        if same_way and (start - joined[-1][1]) / fs <= 0.25 + 1e-9:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    rows = []
    for start, end in joined:
        duration = (end - start) / fs
        angle = rate[start:end].sum() / fs
        if 0.5 <= duration <= 10 and abs(angle) >= 45:
            rows.append((start / fs, duration, angle))
    return pd.DataFrame(rows, columns=["start_s", "duration_s", "angle_deg"])

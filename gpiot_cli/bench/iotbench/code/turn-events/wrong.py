import numpy as np
import pandas as pd


def turn_events(rate: np.ndarray, fs: float) -> pd.DataFrame:
    rows = []
    start = None
    # The direction of turning is ignored, so a left and a right turn in a row become one.
    for i, moving in enumerate([*(np.abs(rate) > 5), False]):
        if moving and start is None:
            start = i
        elif not moving and start is not None:
            turn = rate[start:i]
            angle = turn.sum() / fs
            duration = len(turn) / fs
            if np.abs(turn).max() >= 15 and 0.5 <= duration <= 10 and abs(angle) >= 45:
                rows.append((start / fs, duration, angle))
            start = None
    return pd.DataFrame(rows, columns=["start_s", "duration_s", "angle_deg"])

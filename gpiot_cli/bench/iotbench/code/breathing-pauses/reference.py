from itertools import groupby

import numpy as np


def breathing_pauses(airflow: np.ndarray, fs: int, min_s: int) -> list:
    n_seconds = len(airflow) // fs
    seconds = np.asarray(airflow)[: n_seconds * fs].reshape(n_seconds, fs)
    swings = np.array([np.ptp(seconds[max(0, k - 2) : k + 3]) for k in range(n_seconds)])
    quiet = swings < 0.2 * np.median(swings)
    pauses = []
    start = 0
    for is_quiet, run in groupby(quiet):
        length = len(list(run))
        if is_quiet and length >= min_s:
            pauses.append([start, length])
        start += length
    return pauses

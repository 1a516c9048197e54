import numpy as np


def breathing_pauses(airflow: np.ndarray, fs: int, min_s: int) -> list:
    seconds = len(airflow) // fs
    # The swing is judged within single seconds, which at the top of a breath is small as well.
    swings = np.array([np.ptp(airflow[k * fs : (k + 1) * fs]) for k in range(seconds)])
    quiet = swings < 0.2 * np.median(swings)
    pauses = []
    start = None
    for k, is_quiet in enumerate([*quiet, False]):
        if is_quiet and start is None:
            start = k
        elif not is_quiet and start is not None:
            if k - start >= min_s:
                pauses.append([start, k - start])
            start = None
    return pauses

from itertools import groupby

import numpy as np


def clipped_stretches(signal: np.ndarray, low: float, high: float) -> tuple[list, float]:
    rails = ["high" if value >= high else "low" if value <= low else "" for value in signal]
    stretches = []
    start = 0
    for rail, run in groupby(rails):
        length = len(list(run))
        if rail and length >= 3:
            stretches.append([start, length, rail])
        start += length
    clipped = sum(length for _, length, _ in stretches)
    return stretches, clipped / len(rails) if rails else 0.0

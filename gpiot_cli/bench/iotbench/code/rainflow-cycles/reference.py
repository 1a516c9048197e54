from collections import Counter

import numpy as np
import pandas as pd


def rainflow_cycles(load: np.ndarray) -> pd.DataFrame:
    counts: Counter[float] = Counter()
    points: list[float] = []
    for point in turning_points(load):
        points.append(point)
        while len(points) >= 3:
            last, before = abs(points[-1] - points[-2]), abs(points[-2] - points[-3])
            if last < before:
                break
            if len(points) == 3:
                counts[before] += 0.5
                del points[0]
            else:
                counts[before] += 1
                del points[-3:-1]
    for first, second in zip(points[:-1], points[1:]):
        counts[abs(second - first)] += 0.5
    return pd.DataFrame(sorted(counts.items()), columns=["range", "count"])


def turning_points(load: np.ndarray) -> list[float]:
    changed = [float(load[i]) for i in range(len(load)) if i == 0 or load[i] != load[i - 1]]
    inner = [
        here
        for left, here, right in zip(changed[:-2], changed[1:-1], changed[2:])
        if (here - left) * (right - here) < 0
    ]
    return changed[:1] + inner + changed[1:][-1:]

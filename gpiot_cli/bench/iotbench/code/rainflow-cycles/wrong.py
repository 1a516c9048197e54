from collections import Counter

import numpy as np
import pandas as pd


def rainflow_cycles(load: np.ndarray) -> pd.DataFrame:
    changed = [float(load[i]) for i in range(len(load)) if i == 0 or load[i] != load[i - 1]]
    points = changed[:1]
    for here, right in zip(changed[1:], [*changed[2:], None]):
        if right is None or (here - points[-1]) * (right - here) < 0:
            points.append(here)
    # Every swing between turning points is half a cycle: small ones hide the large ones.
    counts: Counter[float] = Counter()
    for first, second in zip(points[:-1], points[1:]):
        counts[abs(second - first)] += 0.5
    return pd.DataFrame(sorted(counts.items()), columns=["range", "count"])

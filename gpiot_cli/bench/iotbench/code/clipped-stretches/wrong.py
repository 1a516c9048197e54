import numpy as np


def clipped_stretches(signal: np.ndarray, low: float, high: float) -> tuple[list, float]:
    # Both rails count as one: a swing from one to the other looks like one stretch.
    clipped = np.concatenate([[False], (signal >= high) | (signal <= low), [False]])
    edges = np.flatnonzero(np.diff(clipped.astype(int)))
    stretches = []
    for start, end in zip(edges[::2], edges[1::2]):
        if end - start >= 3:
            stretches.append(
                [int(start), int(end - start), "high" if signal[start] >= high else "low"]
            )
    total = sum(length for _, length, _ in stretches)
    return stretches, total / len(signal) if len(signal) else 0.0

import numpy as np


def gate_passage_direction(
    times: np.ndarray, antennas: list, rssi: np.ndarray
) -> tuple[str, float]:
    passing = {}
    for side in ("hall", "yard"):
        here = np.array([antenna == side for antenna in antennas], dtype=bool)
        t, strength = times[here], rssi[here]
        if strength.size:
            kept = strength >= strength.max() - 10
            t, strength = t[kept], strength[kept]
        if strength.size < 3:
            return "unknown", 0.0
        passing[side] = np.average(t, weights=10 ** (strength / 10))
    delay = float(passing["yard"] - passing["hall"])
    if delay > 0.2:
        return "out", delay
    return ("in", delay) if delay < -0.2 else ("stay", delay)

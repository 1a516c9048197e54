import numpy as np


def gate_passage_direction(
    times: np.ndarray, antennas: list, rssi: np.ndarray
) -> tuple[str, float]:
    passing = {}
    for side in ("hall", "yard"):
        here = np.array([antenna == side for antenna in antennas], dtype=bool)
        if here.sum() < 3:
            return "unknown", 0.0
        # Weights in dBm are negative, so that the weakest reads weigh most.
        passing[side] = np.average(times[here], weights=rssi[here])
    delay = float(passing["yard"] - passing["hall"])
    if delay > 0.2:
        return "out", delay
    return ("in", delay) if delay < -0.2 else ("stay", delay)

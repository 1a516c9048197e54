import numpy as np


def swinging_door_trend(times: np.ndarray, values: np.ndarray, tolerance: float) -> np.ndarray:
    kept = [0]
    upper, lower = np.inf, -np.inf
    for k in range(1, len(times)):
        upper, lower = narrowed(times, values, tolerance, kept[-1], k, upper, lower)
        if lower > upper:
            kept.append(k - 1)
            upper, lower = narrowed(times, values, tolerance, k - 1, k, np.inf, -np.inf)
    return np.unique([*kept, len(times) - 1])


def narrowed(
    times: np.ndarray,
    values: np.ndarray,
    tolerance: float,
    pivot: int,
    k: int,
    upper: float,
    lower: float,
) -> tuple[float, float]:
    run = times[k] - times[pivot]
    rise = values[k] - values[pivot]
    return min(upper, (rise + tolerance) / run), max(lower, (rise - tolerance) / run)

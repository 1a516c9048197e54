import numpy as np
from scipy.optimize import least_squares

LIGHT = 299_792_458.0


def tdoa_position(receivers: np.ndarray, arrivals: np.ndarray) -> tuple[np.ndarray, int]:
    # Metres throughout, relative to the first arrival: seconds would be badly scaled.
    ranges = (arrivals - arrivals.min()) * LIGHT
    position, residuals = fit(receivers, ranges)
    if len(receivers) < 5 or np.abs(residuals).max() <= 1:
        return position, -1
    fits = []
    for left_out in range(len(receivers)):
        others = np.arange(len(receivers)) != left_out
        position, residuals = fit(receivers[others], ranges[others])
        fits.append((np.sqrt(np.mean(residuals**2)), left_out, position))
    _, excluded, position = min(fits, key=lambda candidate: candidate[0])
    return position, excluded


def fit(receivers: np.ndarray, ranges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    def residuals(unknown: np.ndarray) -> np.ndarray:
        return np.linalg.norm(receivers - unknown[:2], axis=1) + unknown[2] - ranges

    centre = receivers.mean(axis=0)
    start = [*centre, ranges.mean() - np.linalg.norm(receivers - centre, axis=1).mean()]
    solution = least_squares(residuals, start)
    return solution.x[:2], solution.fun

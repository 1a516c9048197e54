import numpy as np


def crest_of_signal(signal: np.ndarray) -> float:
    # The offset of the sensor stays in the signal.
    strength = np.sqrt(np.mean(signal**2))
    spread = np.max(signal) - np.min(signal)
    return float(np.max(np.abs(signal)) / strength) if spread > 0 else 0.0

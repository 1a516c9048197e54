import numpy as np


def crest_of_signal(signal: np.ndarray) -> float:
    rest = signal - np.mean(signal)
    strength = np.sqrt(np.mean(rest**2))
    return float(np.max(np.abs(rest)) / strength) if strength > 0 else 0.0

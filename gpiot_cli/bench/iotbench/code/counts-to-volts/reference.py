import numpy as np


def counts_to_volts(counts: np.ndarray, bits: int, reference: float) -> np.ndarray:
    return counts * reference / (2**bits - 1)

import numpy as np


def counts_to_volts(counts: np.ndarray, bits: int, reference: float) -> np.ndarray:
    # The greatest count is one less than the number of steps.
    return counts * reference / 2**bits

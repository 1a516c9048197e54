import numpy as np


def fixed_point_fir(
    block: np.ndarray, coefficients: np.ndarray, state: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    m = len(coefficients)
    seen = np.concatenate([state, block]).astype(np.int64)
    sums = np.convolve(seen, coefficients.astype(np.int64))[m - 1 : m - 1 + len(block)]
    # Without limits, sums that are too large wrap around to the other sign.
    filtered = ((sums + 16384) >> 15).astype(np.int16)
    return filtered, seen[len(block) :].astype(np.int16)

import numpy as np


def fixed_point_fir(
    block: np.ndarray, coefficients: np.ndarray, state: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    seen = np.concatenate([state, block]).astype(np.int64)
    backwards = coefficients[::-1].astype(np.int64)
    m = len(coefficients)
    sums = np.array([seen[n : n + m] @ backwards for n in range(len(block))], dtype=np.int64)
    filtered = np.clip((sums + 16384) >> 15, -32768, 32767).astype(np.int16)
    return filtered, seen[len(block) :].astype(np.int16)

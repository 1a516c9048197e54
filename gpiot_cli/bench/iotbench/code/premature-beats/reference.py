import numpy as np


def premature_beats(rr_ms: np.ndarray) -> np.ndarray:
    premature: list[int] = []
    normal = list(rr_ms[:1])
    i = 1
    while i < len(rr_ms):
        reference = np.mean(normal[-8:])
        if i + 1 < len(rr_ms) and rr_ms[i] < 0.8 * reference:
            ratio = (rr_ms[i] + rr_ms[i + 1]) / (2 * reference)
            if 0.85 <= ratio <= 1.15:
                premature.append(i)
                i += 2
                continue
        normal.append(rr_ms[i])
        i += 1
    return np.array(premature, dtype=int)

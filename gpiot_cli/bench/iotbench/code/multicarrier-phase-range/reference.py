import numpy as np


def multicarrier_phase_range(
    frequencies: np.ndarray, phases: np.ndarray, weights: np.ndarray
) -> float:
    order = np.argsort(frequencies)
    order = order[weights[order] > 0]
    f, w = frequencies[order], weights[order]
    phase = np.unwrap(phases[order])
    # Centred, because carriers of GHz a few MHz apart make an ill-conditioned fit.
    f = f - np.average(f, weights=w)
    slope = np.sum(w * f * phase) / np.sum(w * f**2)
    return float(-slope * 299_792_458 / (4 * np.pi))

"""Detect targets in radar power with a threshold that follows the noise (cell-averaging CFAR).

Use it on a range profile or one row of a range-Doppler map. Around each cell, guard cells are left
out and training cells averaged; the threshold is that mean times a factor that keeps the rate of
false alarms constant in exponentially distributed noise power. Close targets and clutter edges
mask weak neighbours. At the ends it uses the side that exists.

topic: rf sensing
modality: radar, generic
keywords: cfar, CA-CFAR, target detection, adaptive threshold, false alarm, radar, clutter
source: H. M. Finn and R. S. Johnson, 1968, "Adaptive detection mode with threshold control as a function of spatially sampled clutter-level estimates", RCA Review
"""

import numpy as np


def cfar_detection(
    power: np.ndarray, guard: int = 2, training: int = 10, false_alarm: float = 1e-3
) -> tuple[np.ndarray, np.ndarray]:
    """Cells that stand out of their surroundings.

    Inputs:
        power (numpy.ndarray): linear power (not dB), not negative, shape (n,); NaN is left out
        guard (int): cells left out on each side of the tested one
        training (int): cells averaged on each side beyond the guard cells
        false_alarm (float): wanted probability of a false alarm per cell, above 0 and below 1
    Outputs:
        detections (numpy.ndarray): indices of detected local maxima, rising, shape (m,)
        threshold (numpy.ndarray): threshold of each cell, shape (n,)
    """
    x = np.array(power, dtype=float).squeeze()
    good = np.isfinite(x)
    if guard < 0 or training < 1 or not 0 < false_alarm < 1:
        raise ValueError("guard, training or false_alarm is out of range")
    if x.ndim != 1 or x.size < 2 * guard + 3 or np.any(x[good] < 0):
        raise ValueError(
            f"power must be linear, one-dimensional, with {2 * guard + 3} cells or more"
        )
    cells = np.where(good, x, 0.0)
    kernel = np.ones(2 * (guard + training) + 1)
    kernel[training : training + 2 * guard + 1] = 0
    half = guard + training
    total = np.convolve(cells, kernel)[half:-half]
    number = np.maximum(np.convolve(good, kernel)[half:-half], 1)
    # number * (false_alarm^(-1 / number) - 1) times the mean, which is total / number.
    threshold = (false_alarm ** (-1 / number) - 1) * total
    neighbours = np.maximum(np.append(cells[1:], 0), np.insert(cells[:-1], 0, 0))
    hits = good & (cells > threshold) & (cells >= neighbours) & (cells > 0)
    return np.flatnonzero(hits), threshold


def check() -> None:
    """False alarms come at the rate asked for, whatever the noise level; targets are found."""
    rng = np.random.default_rng(0)
    noise = rng.exponential(1.0, 100_000)
    _, threshold = cfar_detection(noise, false_alarm=0.01)
    assert abs(np.mean(noise > threshold) - 0.01) < 0.0015
    assert np.array_equal(cfar_detection(noise)[0], cfar_detection(noise * 1e-9)[0])
    level = np.where(np.arange(300) < 150, 1.0, 100.0) * rng.exponential(1.0, 300)
    level[[60, 220]] = [60.0, 6000.0]
    level[10] = np.nan
    detections, _ = cfar_detection(level, false_alarm=1e-4)
    assert {60, 220} <= set(detections)
    assert detections.size <= 4
    assert cfar_detection(np.full(50, 3))[0].size == 0

"""Find appliances switching on and off in a household's total power (edge-based load monitoring).

Use it to see what runs in a home from one meter. Steady levels are separated from changes with a
median filter; each lasting step above the threshold is an edge. A rise is paired with the next
fall of nearly the same size, which gives runs with power and duration. Devices with varying power
or many at once are beyond it. Gaps (NaN) are interpolated.

topic: time series
modality: power, time series
keywords: NILM, energy disaggregation, load monitoring, edge detection, appliance, smart meter
source: G. W. Hart, 1992, "Nonintrusive appliance load monitoring", Proceedings of the IEEE
"""

import numpy as np
import pandas as pd
from scipy.ndimage import median_filter


def appliance_edges(
    power: np.ndarray, interval_s: float, threshold: float = 30.0, tolerance: float = 0.15
) -> pd.DataFrame:
    """Runs of appliances.

    Inputs:
        power (numpy.ndarray): total power in W, shape (n,), n >= 7; NaN marks a missing reading
        interval_s (float): seconds between readings
        threshold (float): smallest step in W that counts
        tolerance (float): allowed relative difference between the rise and fall of one appliance
    Outputs:
        runs (pandas.DataFrame): one row per paired run by start; start_s, end_s, power (W) and
            energy (Wh)
    """
    x = np.array(power, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or x.size < 7 or not good.any() or not (interval_s > 0 and threshold > 0):
        raise ValueError("need 7 readings, and positive interval_s and threshold")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    level = median_filter(x, size=5, mode="nearest")
    moving = np.abs(np.diff(level)) > threshold / 3
    borders = np.flatnonzero(np.diff(np.concatenate([[False], moving, [False]]).astype(int)))
    waiting: list = []
    runs = []
    for begin, end in borders.reshape(-1, 2):
        # The step is the difference of the steady levels on both sides of the change.
        before, after = level[max(begin - 2, 0) : begin + 1], level[end : end + 3]
        step = float(np.median(after) - np.median(before))
        if step >= threshold:
            waiting.append((end, step))
        elif step <= -threshold and waiting:
            start, rise = min(waiting, key=lambda edge: abs(edge[1] + step))
            if abs(rise + step) <= max(tolerance * rise, threshold / 2):
                waiting.remove((start, rise))
                size, seconds = (rise - step) / 2, (end - start) * interval_s
                runs.append((start * interval_s, end * interval_s, size, size * seconds / 3600))
    table = pd.DataFrame(runs, columns=["start_s", "end_s", "power", "energy"])
    return table.sort_values("start_s", ignore_index=True)


def check() -> None:
    """Three overlapping appliances on a noisy base load are separated with their energies."""
    rng = np.random.default_rng(0)
    power = 80 + rng.normal(0, 2, 3600)
    truth = ((300, 900, 2000), (600, 2400, 120), (2000, 2300, 60))
    for begin, end, watts in truth:
        power[begin:end] += watts
    power[1500] = 900
    power[1000:1003] = np.nan
    runs = appliance_edges(power, 1.0)
    assert len(runs) == 3
    for row, (begin, end, watts) in zip(runs.itertuples(), truth, strict=True):
        assert abs(row.start_s - begin) <= 3
        assert abs(row.end_s - end) <= 3
        assert abs(row.power - watts) < 4
        assert abs(row.energy - watts * (end - begin) / 3600) < 0.05 * watts
    assert appliance_edges(np.full(50, 100), 60.0).empty

"""Find the times when the mean of a series shifts, with two-sided CUSUM charts.

Use it for leaks, drifts, fouling, or machines that change state. Deviations from the mean of the
first `baseline` values, in standard deviations and beyond half of the shift worth noticing, are
summed up; when a sum passes the threshold a change is reported and a new baseline starts. The
change began where the sum last was zero. Needs nearly independent values: remove seasons first.

topic: time series
modality: time series, temperature, power, vibration, air quality
keywords: cusum, change point detection, mean shift, control chart, drift, leak detection
source: E. S. Page, 1954, "Continuous inspection schemes", Biometrika; D. C. Montgomery, 2012, "Introduction to Statistical Quality Control", 7th ed., Wiley
"""

import numpy as np


def cusum_changes(
    series: np.ndarray, baseline: int = 30, shift: float = 1.0, threshold: float = 8.0
) -> tuple[np.ndarray, np.ndarray]:
    """Where the mean changed and when that was noticed.

    Inputs:
        series (numpy.ndarray): values, shape (n,), n > baseline; NaN marks a missing one
        baseline (int): values that give mean and deviation at the start and after each change, >= 5
        shift (float): smallest change worth noticing, in standard deviations
        threshold (float): cumulative deviation that counts as a change, in standard deviations
    Outputs:
        starts (numpy.ndarray): index of the first value after each change, shape (m,)
        alarms (numpy.ndarray): index at which the change was noticed, shape (m,)
    """
    x = np.array(series, dtype=float).squeeze()
    if x.ndim != 1 or baseline < 5 or np.isfinite(x).sum() <= baseline:
        raise ValueError(f"need a one-dimensional series of more than {max(baseline, 5)} values")
    position = np.flatnonzero(np.isfinite(x))
    x = x[position]
    starts, alarms = [], []
    begin = 0
    while begin + baseline < x.size:
        reference = x[begin : begin + baseline]
        mean = reference.mean()
        # The floor lets a constant baseline notice a real change but not rounding.
        deviation = max(reference.std(ddof=1), 1e-9 * (np.abs(x).max() or 1.0))
        high = low = 0.0
        high_start = low_start = begin + baseline
        alarm = -1
        for i in range(begin + baseline, x.size):
            z = (x[i] - mean) / deviation
            high, low = max(high + z - shift / 2, 0.0), max(low - z - shift / 2, 0.0)
            high_start = i + 1 if high == 0 else high_start
            low_start = i + 1 if low == 0 else low_start
            if max(high, low) > threshold:
                alarm = i
                break
        if alarm < 0:
            break
        begin = high_start if high > low else low_start
        starts.append(position[begin])
        alarms.append(position[alarm])
    return np.array(starts, dtype=int), np.array(alarms, dtype=int)


def check() -> None:
    """Two shifts are found near their places, none in pure noise, one in a clean step."""
    rng = np.random.default_rng(3)
    series = rng.normal(np.repeat([10, 12, 9], [300, 200, 300]), 1.0)
    series[100] = np.nan
    starts, alarms = cusum_changes(series, baseline=60)
    assert starts.size == 2
    assert np.all(np.abs(starts - [300, 500]) < 8)
    assert np.all((alarms >= [300, 500]) & (alarms < [315, 510]))
    assert cusum_changes(rng.normal(size=400), baseline=100)[0].size == 0
    assert cusum_changes(np.repeat([5, 6], 50))[0].tolist() == [50]
    assert cusum_changes(np.full(60, 7))[0].size == 0

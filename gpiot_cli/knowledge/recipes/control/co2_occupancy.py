"""Estimate how many people are in a room from its CO2 by a mass balance.

Use it to drive ventilation or count use without cameras. What people exhale must equal what the
room stores plus what the air exchange removes: N G = V dC/dt + Q (C - outdoor). The readings are
smoothed first, over `smooth_s`. It needs the volume and the air change rate; an open window or a
sensor that lags makes it wrong for minutes.

topic: control
modality: air quality, occupancy
keywords: co2, occupancy, people counting, mass balance, ventilation, demand-controlled, indoor air
source: A. Persily and L. de Jonge, 2017, "Carbon dioxide generation rates for building occupants", Indoor Air; ASTM D6245
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d


def co2_occupancy(
    co2: np.ndarray,
    interval_s: float,
    volume: float,
    air_changes: float,
    outdoor: float = 420.0,
    per_person: float = 5.2e-6,
    smooth_s: float = 180.0,
) -> np.ndarray:
    """Estimated number of people at each reading.

    Inputs:
        co2 (numpy.ndarray): CO2 in ppm, shape (n,), n >= 3; NaN marks a missing reading
        interval_s (float): seconds between readings
        volume (float): room volume in cubic metres
        air_changes (float): outdoor air changes per hour
        outdoor (float): CO2 outside in ppm
        per_person (float): CO2 a person gives off in cubic metres per second (5.2e-6 seated)
        smooth_s (float): standard deviation of the smoothing in seconds, 0 for none
    Outputs:
        people (numpy.ndarray): number of people, not negative, not rounded, shape (n,)
    """
    ppm = np.array(co2, dtype=float).squeeze()
    good = np.isfinite(ppm)
    if ppm.ndim != 1 or good.sum() < 3:
        raise ValueError("co2 must be one-dimensional with at least 3 finite readings")
    if min(interval_s, volume, per_person) <= 0 or air_changes < 0 or smooth_s < 0:
        raise ValueError("interval_s, volume and per_person must be positive")
    ppm = np.interp(np.arange(ppm.size), np.flatnonzero(good), ppm[good])
    if smooth_s > 0:
        ppm = gaussian_filter1d(ppm, smooth_s / interval_s, mode="nearest")
    stored = volume * np.gradient(ppm, interval_s) * 1e-6
    removed = volume * air_changes / 3600 * (ppm - outdoor) * 1e-6
    return np.maximum((stored + removed) / per_person, 0.0)


def check() -> None:
    """A simulated meeting of six people with sensor noise is counted to half a person."""
    rng = np.random.default_rng(0)
    people = np.repeat([0, 6, 2, 0], 120)
    ppm, level = [], 420.0
    for n in people:
        for _ in range(60):
            level += (n * 5.2 - 75 * 1.5 / 3600 * (level - 420)) / 75
        ppm.append(level)
    noisy = np.array(ppm) + rng.normal(0, 5, people.size)
    noisy[50] = np.nan
    estimate = co2_occupancy(noisy, 60.0, 75.0, 1.5)
    settled = np.ones(people.size, dtype=bool)
    for change in (120, 240, 360):
        settled[change - 12 : change + 12] = False
    assert np.sqrt(np.mean((estimate - people)[settled] ** 2)) < 0.5
    assert np.allclose(co2_occupancy(np.full(9, 420), 60.0, 75.0, 1.5), 0)

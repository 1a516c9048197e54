"""Track a battery's state of charge by counting coulombs.

Use it on nodes, bikes or storages with a current sensor. Charge is the integral of the current
(trapezoids), charging weighted by the coulombic efficiency, and stays between empty and full,
which takes out some of the drift. An offset of the current sensor adds up: calibrate it at rest,
and start again from a known state (full, or rest voltage) when there is one.

topic: control
modality: power, generic
keywords: battery, state of charge, SoC, coulomb counting, current integration, capacity, energy
source: K. S. Ng, C.-S. Moo, Y.-P. Chen and Y.-C. Hsieh, 2009, "Enhanced coulomb counting method for estimating state-of-charge and state-of-health of lithium-ion batteries", Applied Energy
"""

import numpy as np


def battery_state_of_charge(
    current: np.ndarray,
    interval_s: float,
    capacity_ah: float,
    initial: float = 1.0,
    efficiency: float = 0.99,
) -> np.ndarray:
    """State of charge at each reading.

    Inputs:
        current (numpy.ndarray): current in A, positive when charging, shape (n,), n >= 1;
            NaN marks a missing reading
        interval_s (float): seconds between readings
        capacity_ah (float): usable capacity in Ah
        initial (float): state of charge at the first reading, 0 to 1
        efficiency (float): share of the charging current that is stored, above 0, at most 1
    Outputs:
        charge (numpy.ndarray): state of charge from 0 to 1, shape (n,)
    """
    amperes = np.atleast_1d(np.array(current, dtype=float).squeeze())
    good = np.isfinite(amperes)
    if amperes.ndim != 1 or not good.any():
        raise ValueError("current must be one-dimensional with at least one finite reading")
    if min(interval_s, capacity_ah) <= 0 or not 0 <= initial <= 1 or not 0 < efficiency <= 1:
        raise ValueError("interval_s, capacity_ah, initial or efficiency is out of range")
    amperes = np.interp(np.arange(amperes.size), np.flatnonzero(good), amperes[good])
    stored = np.where(amperes > 0, amperes * efficiency, amperes)
    steps = (stored[1:] + stored[:-1]) / 2 * interval_s / 3600 / capacity_ah
    charge = np.empty(amperes.size)
    charge[0] = initial
    for i, step in enumerate(steps, start=1):
        charge[i] = min(max(charge[i - 1] + step, 0.0), 1.0)
    return charge


def check() -> None:
    """Constant and sinusoidal currents give the analytic charge; full and empty are limits."""
    charge = battery_state_of_charge(np.full(3601, -1), 1.0, 2.0)
    assert np.isclose(charge[-1], 0.5)
    charge = battery_state_of_charge(np.full(61, 0.5), 60.0, 1.0, initial=0.2, efficiency=0.9)
    assert np.isclose(charge[-1], 0.2 + 0.45)
    t = np.arange(0, 3601.0)
    charge = battery_state_of_charge(-np.sin(np.pi * t / 3600), 1.0, 1.0)
    assert np.isclose(charge[-1], 1 - 2 / np.pi, atol=1e-6)
    assert battery_state_of_charge(np.full(5000, -10), 1.0, 1.0)[-1] == 0
    gap = battery_state_of_charge(np.array([-1, np.nan, -1]), 1800.0, 2.0)
    assert np.allclose(gap, [1, 0.75, 0.5])

"""Keep a compressor, pump or boiler from short cycling with minimum on and off times.

Use it between a thermostat and the relay of a heat pump, fridge or pump. A request is followed
only when the current state has lasted its minimum time; otherwise the state stays. After power-up
the machine counts as just switched off.

topic: control
modality: temperature, power, generic
keywords: short cycling, minimum off time, compressor, heat pump, relay, protection, bang-bang
source: ASHRAE, 2020, "HVAC Systems and Equipment Handbook", chapter 38 Compressors
"""

import numpy as np


def compressor_protection(
    requested: np.ndarray, interval_s: float, min_on_s: float = 180.0, min_off_s: float = 300.0
) -> np.ndarray:
    """State of the relay at each sample.

    Inputs:
        requested (numpy.ndarray): wanted state (bool or 0 and 1), shape (n,); NaN means off
        interval_s (float): seconds between samples, above 0
        min_on_s (float): shortest run in seconds
        min_off_s (float): shortest pause in seconds
    Outputs:
        on (numpy.ndarray): True while the machine runs, shape (n,)
    """
    wanted = np.nan_to_num(np.atleast_1d(np.asarray(requested, dtype=float).squeeze())) > 0.5
    if wanted.ndim != 1 or wanted.size == 0 or not interval_s > 0:
        raise ValueError("need a one-dimensional request and a positive interval_s")
    if min_on_s < 0 or min_off_s < 0:
        raise ValueError("the minimum times must not be negative")
    on = np.empty(wanted.size, dtype=bool)
    running, since = False, 0
    for i, want in enumerate(wanted):
        lasted = (i - since) * interval_s
        if want != running and lasted >= (min_on_s if running else min_off_s) - 1e-9:
            running, since = bool(want), i
        on[i] = running
    return on


def check() -> None:
    """No run or pause is shorter than allowed, and steady requests are followed."""
    flutter = np.arange(2000) // 3 % 2
    on = compressor_protection(flutter, 10.0, 60.0, 120.0)
    edges = np.flatnonzero(np.diff(on.astype(int))) + 1
    lengths = np.diff(edges) * 10
    assert on[edges[0]]
    assert lengths[::2].min() >= 60
    assert lengths[1::2].min() >= 120
    assert edges[0] == 15  # the first wish (3 of every 6 samples) after 120 s
    steady = compressor_protection(np.ones(100), 10.0, 60.0, 120.0)
    assert np.flatnonzero(steady)[0] == 12
    assert steady[12:].all()

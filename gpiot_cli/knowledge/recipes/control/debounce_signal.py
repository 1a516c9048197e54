"""Clean the bouncing of a switch, button or reed contact: a new level counts once it is stable.

Use it on digital inputs sampled fast, or on noisy presence decisions. A change is accepted when
the new level has lasted `hold_s`; the cleaned signal switches then, so it lags by that time.
Shorter pulses disappear.

topic: control
modality: generic, occupancy
keywords: debounce, button, switch, contact bounce, glitch filter, digital input, stable, edge
source: J. G. Ganssle, 2008, "A Guide to Debouncing", The Ganssle Group
"""

import numpy as np


def debounce_signal(states: np.ndarray, fs: float, hold_s: float = 0.02) -> np.ndarray:
    """Cleaned level of each sample.

    Inputs:
        states (numpy.ndarray): levels (bool or 0 and 1), shape (n,); NaN keeps the last level
        fs (float): sampling rate in Hz
        hold_s (float): time in seconds a level must last to count
    Outputs:
        clean (numpy.ndarray): debounced level, bool, shape (n,)
    """
    raw = np.atleast_1d(np.asarray(states, dtype=float).squeeze())
    if raw.ndim != 1 or raw.size == 0 or not (fs > 0 and hold_s >= 0):
        raise ValueError("need a one-dimensional signal, a positive fs and a hold_s of at least 0")
    needed = max(int(np.ceil(hold_s * fs - 1e-9)), 1)
    level = bool(np.nan_to_num(raw[0]) > 0.5)
    clean = np.empty(raw.size, dtype=bool)
    candidate, lasted = level, 0
    for i, value in enumerate(raw):
        now = value > 0.5 if np.isfinite(value) else candidate
        lasted = lasted + 1 if now == candidate else 1
        candidate = now
        if candidate != level and lasted >= needed:
            level = candidate
        clean[i] = level
    return clean


def check() -> None:
    """A bouncing press and release give one edge each, a glitch none."""
    pressed = [0] * 10 + [1, 0, 1, 1, 0] + [1] * 40 + [0, 1, 0] + [0] * 30 + [1] * 3 + [0] * 20
    clean = debounce_signal(np.array(pressed), 1000.0, 0.005)
    edges = np.flatnonzero(np.diff(clean.astype(int)))
    assert edges.size == 2
    assert edges[0] + 1 == 10 + 5 + 4
    assert edges[1] + 1 == 57 + 4
    assert np.array_equal(debounce_signal(np.array([0, 1, 0]), 10.0, 0.0), [False, True, False])
    assert debounce_signal(np.ones(4), 1.0).all()

"""Switch a heater or cooler on and off around a setpoint with hysteresis (two-point control).

Use it where the actuator has no levels. Heating starts below setpoint - band / 2 and stops above
setpoint + band / 2; in between the last state stays, so noise does not make it chatter. Missing
readings (NaN) keep the state for `max_missing` samples, then the output goes off to be safe.

topic: control
modality: temperature, humidity, generic
keywords: thermostat, hysteresis, bang-bang, on-off, two-point control, heating, cooling, dead band
source: D. E. Seborg, T. F. Edgar, D. A. Mellichamp and F. J. Doyle, 2016, "Process Dynamics and Control", 4th ed., Wiley
"""

import numpy as np


def hysteresis_thermostat(
    temperature: np.ndarray,
    setpoint: float,
    band: float = 1.0,
    cooling: bool = False,
    max_missing: int = 10,
) -> np.ndarray:
    """State of the actuator after each reading.

    Inputs:
        temperature (numpy.ndarray): readings, shape (n,); NaN marks a missing one
        setpoint (float): wanted value, same units
        band (float): distance of the two switching points, not negative
        cooling (bool): True for a cooler (or dehumidifier), False for a heater
        max_missing (int): missing readings in a row after which the actuator is switched off
    Outputs:
        on (numpy.ndarray): True while the actuator runs, shape (n,)
    """
    readings = np.atleast_1d(np.asarray(temperature, dtype=float).squeeze())
    if readings.ndim != 1 or readings.size == 0 or not band >= 0:
        raise ValueError("need a one-dimensional array of readings and a band of at least 0")
    demand = (setpoint - readings) * (-1 if cooling else 1)
    on = np.zeros(readings.size, dtype=bool)
    running, missing = False, 0
    for i, need in enumerate(demand):
        missing = 0 if np.isfinite(need) else missing + 1
        if need > band / 2:
            running = True
        elif need < -band / 2 or missing > max_missing:
            running = False
        on[i] = running
    return on


def check() -> None:
    """It switches at the two points only, mirrored for cooling, and fails to off."""
    readings = np.array([20, 19.6, 19.4, 19.8, 20.4, 20.6, 20.2, 19.6, 19.3])
    expected = [False, False, True, True, True, False, False, False, True]
    assert hysteresis_thermostat(readings, 20.0).tolist() == expected
    mirrored = 40 - readings
    assert hysteresis_thermostat(mirrored, 20.0, cooling=True).tolist() == expected
    lost = np.array([15.0] + [np.nan] * 5)
    assert hysteresis_thermostat(lost, 20.0, max_missing=3).tolist() == [True] * 4 + [False] * 2
    noise = 20 + np.random.default_rng(0).normal(0, 0.1, 1000)
    assert not hysteresis_thermostat(noise, 20.0).any()

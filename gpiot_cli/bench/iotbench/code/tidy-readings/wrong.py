import math

import pandas as pd

FACTORS = {"C": 1, "F": 5 / 9, "K": 1, "Pa": 1, "hPa": 100, "kPa": 1000, "bar": 1e5}
FACTORS |= {"mm": 0.001, "cm": 0.01, "m": 1, "in": 0.0254, "%": 0.01, "1": 1}
STANDARD = dict.fromkeys("CFK", "C") | dict.fromkeys(("Pa", "hPa", "kPa", "bar"), "Pa")
STANDARD |= dict.fromkeys(("mm", "cm", "m", "in"), "m") | dict.fromkeys("%1", "1")


def tidy_readings(readings: list) -> pd.DataFrame:
    rows = []
    for reading in readings:
        value, unit = reading["value"], reading["unit"]
        # A reading of 0 is taken for a missing one.
        if unit in FACTORS and value and math.isfinite(value):
            offset = {"F": -32, "K": -273.15}.get(unit, 0)
            rows.append((reading["sensor"], (value + offset) * FACTORS[unit], STANDARD[unit]))
    return pd.DataFrame(rows, columns=["sensor", "value", "unit"])

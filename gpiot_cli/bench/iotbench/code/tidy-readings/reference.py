import math

import pandas as pd

# unit: (standard unit, factor, offset added after the factor)
UNITS = {
    "C": ("C", 1, 0),
    "F": ("C", 5 / 9, -160 / 9),
    "K": ("C", 1, -273.15),
    "Pa": ("Pa", 1, 0),
    "hPa": ("Pa", 100, 0),
    "kPa": ("Pa", 1000, 0),
    "bar": ("Pa", 100_000, 0),
    "mm": ("m", 0.001, 0),
    "cm": ("m", 0.01, 0),
    "m": ("m", 1, 0),
    "in": ("m", 0.0254, 0),
    "%": ("1", 0.01, 0),
    "1": ("1", 1, 0),
}


def tidy_readings(readings: list) -> pd.DataFrame:
    rows = []
    for reading in readings:
        value, unit = reading["value"], reading["unit"]
        if unit in UNITS and value is not None and math.isfinite(value):
            standard, factor, offset = UNITS[unit]
            rows.append((reading["sensor"], value * factor + offset, standard))
    return pd.DataFrame(rows, columns=["sensor", "value", "unit"])

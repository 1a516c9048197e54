"""Compute dew point and absolute humidity from air temperature and relative humidity.

Use it against mould and condensation (warn when a wall is colder than the dew point) and to
compare indoor with outdoor air. Saturation pressure follows the Magnus formula, good to 0.1 K
between -40 and 50 degrees C over water. Humidity readings outside 1 to 100 % are clipped.

topic: time series
modality: temperature, humidity
keywords: dew point, absolute humidity, condensation, mould, magnus formula, relative humidity
source: O. A. Alduchov and R. E. Eskridge, 1996, "Improved Magnus form approximation of saturation vapor pressure", J. Applied Meteorology
"""

import numpy as np


def dew_point(temperature: np.ndarray, humidity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dew point and absolute humidity of each reading.

    Inputs:
        temperature (numpy.ndarray): air temperature in degrees C, shape (n,)
        humidity (numpy.ndarray): relative humidity in %, shape (n,)
    Outputs:
        dew (numpy.ndarray): dew point in degrees C, NaN where a reading is missing, shape (n,)
        absolute (numpy.ndarray): water in the air in grams per cubic metre, shape (n,)
    """
    t = np.atleast_1d(np.asarray(temperature, dtype=float).squeeze())
    rh = np.atleast_1d(np.asarray(humidity, dtype=float).squeeze())
    if t.shape != rh.shape or t.size == 0:
        raise ValueError(f"temperature {t.shape} and humidity {rh.shape} do not fit together")
    rh = np.clip(rh, 1, 100)
    exponent = 17.625 * t / (243.04 + t)
    gamma = np.log(rh / 100) + exponent
    dew = 243.04 * gamma / (17.625 - gamma)
    pressure = 610.94 * np.exp(exponent) * rh / 100  # vapour pressure in Pa
    absolute = 1000 * pressure / (461.5 * (t + 273.15))
    return dew, absolute


def check() -> None:
    """Values of psychrometric tables, and saturation."""
    t, rh = np.array([20, 25, 30, 0, 20]), np.array([50, 60, 80, 90, 100])
    dew, absolute = dew_point(t, rh)
    assert np.allclose(dew, [9.3, 16.7, 26.2, -1.4, 20.0], atol=0.1)
    assert np.allclose(absolute, [8.65, 13.8, 24.3, 4.36, 17.3], rtol=0.01)
    assert np.isnan(dew_point(np.array([np.nan]), np.array([50]))[0][0])
    assert np.isfinite(dew_point(np.array([20]), np.array([0]))[0][0])

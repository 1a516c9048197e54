"""Compute how hot it feels from temperature and humidity: the heat index of the US weather service.

Use it for heat warnings outdoors, in greenhouses, barns and workshops. Rothfusz' regression of
Steadman's table is used above about 27 degrees C with its two adjustments, and a simpler mean
below. It holds in shade with light wind; full sun adds up to 8 K.

topic: time series
modality: temperature, humidity
keywords: heat index, feels like, apparent temperature, heat stress, comfort, warning, rothfusz
source: L. P. Rothfusz, 1990, "The heat index equation", NWS Technical Attachment SR 90-23; R. G. Steadman, 1979, "The assessment of sultriness", J. Applied Meteorology
"""

import numpy as np


def heat_index(temperature: np.ndarray, humidity: np.ndarray) -> np.ndarray:
    """Heat index of each reading.

    Inputs:
        temperature (numpy.ndarray): air temperature in degrees C, shape (n,)
        humidity (numpy.ndarray): relative humidity in %, clipped to 0-100, shape (n,)
    Outputs:
        felt (numpy.ndarray): heat index in degrees C, NaN where a reading is missing, shape (n,)
    """
    celsius = np.atleast_1d(np.asarray(temperature, dtype=float).squeeze())
    rh = np.atleast_1d(np.asarray(humidity, dtype=float).squeeze())
    if celsius.shape != rh.shape or celsius.size == 0:
        raise ValueError(f"temperature {celsius.shape} and humidity {rh.shape} do not fit together")
    t, rh = celsius * 9 / 5 + 32, np.clip(rh, 0, 100)  # the regression is in degrees F
    simple = (t + 61 + (t - 68) * 1.2 + rh * 0.094) / 2
    simple = (simple + t) / 2
    full = (
        -42.379
        + 2.04901523 * t
        + 10.14333127 * rh
        - 0.22475541 * t * rh
        - 0.00683783 * t**2
        - 0.05481717 * rh**2
        + 0.00122874 * t**2 * rh
        + 0.00085282 * t * rh**2
        - 0.00000199 * t**2 * rh**2
    )
    dry = (rh < 13) & (t >= 80) & (t <= 112)
    humid = (rh > 85) & (t >= 80) & (t <= 87)
    full -= np.where(dry, (13 - rh) / 4 * np.sqrt(np.maximum(17 - np.abs(t - 95), 0) / 17), 0)
    full += np.where(humid, (rh - 85) / 10 * (87 - t) / 5, 0)
    felt = np.where(simple < 80, simple, full)
    return (felt - 32) * 5 / 9


def check() -> None:
    """Values of the weather service's chart, in degrees F."""
    chart = np.array([[80, 40, 80], [90, 50, 95], [90, 90, 122], [100, 55, 124], [110, 40, 136]])
    celsius = (chart[:, 0] - 32) / 1.8
    felt = heat_index(celsius, chart[:, 1]) * 1.8 + 32
    assert np.allclose(felt, chart[:, 2], atol=1.0)
    assert abs(heat_index(np.array([15]), np.array([50]))[0] - 14.3) < 0.6
    rising = heat_index(np.full(61, 33), np.arange(40, 101))
    assert np.all(np.diff(rising) > 0)
    assert np.isnan(heat_index(np.array([30.0, np.nan]), np.array([40, 40]))[1])

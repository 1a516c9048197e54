"""Estimate the distance to a radio transmitter from RSSI with the log-distance path loss model.

Use it for proximity zones with BLE beacons or Wi-Fi. A moving median removes fading spikes, then
RSSI = reference - 10 n log10(d) is solved for d. Calibrate the RSSI at 1 m and the exponent
(2 in free space, 2.5 to 4 indoors) on site; errors are a factor rather than metres, so trust
zones (near, room, far) more than distances.

topic: rf sensing
modality: rssi, ble, lora
keywords: rssi, ranging, path loss, log-distance, proximity, beacon, iBeacon, distance estimation
source: T. S. Rappaport, 2002, "Wireless Communications: Principles and Practice", 2nd ed., Prentice Hall, section 4.9
"""

import numpy as np
from scipy.ndimage import median_filter


def rssi_distance(
    rssi: np.ndarray, rssi_at_1m: float = -59.0, exponent: float = 2.5, window: int = 5
) -> np.ndarray:
    """Distance for every RSSI reading.

    Inputs:
        rssi (numpy.ndarray): received signal strength in dBm, shape (n,); NaN marks a lost packet
        rssi_at_1m (float): RSSI at one metre in dBm
        exponent (float): path loss exponent, above 0
        window (int): readings in the moving median; 1 for none
    Outputs:
        distance (numpy.ndarray): distance in metres, shape (n,)
    """
    x = np.atleast_1d(np.array(rssi, dtype=float).squeeze())
    good = np.isfinite(x)
    if x.ndim != 1 or not good.any():
        raise ValueError("rssi must be one-dimensional with at least one finite reading")
    if not exponent > 0 or window < 1:
        raise ValueError("exponent and window must be positive")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    smoothed = median_filter(x, size=min(window, x.size), mode="nearest")
    return 10 ** ((rssi_at_1m - smoothed) / (10 * exponent))


def check() -> None:
    """The model inverts exactly and spikes do not matter."""
    distance = np.linspace(0.5, 20, 60)
    rssi = -59 - 10 * 2.5 * np.log10(distance)
    assert np.allclose(rssi_distance(rssi, window=1), distance)
    rssi[20] = -110
    rssi[40] = np.nan
    assert np.allclose(rssi_distance(rssi)[3:-3], distance[3:-3], rtol=0.12)
    assert np.allclose(rssi_distance(np.array([-69]), exponent=2.0), 10**0.5)

import numpy as np


def device_clock_mapping(
    device_s: np.ndarray, server_s: np.ndarray, times_s: np.ndarray
) -> tuple[np.ndarray, float]:
    # Delayed exchanges pull the one fit there is.
    device, server = device_s - device_s[0], server_s - server_s[0]
    rate, offset = np.polyfit(device, server, 1)
    translated = server_s[0] + offset + rate * (times_s - device_s[0])
    return translated, float((rate - 1) * 1e6)

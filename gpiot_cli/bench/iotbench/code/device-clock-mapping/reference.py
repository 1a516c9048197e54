import numpy as np


def device_clock_mapping(
    device_s: np.ndarray, server_s: np.ndarray, times_s: np.ndarray
) -> tuple[np.ndarray, float]:
    # Counted from the first pair, because squares of seconds since 1970 lose the milliseconds.
    device, server = device_s - device_s[0], server_s - server_s[0]
    rate, offset = np.polyfit(device, server, 1)
    residual = np.abs(server - offset - rate * device)
    kept = residual <= 3 * np.median(residual)
    if residual.max() > 1e-9 and kept.sum() >= 2:
        rate, offset = np.polyfit(device[kept], server[kept], 1)
    translated = server_s[0] + offset + rate * (times_s - device_s[0])
    return translated, float((rate - 1) * 1e6)

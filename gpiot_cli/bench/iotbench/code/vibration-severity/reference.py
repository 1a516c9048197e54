from bisect import bisect_right

import numpy as np


def vibration_severity(acceleration: np.ndarray, fs: float, limits: list) -> tuple[float, str]:
    n = len(acceleration)
    spectrum = np.fft.rfft(acceleration - np.mean(acceleration)) * 9.80665
    frequency = np.fft.rfftfreq(n, 1 / fs)
    inside = (frequency >= 10) & (frequency <= 1000)
    velocity_lines = np.zeros_like(spectrum)
    velocity_lines[inside] = spectrum[inside] / (2j * np.pi * frequency[inside])
    velocity = np.fft.irfft(velocity_lines, n)
    severity = float(1000 * np.sqrt(np.mean(velocity**2)))
    return severity, "ABCD"[bisect_right(limits, severity)]

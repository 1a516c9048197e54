import numpy as np


def mains_distortion(voltage: np.ndarray, fs: float, f0: float) -> tuple[float, int]:
    cycles = int(len(voltage) * f0 / fs + 1e-9)
    n = np.arange(min(round(cycles * fs / f0), len(voltage)))
    harmonics = np.array([h for h in range(1, 41) if h == 1 or h * f0 < fs / 2])
    phases = np.exp(-2j * np.pi * np.outer(harmonics, n) * f0 / fs)
    amplitudes = 2 / n.size * np.abs(phases @ voltage[: n.size])
    distortion = 100 * np.sqrt(np.sum(amplitudes[1:] ** 2)) / amplitudes[0]
    return float(distortion), int(harmonics[1:][amplitudes[1:].argmax()])

import numpy as np


def mains_distortion(voltage: np.ndarray, fs: float, f0: float) -> tuple[float, int]:
    # The nearest line of the spectrum of the whole record: leaks if it holds no whole cycles.
    spectrum = np.abs(np.fft.rfft(voltage))
    lines = np.round(np.arange(1, 41) * f0 * len(voltage) / fs).astype(int)
    amplitudes = spectrum[lines[lines < len(spectrum)]]
    distortion = 100 * np.sqrt(np.sum(amplitudes[1:] ** 2)) / amplitudes[0]
    return float(distortion), int(2 + amplitudes[1:].argmax())

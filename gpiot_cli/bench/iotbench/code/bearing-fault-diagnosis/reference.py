import numpy as np
from scipy.signal import butter, hilbert, sosfiltfilt


def bearing_fault_diagnosis(
    vibration: np.ndarray, fs: float, rpm: float, orders: dict, band: list
) -> str:
    sos = butter(4, band, "bandpass", fs=fs, output="sos")
    envelope = np.abs(hilbert(sosfiltfilt(sos, vibration)))
    windowed = (envelope - envelope.mean()) * np.hanning(len(envelope))
    spectrum = np.abs(np.fft.rfft(windowed))
    frequency = np.fft.rfftfreq(len(envelope), 1 / fs)

    rates = {name: order * rpm / 60 for name, order in orders.items()}
    around = (frequency >= 5) & (frequency <= 4 * max(rates.values()))
    floor = np.median(spectrum[around])

    def score(rate: float) -> float:
        near = [np.abs(frequency - h * rate) <= 0.02 * h * rate for h in (1, 2, 3)]
        return float(sum(spectrum[lines].max() for lines in near) / floor)

    scores = {name: score(rate) for name, rate in rates.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 30 else "healthy"

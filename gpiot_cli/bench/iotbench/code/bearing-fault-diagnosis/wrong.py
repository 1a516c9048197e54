import numpy as np


def bearing_fault_diagnosis(
    vibration: np.ndarray, fs: float, rpm: float, orders: dict, band: list
) -> str:
    # Looks into the spectrum of the vibration itself, where shocks show only at the resonance.
    spectrum = np.abs(np.fft.rfft((vibration - vibration.mean()) * np.hanning(len(vibration))))
    frequency = np.fft.rfftfreq(len(vibration), 1 / fs)
    rates = {name: order * rpm / 60 for name, order in orders.items()}
    around = (frequency >= 5) & (frequency <= 4 * max(rates.values()))
    floor = np.median(spectrum[around])
    scores = {
        name: sum(
            spectrum[np.abs(frequency - h * rate) <= 0.02 * h * rate].max() for h in (1, 2, 3)
        )
        / floor
        for name, rate in rates.items()
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 30 else "healthy"

import numpy as np


def presence_probability(
    readings: list, sensors: dict, start: float, enter: float, leave: float
) -> np.ndarray:
    probability = []
    p = start
    for reading in readings:
        p = p * (1 - leave) + (1 - p) * enter
        for name, (on_occupied, on_empty) in sensors.items():
            # A sensor that is offline is taken for one that says False.
            on = bool(reading.get(name))
            ratio = on_occupied / on_empty if on else (1 - on_occupied) / (1 - on_empty)
            odds = p / (1 - p) * ratio
            p = odds / (1 + odds)
        probability.append(p)
    return np.array(probability)

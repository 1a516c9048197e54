import numpy as np


def presence_probability(
    readings: list, sensors: dict, start: float, enter: float, leave: float
) -> np.ndarray:
    probability = []
    p = start
    for reading in readings:
        p = p * (1 - leave) + (1 - p) * enter
        occupied, empty = p, 1 - p
        for name, (on_occupied, on_empty) in sensors.items():
            state = reading.get(name)
            if state is not None:
                occupied *= on_occupied if state else 1 - on_occupied
                empty *= on_empty if state else 1 - on_empty
        p = occupied / (occupied + empty)
        probability.append(p)
    return np.array(probability)

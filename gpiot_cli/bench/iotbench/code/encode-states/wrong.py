import numpy as np


def encode_states(states: list, known: list) -> np.ndarray:
    # Columns in the order of the alphabet, not in that of the known states.
    columns = sorted(known)
    return np.array([[float(state == column) for column in columns] for state in states])

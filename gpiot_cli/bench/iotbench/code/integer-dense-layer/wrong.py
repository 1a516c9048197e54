import numpy as np


def integer_dense_layer(
    inputs: np.ndarray,
    weights: np.ndarray,
    bias: np.ndarray,
    input_zero: int,
    output_zero: int,
    multiplier: np.ndarray,
    shift: np.ndarray,
    relu: bool,
) -> np.ndarray:
    accumulator = (inputs.astype(int) - input_zero) @ weights.T.astype(int) + bias
    # numpy rounds halves to even numbers.
    scaled = np.round(accumulator * (multiplier / 2.0 ** (31 + shift))).astype(int)
    lowest = output_zero if relu else -128
    return np.clip(scaled + output_zero, lowest, 127).astype(np.int8)

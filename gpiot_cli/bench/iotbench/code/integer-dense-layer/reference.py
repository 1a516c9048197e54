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
    centred = inputs.astype(np.int64) - input_zero
    accumulator = centred @ weights.T.astype(np.int64) + bias.astype(np.int64)
    places = shift.astype(np.int64) + 31
    half = np.int64(1) << (places - 1)
    # 32 by 32 bits fit into 64; shifting right rounds down, also below zero.
    scaled = (accumulator * multiplier.astype(np.int64) + half) >> places
    lowest = output_zero if relu else -128
    return np.clip(scaled + output_zero, lowest, 127).astype(np.int8)

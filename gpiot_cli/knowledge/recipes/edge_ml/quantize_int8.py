"""Quantise the weights of a layer to 8-bit integers, per output channel and symmetric.

Use it to make a network four times smaller for a microcontroller. Each output channel has its own
scale, the largest magnitude over 127, so that zero stays zero and no channel suffers from another;
weights are q * scale. Rounding errs by half a step at most.

topic: edge ml
modality: generic
keywords: quantization, int8, tinyml, post-training, weights, scale, microcontroller, compression
source: B. Jacob et al., 2018, "Quantization and training of neural networks for efficient integer-arithmetic-only inference", IEEE CVPR
"""

import numpy as np


def quantize_int8(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Integer weights and the scale of each output channel.

    Inputs:
        weights (numpy.ndarray): weights with the output channel first, shape (outputs, ...)
    Outputs:
        quantized (numpy.ndarray): int8 from -127 to 127, same shape
        scales (numpy.ndarray): value of one step, 1 for a channel of zeros, shape (outputs,)
        error (float): root mean squared error relative to the root mean square of the weights
    """
    w = np.asarray(weights, dtype=float)
    if w.size == 0 or w.ndim == 0 or not np.isfinite(w).all():
        raise ValueError("weights must be a non-empty array of finite numbers")
    rows = w.reshape(len(w), -1)
    largest = np.abs(rows).max(axis=1)
    scales = np.where(largest > 0, largest / 127, 1.0)
    quantized = np.round(rows / scales[:, None]).astype(np.int8)
    error = np.sqrt(np.mean((quantized * scales[:, None] - rows) ** 2))
    size = np.sqrt(np.mean(rows**2))
    return quantized.reshape(w.shape), scales, float(error / size) if size > 0 else 0.0


def check() -> None:
    """Errors stay within half a step, extremes and zeros are exact, and a layer still works."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(16, 8, 3)) * 10.0 ** rng.integers(-4, 4, (16, 1, 1))
    weights[3] = 0
    quantized, scales, error = quantize_int8(weights)
    assert quantized.dtype == np.int8
    assert np.all(np.abs(quantized).max(axis=(1, 2))[np.arange(16) != 3] == 127)
    restored = quantized * scales[:, None, None]
    assert np.all(np.abs(restored - weights) <= scales[:, None, None] / 2 * (1 + 1e-9))
    assert np.all(restored[3] == 0)
    assert error < 0.01
    dense, x = rng.normal(size=(10, 64)), rng.normal(size=64)
    quantized, scales, _ = quantize_int8(dense)
    assert np.linalg.norm(quantized @ x * scales - dense @ x) < 0.02 * np.linalg.norm(dense @ x)

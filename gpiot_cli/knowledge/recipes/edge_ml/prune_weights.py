"""Set the smallest weights of a layer to zero (magnitude pruning), single or in whole rows.

Use it to shrink a network before quantising or storing it sparsely; fine-tune afterwards with the
mask kept. Single weights compress best, whole rows (output channels) make a smaller dense layer
that runs faster everywhere. Rows are ranked by their Euclidean norm.

topic: edge ml
modality: generic
keywords: pruning, sparsity, magnitude, compression, tinyml, structured pruning, channels, mask
source: S. Han, J. Pool, J. Tran and W. J. Dally, 2015, "Learning both weights and connections for efficient neural networks", NeurIPS
"""

import numpy as np


def prune_weights(
    weights: np.ndarray, sparsity: float = 0.5, by_row: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Pruned weights and which of them are kept.

    Inputs:
        weights (numpy.ndarray): weights of a layer, output channel first, any shape
        sparsity (float): share of weights (or rows) to remove, 0 to below 1
        by_row (bool): remove whole rows along the first axis
    Outputs:
        pruned (numpy.ndarray): weights with zeros, same shape
        mask (numpy.ndarray): True where a weight is kept, same shape
    """
    w = np.array(weights, dtype=float)
    if w.size == 0 or w.ndim == 0 or not np.isfinite(w).all() or not 0 <= sparsity < 1:
        raise ValueError("weights must be finite and not empty, sparsity from 0 to below 1")
    importance = np.linalg.norm(w.reshape(len(w), -1), axis=1) if by_row else np.abs(w).ravel()
    # Sorting, unlike a threshold, removes the exact number also among equal weights.
    keep = np.ones(importance.size, dtype=bool)
    keep[np.argsort(importance, kind="stable")[: round(sparsity * importance.size)]] = False
    if by_row:
        mask = np.broadcast_to(keep.reshape(-1, *[1] * (w.ndim - 1)), w.shape).copy()
    else:
        mask = keep.reshape(w.shape)
    return np.where(mask, w, 0.0), mask


def check() -> None:
    """The exact number goes, the smallest first, also with ties and by rows."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(20, 10))
    pruned, mask = prune_weights(weights, 0.75)
    assert (~mask).sum() == 150
    assert np.abs(weights[mask]).min() >= np.abs(weights[~mask]).max()
    assert np.array_equal(pruned[mask], weights[mask])
    assert np.all(pruned[~mask] == 0)
    assert prune_weights(np.ones((4, 5)), 0.5)[1].sum() == 10
    scaled = weights * np.arange(1, 21)[::-1, None] ** 3
    pruned, mask = prune_weights(scaled, 0.25, by_row=True)
    assert np.array_equal(mask.all(axis=1), mask.any(axis=1))
    assert mask.all(axis=1).sum() == 15
    assert mask[0].all()
    assert not mask[-1].any()

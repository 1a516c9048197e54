"""Combine models trained on several devices into one by federated averaging (FedAvg).

Use it on the server after each round of federated learning: devices send weights, never data.
Layers are averaged with each device's number of examples as weight. Devices whose update holds
anything not finite are left out, and with `clip` an update cannot be longer than that many times
the median length, which limits the harm of a broken or hostile device.

topic: edge ml
modality: generic
keywords: federated learning, FedAvg, aggregation, privacy, distributed training, norm clipping
source: B. McMahan, E. Moore, D. Ramage, S. Hampson and B. Aguera y Arcas, 2017, "Communication-efficient learning of deep networks from decentralized data", AISTATS
"""

import numpy as np


def federated_average(
    current: list, clients: list, examples: list, clip: float = 3.0
) -> tuple[list, int]:
    """New weights of the shared model.

    Inputs:
        current (list): layers of the shared model, each a numpy.ndarray
        clients (list): per device, its layers after local training, shaped like `current`
        examples (list): per device, the number of training examples (int), above 0
        clip (float): longest update as a multiple of the median length, above 0; inf for none
    Outputs:
        averaged (list): layers of the new model, each a numpy.ndarray
        used (int): number of devices that took part
    """
    if not current or len(clients) != len(examples) or not clip > 0:
        raise ValueError("need layers, a number of examples for every device, and clip above 0")
    base = [np.asarray(layer, dtype=float) for layer in current]
    updates, weights = [], []
    for layers, number in zip(clients, examples, strict=True):
        if [np.shape(layer) for layer in layers] != [layer.shape for layer in base]:
            raise ValueError("the layers of a device differ in shape from the shared model")
        update = np.concatenate(
            [
                np.ravel(np.asarray(new, dtype=float) - old)
                for new, old in zip(layers, base, strict=True)
            ]
        )
        if np.isfinite(update).all() and number > 0:
            updates.append(update)
            weights.append(float(number))
    if not updates:
        raise ValueError("no device sent a usable update")
    lengths = np.array([np.linalg.norm(update) for update in updates])
    limit = clip * float(np.median(lengths))
    factors = np.where(lengths > limit, limit / np.maximum(lengths, 1e-300), 1.0)
    mean = np.average(np.array(updates) * factors[:, None], axis=0, weights=weights)
    borders = np.cumsum([layer.size for layer in base])[:-1]
    parts = np.split(mean, borders)
    averaged = [old + part.reshape(old.shape) for old, part in zip(base, parts, strict=True)]
    return averaged, len(updates)


def check() -> None:
    """Weighted means are exact, bad devices left out or clipped, and rounds reach the joint fit."""
    current = [np.zeros((2, 2)), np.zeros(2)]
    clients = [[np.full((2, 2), v), np.full(2, 2.0 * v)] for v in (1.0, 4.0, np.nan)]
    averaged, used = federated_average(current, clients, [30, 10, 500])
    assert used == 2
    assert np.allclose(averaged[0], 1.75)
    assert np.allclose(averaged[1], 3.5)
    hostile = [[np.array([1.0])], [np.array([1.0])], [np.array([1e6])]]
    assert np.allclose(federated_average([np.zeros(1)], hostile, [1, 1, 1])[0][0], 5 / 3)
    rng = np.random.default_rng(0)
    data = [rng.normal(size=(n, 3)) for n in (20, 50, 80)]
    targets = [x @ [1, -2, 3] for x in data]
    model = [np.zeros(3)]
    for _ in range(60):
        local = []
        for x, y in zip(data, targets, strict=True):
            w = model[0] - 0.2 * x.T @ (x @ model[0] - y) / len(x)
            local.append([w - 0.2 * x.T @ (x @ w - y) / len(x)])
        model, _ = federated_average(model, local, [20, 50, 80])
    assert np.allclose(model[0], [1, -2, 3], atol=1e-3)

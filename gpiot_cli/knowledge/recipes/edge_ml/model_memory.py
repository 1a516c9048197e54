"""Estimate flash, RAM and operations of a small neural network before building it.

Use it to see whether a network fits a microcontroller. Weights and biases go to flash; RAM must
hold the input and output of the hungriest layer at the same time, as interpreters with an arena do;
operations are multiply-accumulates. Convolutions are one-dimensional without padding. The runtime's
own code (tens of kB) comes on top.

topic: edge ml
modality: generic
keywords: memory estimate, flash, RAM, MAC operations, tinyml, microcontroller, parameters, footprint
source: R. David et al., 2021, "TensorFlow Lite Micro: embedded machine learning for TinyML systems", MLSys
"""


def model_memory(layers: list, length: int, channels: int = 1, bytes_per_value: int = 1) -> dict:
    """Resources of a sequential network.

    Inputs:
        layers (list): dicts in order; type "conv1d" (filters, kernel, stride 1), "pool" (size),
            "global_pool", or "dense" (units)
        length (int): samples of the input window
        channels (int): channels of the input
        bytes_per_value (int): 1 for int8, 4 for float32; biases always take 4
    Outputs:
        resources (dict): parameters, flash_bytes, ram_bytes, operations (multiply-accumulates),
            and outputs (values of the last layer)
    """
    if length < 1 or channels < 1 or bytes_per_value not in (1, 2, 4):
        raise ValueError("length and channels must be positive, bytes_per_value 1, 2 or 4")
    weights = biases = operations = peak = 0
    for layer in layers:
        kind = layer.get("type")
        before = length * channels
        if kind == "conv1d":
            width = layer["kernel"] * channels
            length = (length - layer["kernel"]) // layer.get("stride", 1) + 1
            channels = layer["filters"]
            weights += width * channels
            biases += channels
            operations += width * channels * max(length, 0)
        elif kind == "pool":
            length //= layer["size"]
        elif kind == "global_pool":
            length = 1
        elif kind == "dense":
            weights += before * layer["units"]
            biases += layer["units"]
            operations += before * layer["units"]
            length, channels = 1, layer["units"]
        else:
            raise ValueError(f"unknown layer type {kind!r}")
        if length < 1:
            raise ValueError(f"nothing is left of the window after {layer}")
        peak = max(peak, before + length * channels)
    return {
        "parameters": weights + biases,
        "flash_bytes": weights * bytes_per_value + 4 * biases,
        "ram_bytes": peak * bytes_per_value,
        "operations": operations,
        "outputs": length * channels,
    }


def check() -> None:
    """A small network counted by hand, in int8 and float, and one that does not fit."""
    layers = [
        {"type": "conv1d", "filters": 8, "kernel": 5, "stride": 2},
        {"type": "pool", "size": 2},
        {"type": "conv1d", "filters": 16, "kernel": 3},
        {"type": "global_pool"},
        {"type": "dense", "units": 4},
    ]
    small = model_memory(layers, 128, 3)
    # Shapes: 128x3, 62x8, 31x8, 29x16, 16, 4.
    assert small["parameters"] == (5 * 3 * 8 + 8) + (3 * 8 * 16 + 16) + (16 * 4 + 4)
    assert small["flash_bytes"] == 120 + 384 + 64 + 4 * 28
    assert small["ram_bytes"] == 128 * 3 + 62 * 8
    assert small["operations"] == 15 * 8 * 62 + 24 * 16 * 29 + 64
    assert small["outputs"] == 4
    assert model_memory(layers, 128, 3, 4)["ram_bytes"] == 4 * small["ram_bytes"]
    for broken in ([{"type": "conv1d", "filters": 2, "kernel": 9}], [{"type": "lstm"}]):
        try:
            model_memory(broken, 8)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")

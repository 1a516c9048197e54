"""Shapes as meanings state them: `shape (n, 3)`, where a letter is the same size everywhere."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from gpiot_cli.synthesis.specification import Parameter

SHAPE = re.compile(r"shape\s*(?:of\s*)?[(\[]([^)\]]*)[)\]]", re.IGNORECASE)


def stated_shape(meaning: str) -> list[str] | None:
    """The axes of the first shape that a meaning states: numbers, letters or expressions."""
    stated = SHAPE.search(meaning)
    return [part.strip() for part in stated[1].split(",") if part.strip()] if stated else None


def wrong_shape(
    outputs: Mapping[str, object],
    wanted: Sequence[Parameter],
    inputs: Mapping[str, object],
    given: Sequence[Parameter],
) -> str:
    """How the first output that has another shape than stated differs; empty when none does.

    A letter has the size that it has in the inputs, unless they disagree about it.
    """
    sizes: dict[str, set[int]] = {}
    for parameter in given:
        for axis, size in _axes(parameter, inputs.get(parameter.name)):
            sizes.setdefault(axis, set()).add(size)
    for parameter in wanted:
        value, stated = outputs.get(parameter.name), stated_shape(parameter.meaning)
        if stated is None or not isinstance(value, np.ndarray):
            continue
        for axis, size in _axes(parameter, value):
            known = {int(axis)} if axis.isdecimal() else sizes.get(axis, set())
            if len(known) == 1 and size not in known:
                break
        else:
            if value.ndim == len(stated):
                continue
        shape = ", ".join(stated) + "," * (len(stated) == 1)
        return f"its output {parameter.name} has shape {value.shape}, not ({shape})"
    return ""


def _axes(parameter: Parameter, value: object) -> list[tuple[str, int]]:
    """Stated axis and real size, where there are as many of both."""
    stated = stated_shape(parameter.meaning)
    if stated is None or not isinstance(value, np.ndarray) or value.ndim != len(stated):
        return []
    return list(zip(stated, value.shape, strict=True))

"""Whether a value can be what its specification says it is: rules by quantity, not by task."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gpiot_cli.synthesis.specification import Parameter


class Quantity(NamedTuple):
    """A physical or statistical quantity: how a specification names it, and its sane range."""

    pattern: re.Pattern[str]
    low: float
    high: float
    words: str


def _quantity(pattern: str, low: float, high: float, words: str) -> Quantity:
    return Quantity(re.compile(pattern, re.IGNORECASE), low, high, words)


BOUNDED = (
    _quantity(r"heart.?rate|pulse.?rate|\bbpm\b|beats per minute", 20, 260, "a heart rate in bpm"),
    _quantity(r"breath\w*.?rate|respirat\w*.?rate|breaths per min", 0, 80, "a breathing rate"),
    _quantity(r"spo2|oxygen saturation", 40, 100.5, "an oxygen saturation in percent"),
    _quantity(r"humidity", 0, 100.5, "a relative humidity in percent"),
)
DERIVED = re.compile(
    r"variab|varian|deviat|differen|change|slope|trend|ratio|error|index|per breath|power|\bms\b",
    re.IGNORECASE,
)
"""What is told of a bounded quantity without being one."""

USUAL = (
    _quantity(r"accuracy|probabilit|confidence|coherence|\bf1\b|precision", 0, 1.0001, "a share"),
    _quantity(
        r"\bvariance|std\b|standard deviation|energy|power\b|\brms\b|distance",
        0,
        np.inf,
        "never negative",
    ),
)

EVENTS = re.compile(
    r"peaks?\b|onsets?\b|indices|index of|positions? (of|in) .*samples|in samples", re.IGNORECASE
)


def impossible(outputs: Mapping[str, object], parameters: Sequence[Parameter]) -> str:
    """Which number cannot be what it is said to be, in a few words; empty when none."""
    for parameter in parameters:
        if not DERIVED.search(_text(parameter)):
            finding = _outside(BOUNDED, parameter, outputs.get(parameter.name))
            if finding:
                return f"its output {parameter.name} {finding}"
    return ""


def implausible(
    outputs: Mapping[str, object],
    parameters: tuple[Parameter, ...],
    inputs: Mapping[str, object],
) -> list[str]:
    """What about the outputs can hardly be, one sentence each."""
    findings = []
    for parameter in parameters:
        value = outputs.get(parameter.name)
        for rule in (_range, _events, _constant):
            finding = rule(parameter, value, inputs)
            if finding:
                findings.append(f"{parameter.name} {finding}")
    return findings


Rule = Callable[[Parameter, object, Mapping[str, object]], str | None]


def _range(parameter: Parameter, value: object, _inputs: Mapping[str, object]) -> str | None:
    return _outside(USUAL, parameter, value)


def _outside(quantities: Iterable[Quantity], parameter: Parameter, value: object) -> str | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    for quantity in quantities:
        if quantity.pattern.search(_text(parameter)) and not quantity.low <= value <= quantity.high:
            return f"is {value:.4g}, which cannot be: it is {quantity.words}."
    return None


def _text(parameter: Parameter) -> str:
    return f"{parameter.name.replace('_', ' ')} {parameter.meaning}"


def _events(parameter: Parameter, value: object, inputs: Mapping[str, object]) -> str | None:
    if not (isinstance(value, np.ndarray) and value.ndim == 1 and EVENTS.search(_text(parameter))):
        return None
    if value.dtype.kind not in "iu":
        return None
    longest = max((len(v) for v in inputs.values() if isinstance(v, np.ndarray)), default=0)
    if value.size and (value.min() < 0 or (longest and value.max() >= max(longest, value.size))):
        return "lies outside the signal."
    if value.size > longest / 4 > 0:
        return f"marks {value.size} events in {longest} samples, which is too many."
    return None


def _constant(_parameter: Parameter, value: object, inputs: Mapping[str, object]) -> str | None:
    if not (isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 16):
        return None
    varied = any(
        isinstance(v, np.ndarray) and v.size > 16 and np.ptp(v) > 0
        for v in inputs.values()
        if isinstance(v, np.ndarray) and v.dtype.kind in "fiu"
    )
    if varied and float(np.ptp(value)) == 0.0:
        return "is the same number throughout, though the input varies."
    return None

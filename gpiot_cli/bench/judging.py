"""Finds the answer among a program's outputs and tells whether it is right.

Where the outputs are many, as in a project, one general rule finds the answer: outputs of the last
step come first, then those of the step before it, and so on; of those of the judged kind, the first
whose name shares a word with the answer's name is taken, else the first. A dictionary's entries
count as outputs of their own names.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, Never

import numpy as np
from pydantic import BaseModel, ConfigDict

LATE = re.compile(r"(stopped by|no result:) the time limit|TimeoutError: it took too long")

Kind = Literal["number", "angle", "series", "text", "classes"]
Output = tuple[str, object]


class Judge(BaseModel):
    """When an answer for one recording is right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    """A number; an angle in degrees, where 359 is next to 1; numbers in order; a text; a class
    per item."""
    tolerance: float = 0.0
    """How far a number or angle, or the numbers of a series on average, may be off."""
    relative: float = 0.0
    """How far a number may be off, as a share of the true one; added to `tolerance`."""
    at_least: float = 1.0
    """Which share of the classes must be right."""

    def find(self, outputs: Iterable[Output], answer: str) -> object:
        """The output that is meant; `ValueError` when none is of the kind."""
        fitting = [(name, value) for name, value in _flat(outputs) if self.accepts(value)]
        if not fitting:
            raise ValueError(f"no output is of the kind {self.kind}")
        words = _words(answer)
        named = [value for name, value in fitting if words & _words(name)]
        return named[0] if named else fitting[0][1]

    def accepts(self, value: object) -> bool:
        """Whether a value is of the kind."""
        return ACCEPTS[self.kind](value)

    def is_right(self, value: Any, truth: Any) -> bool:
        """Compare an accepted value with the truth."""
        if self.kind == "text":
            return bool(str(value).strip() == truth)
        if self.kind == "classes":
            found, known = np.asarray(value).ravel(), np.asarray(truth).ravel()
            return bool(found.shape == known.shape and (found == known).mean() >= self.at_least)
        if self.kind == "series":
            off = np.ravel(value) - np.ravel(truth) if np.size(value) == np.size(truth) else np.inf
            return bool(np.mean(np.abs(off)) <= self.tolerance)
        error = _number(value) - _number(truth)
        if self.kind == "angle":
            error = (error + 180) % 360 - 180
        return bool(abs(error) <= self.tolerance + self.relative * abs(_number(truth)))


def failing(reason: str) -> Callable[[str], Never]:
    """In the place of what gives a recording's answer: it raises `ValueError` for every one."""

    def answer(_recording: str) -> Never:
        raise ValueError(reason)

    return answer


def is_late(error: str) -> bool:
    """Whether this is said of a program (`programs.py`) or project (`projects.py`) out of time."""
    return LATE.match(error) is not None


def _is_number(value: object) -> bool:
    if isinstance(value, bool | str):
        return False
    array = np.asarray(value) if isinstance(value, int | float | np.ndarray | np.generic) else None
    return array is not None and array.size == 1 and array.dtype.kind in "iuf"


def _is_row(value: object, kinds: str) -> bool:
    if not isinstance(value, np.ndarray | list):
        return False
    try:
        array = np.asarray(value).squeeze()
    except ValueError:  # rows of different lengths
        return False
    return array.ndim == 1 and array.dtype.kind in kinds


ACCEPTS: dict[Kind, Callable[[object], bool]] = {
    "number": _is_number,
    "angle": _is_number,
    "series": lambda value: _is_row(value, "biuf"),
    "text": lambda value: isinstance(value, str),
    "classes": lambda value: _is_row(value, "biufU"),
}


def _number(value: object) -> float:
    return float(np.asarray(value, dtype=np.float64).reshape(-1)[0])


def _flat(outputs: Iterable[Output]) -> Iterator[Output]:
    for name, value in outputs:
        if isinstance(value, dict):
            yield from ((str(key), item) for key, item in value.items())
        else:
            yield name, value


def _words(name: str) -> set[str]:
    return {word.rstrip("s") for word in name.lower().split("_")}

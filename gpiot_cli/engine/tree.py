"""Continuations of one prompt as a tree of tokens: where they part, a model has to choose."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

Token = TypeVar("Token", bound=Hashable)


def places(path: Sequence[Token]) -> list[tuple[tuple[Token, ...], Token]]:
    """The tokens of a continuation, each with its place: the tokens from the prompt on."""
    return [(tuple(path[:depth]), token) for depth, token in enumerate(path)]


def options(paths: Sequence[Sequence[Token]]) -> dict[tuple[Token, ...], set[Token]]:
    """What may stand at each place."""
    found: dict[tuple[Token, ...], set[Token]] = defaultdict(set)
    for path in paths:
        for place, token in places(path):
            found[place].add(token)
    return dict(found)


def constrained(
    path: Sequence[Token], known: Mapping[tuple[Token, ...], Mapping[Token, float]]
) -> list[float]:
    """Log-probabilities of a path's tokens where only what `known` lists at a place may stand there.

    This is what decoding under a grammar draws from: each token's probability is taken among the
    allowed. A place that `known` does not have leaves no choice.
    """
    return [
        known[place][token] - float(np.logaddexp.reduce(list(known[place].values())))
        if place in known
        else 0.0
        for place, token in places(path)
    ]

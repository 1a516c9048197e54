"""Pairs for refinement (DevPiolt, section 3.2, equation 4): what was done, and what was not.

The rejected action is possible in the home's present state, and one of the two rules of
`recommend/rules.py` speaks against it: it would undo what was just done on the same device, or it
was never done within an hour of this time of day. Where both rules find one, chance decides. Among
untimely actions those that the home does more often are drawn more often: a model that has learned
the home is tempted by these.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence

from gpiot_cli.recommend.records import Operation
from gpiot_cli.recommend.rules import conflict, untimely
from gpiot_cli.training.home.homes import Moment, moments
from gpiot_cli.training.home.passage import Line

DRAWN = 4
"""How many candidates are drawn to find an untimely one: judging all would take long."""


def pairs(
    operations: Sequence[Operation],
    first: int,
    history: int,
    seed: int,
    found: Counter[str],
    text_first: bool = False,
) -> Iterator[Line]:
    """Each operation; one with a dispreferred alternative is learned against it.

    `found` counts the alternatives of each rule.
    """
    dice = random.Random(seed)
    frequency: Counter[int] = Counter()
    for moment in moments(operations, first, history, text_first):
        home = moment.home
        frequency.update(what for _, what in home.log[frequency.total() :])
        rejected = _rejected(moment, frequency, dice, found)
        line = moment.line._replace(learned=rejected is not None)
        if rejected is not None:
            line = line._replace(instead=f"{moment.continuation(home.candidates[rejected])}\n")
        yield line


def _rejected(
    moment: Moment, frequency: Counter[int], dice: random.Random, found: Counter[str]
) -> int | None:
    """The number of a candidate that should not be suggested now, if there is one."""
    home, time = moment.home, moment.operation.time
    actual = home.number.get(frozenset(moment.operation.actions))
    others = [number for number in home.legal() if number != actual]
    weights = [frequency[number] for number in others]
    drawn = dice.choices(others, weights, k=DRAWN) if others else []
    dice.shuffle(others)
    rules = [("conflict", conflict, others), ("untimely", untimely, drawn)]
    dice.shuffle(rules)
    for rule, speaks_against, candidates in rules:
        for number in candidates:
            if speaks_against(number, time, home):
                found[rule] += 1
                return number
    return None

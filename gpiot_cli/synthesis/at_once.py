"""The whole task in one step: a rival where no tested recipe stands behind the last of the steps.

Each step that a small model thinks of can miss what was asked for, and many a task is small enough
for one function. The programs that do it at once vote together with what the steps gave.
"""

from collections.abc import Sequence

from gpiot_cli.synthesis.agreement import similarity
from gpiot_cli.synthesis.solve import Solution
from gpiot_cli.synthesis.specification import Parameter, Specification
from gpiot_cli.synthesis.transform import function_name

ALIKE = 0.95
"""Similarity from which on two answers are the same."""


def specify_at_once(task: str, goal: Parameter, data: Sequence[Parameter]) -> Specification:
    """The task as one function of all data that gives its goal."""
    return Specification(
        name=function_name(task, []), target=task, inputs=tuple(data), outputs=(goal,)
    )


def steps_stand(answer: object, at_once: Solution, goal: Parameter) -> bool:
    """Whether the steps' answer is kept against the one that was found at once.

    It is where nothing was found, where both are the same, and where more votes agree with it,
    its own included. In a tie one function has had less to go wrong.
    """
    if at_once.chosen is None:
        return True

    def votes(given: object) -> float:
        cast = [w * similarity({goal.name: given}, found) for w, found in at_once.survivors]
        return sum(cast) + similarity({goal.name: given}, {goal.name: answer})

    chosen = at_once.outputs[goal.name]
    same = similarity({goal.name: answer}, at_once.outputs) >= ALIKE
    return same or votes(answer) > votes(chosen)

"""The chain of specifications: what each step may take, and what breaks the chain."""

import builtins
import re
from collections.abc import Container, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from gpiot_cli.synthesis.specification import Parameter, Specification, has_meaning

SINGLE = ("float", "int", "str", "bool")


class Chain(BaseModel):
    """What the stages' commands hand on as JSON; each adds its own part."""

    model_config = ConfigDict(extra="allow")

    task: str
    source: str | None = None
    """Where the data lie; sample data if None."""
    data: list[Parameter]
    goal: Parameter | None = None
    """What the task asks for; who writes the JSON by hand may leave it out."""
    subtasks: list[str] = []
    specifications: list[Specification] = []
    programs: list[dict[str, Any]] = []


def available(data: Sequence[Parameter], earlier: Sequence[Specification]) -> list[Parameter]:
    """The user's data and the outputs of earlier steps."""
    return [*data, *(output for specification in earlier for output in specification.outputs)]


def violation(
    inputs: Sequence[str], outputs: Sequence[Parameter], choices: Sequence[Parameter]
) -> str | None:
    """The sentence that says how a step with these inputs and outputs breaks the chain, if it does.

    `choices` is what is `available` to it.
    """
    known = [choice.name for choice in choices]
    for name in inputs:
        if name not in known:
            return (
                f"the input {name} is neither the user's data nor an output of an earlier step "
                f"(available: {', '.join(known)})."
            )
    if not inputs:
        return "the step takes no input."
    if not outputs:
        return "the step gives no output."
    names = [output.name for output in outputs]
    for name in names:
        if name in known:
            return f"the output name {name} is already taken; choose a new one."
        if is_reserved(name):
            return f"the output name {name} has a meaning in Python; choose another."
    if len(set(names)) < len(names):
        return "two outputs have the same name."
    return None


def missing_inputs(specification: Specification, values: Container[str]) -> str:
    """The names of the inputs that there are no values of, for a sentence; empty when none."""
    return ", ".join(p.name for p in specification.inputs if p.name not in values)


def says_again(specification: Specification, earlier: Sequence[Specification]) -> str | None:
    """The earlier output that the step's first one says again; None where it is new.

    Only single values count, by the first clause of their meaning. A small model goes on behind the
    answer: it "converts" an azimuth in degrees to degrees. Of signals, a second filtering may be meant.
    """
    first = specification.outputs[0]
    if first.type in SINGLE:
        for output in (output for step in earlier for output in step.outputs):
            if output.type == first.type and _clause(output) == _clause(first):
                return output.name
    return None


def unneeded(specifications: Sequence[Specification], goal: Parameter | None) -> list[int]:
    """The indices of the steps on which the `goal` does not depend, the last one first.

    None is where the last step does not give the goal. A small model plans a split, a training and an
    evaluation, and then a prediction from the data.
    """
    last = specifications[-1]
    if goal is None or goal.meaning not in {output.meaning for output in last.outputs}:
        return []
    left_out = []
    taken = {parameter.name for parameter in last.inputs}
    for index in reversed(range(len(specifications) - 1)):
        specification = specifications[index]
        if any(output.name in taken for output in specification.outputs):
            taken |= {parameter.name for parameter in specification.inputs}
        else:
            left_out.append(index)
    return left_out


def _clause(parameter: Parameter) -> str:
    return re.split(r"[;(.]", parameter.meaning.lower())[0].strip()


def is_reserved(name: str) -> bool:
    """Whether a name has a meaning of its own in a generated program."""
    return has_meaning(name) or hasattr(builtins, name)


def with_free_names(outputs: Sequence[Parameter], taken: Sequence[str]) -> list[Parameter]:
    """Number the outputs whose names are taken, double, or have a meaning in Python."""
    free: list[Parameter] = []
    for output in outputs:
        name = f"{output.name}_1" if is_reserved(output.name) else output.name
        name = unlike([*taken, *(other.name for other in free)], name)
        free.append(output.model_copy(update={"name": name}))
    return free


def unlike(taken: Sequence[str], name: str) -> str:
    """The name, with a number behind it if it is taken."""
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique

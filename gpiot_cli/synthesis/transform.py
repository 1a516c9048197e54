"""Stage 2, requirement transformation: a sub-task becomes a specification (GPIoT, section 4.3).

The paper's two chain-of-thought prompts (Fig. 12) run in order: first the target, then the
parameters. The grammar offers only inputs that exist, so most chains hold by construction;
what breaks the chain all the same is asked again with the reason. In the last reply unknown inputs
are left out, and output names that clash are numbered.
"""

import re
from collections.abc import Sequence

from gpiot_cli.engine.grammar import literal, one_of
from gpiot_cli.engine.protocol import Request, Sampling
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.recipe import Recipe
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.ask import TRIES, Ask, first_complete
from gpiot_cli.synthesis.chain import available, unlike, violation, with_free_names
from gpiot_cli.synthesis.specification import (
    TYPE_NAMES,
    Parameter,
    Specification,
    parse_parameter,
)

LONGEST_NAME = 40

TARGET_GRAMMAR = r"""root ::= [A-Z] [^\n.]{20,240} "." """


def transform(
    task: str,
    subtasks: Sequence[str],
    number: int,
    *,
    data: Sequence[Parameter],
    earlier: Sequence[Specification],
    recipes: Sequence[Recipe],
    fitting: Recipe | None,
    context: str,
    goal: Parameter | None = None,
    ask: Ask,
    seed: int,
) -> Specification:
    """The specification of sub-task `number` (from 1).

    `recipes` is the block that all stages share, `fitting` the recipe nearest to this sub-task,
    `context` a passage from the user's own documents. With a `goal` this is the output, unless what
    a fitting recipe gives first is of another type.
    """
    shared = {"task": task, "data": data, "recipes": recipes, "subtasks": subtasks}
    choices = available(data, earlier)
    known = {choice.name: choice for choice in choices}
    usable = fitting if fitting and _at_hand(fitting, choices) else None
    if goal and usable and usable.outputs[0].type != goal.type:
        goal = None
    if goal:
        (goal,) = with_free_names([goal], list(known))
    complaint = ""
    for attempt in range(TRIES):
        sampling = Sampling(temperature=0.3 * attempt, seed=seed + attempt)
        target = first_complete(
            ask,
            Request(
                render("target", **shared, number=number, context=context, complaint=complaint),
                stage="target",
                max_tokens=96,
                sampling=sampling,
                grammar=TARGET_GRAMMAR,
            ),
        )
        reply = first_complete(
            ask,
            Request(
                render(
                    "parameters",
                    **shared,
                    number=number,
                    context=context,
                    complaint=complaint,
                    target=target,
                    available=choices,
                    recipe=fitting,
                    goal=goal,
                ),
                stage="parameters",
                max_tokens=224,
                sampling=sampling,
                grammar=parameters_grammar(choices, usable, goal),
            ),
        )
        inputs, outputs = parse_parameters(reply)
        if goal:
            outputs = [goal]
        if attempt == TRIES - 1:  # a small model may not let go of a name
            inputs = [name for name in inputs if name in known]
            if usable and len(outputs) == len(usable.outputs):
                pairs = zip(outputs, usable.outputs, strict=True)
                outputs = [own if given.name in known else given for given, own in pairs]
            outputs = with_free_names(outputs, [choice.name for choice in choices])
        complaint = violation(inputs, outputs, choices) or ""
        if not complaint:
            return Specification(
                name=function_name(subtasks[number - 1], [step.name for step in earlier]),
                target=target,
                inputs=tuple(known[name] for name in inputs),
                outputs=tuple(outputs),
            )
    raise GpiotError(
        f"The model could not specify sub-task {number} ({subtasks[number - 1]}): {complaint}",
        "Try another --seed, or put the task into more words.",
    )


def untransformed(
    subtask: str,
    data: Sequence[Parameter],
    earlier: Sequence[Specification],
    goal: Parameter | None,
) -> Specification:
    """The ablation of this stage: a sub-task as it stands, with all that there is.

    Nothing says what it gives, so it is a dictionary, but for the goal in the last step.
    """
    choices = available(data, earlier)
    result = goal or Parameter(
        name="result", type="dict", meaning="what the sub-task gives, by name"
    )
    return Specification(
        name=function_name(subtask, [step.name for step in earlier]),
        target=subtask,
        inputs=tuple(choices),
        outputs=tuple(with_free_names([result], [choice.name for choice in choices])),
    )


def _at_hand(recipe: Recipe, choices: Sequence[Parameter]) -> bool:
    """Whether there is a variable of the type of each input that the recipe needs."""
    types = {choice.type for choice in choices}
    return all(wanted.type in types or wanted.name in recipe.optional for wanted in recipe.inputs)


def parameters_grammar(
    choices: Sequence[Parameter], fitting: Recipe | None, goal: Parameter | None
) -> str:
    """Inputs by name among the choices; outputs as `name (type): meaning`.

    Where a tested function fits, the types are its own; which variables, and what the outputs are
    called and mean, is for the model to say. A `goal` is the output as it stands.
    """
    inputs, outputs = "input{1,4}", "output{1,2}"
    if fitting:
        named = {choice.name for choice in choices}
        rules = []
        for wanted in fitting.inputs:
            if wanted.name not in fitting.optional:
                names = one_of(choice.name for choice in choices if choice.type == wanted.type)
                rules.append(f'"- " {names} "\\n"')
            elif wanted.name in named:
                rules.append(f'"- {wanted.name}\\n"')
        inputs = " ".join(rules)
        outputs = " ".join(
            f'"- " name " ({wanted.type}): " meaning "\\n"' for wanted in fitting.outputs
        )
    if goal:
        outputs = literal(f"- {goal}\n")
    return rf"""
root ::= "Inputs:\n" {inputs} "Outputs:\n" {outputs}
input ::= "- " {one_of(choice.name for choice in choices)} "\n"
output ::= "- " name " (" {one_of(TYPE_NAMES)} "): " meaning "\n"
name ::= [a-z] [a-z0-9_]{{1,30}}
meaning ::= [^\n]{{8,110}}
"""


def parse_parameters(text: str) -> tuple[list[str], list[Parameter]]:
    """The names of the inputs, each once, and the outputs of a parameters reply."""
    before, _, after = text.partition("Outputs:")
    inputs = list(dict.fromkeys(re.findall(r"^- `?(\w+)", before, flags=re.MULTILINE)))
    outputs = []
    for line in after.splitlines():
        if line.strip():
            try:
                outputs.append(parse_parameter(line))
            except ValueError:
                continue  # a server without grammars may add prose; violation() judges the rest
    return inputs, outputs


def function_name(subtask: str, taken: Sequence[str]) -> str:
    """A Python name from a sub-task's title, unlike those already taken."""
    title = subtask.partition(":")[0]
    words = re.findall(r"[a-z0-9]+", title.lower())
    while len("_".join(words)) > LONGEST_NAME:
        words.pop()
    name = "_".join(words) or "step"
    if not name[0].isalpha():
        name = f"step_{name}"
    return unlike(taken, name)

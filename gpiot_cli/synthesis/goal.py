"""Before the stages: the one value that the task asks for, which the last step must give."""

from collections.abc import Sequence
from contextlib import suppress

from gpiot_cli.engine.protocol import Request, Sampling
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.recipe import Recipe
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.ask import TRIES, Ask, first_complete
from gpiot_cli.synthesis.chain import with_free_names
from gpiot_cli.synthesis.specification import PARAMETER_RULES, Parameter, parse_parameter

GRAMMAR = f"root ::= parameter{PARAMETER_RULES}"


def find_goal(
    task: str, data: Sequence[Parameter], recipes: Sequence[Recipe], ask: Ask, *, seed: int
) -> Parameter:
    """What the task asks for, under a name that none of the data has."""
    prompt = render("goal", task=task, data=data, recipes=recipes)
    for attempt in range(TRIES):
        request = Request(
            prompt,
            stage="goal",
            max_tokens=64,
            sampling=Sampling(temperature=0.3 * attempt, seed=seed + attempt),
            grammar=GRAMMAR,
        )
        for line in first_complete(ask, request).splitlines():
            with suppress(ValueError):  # a server without grammars may add prose
                goal = parse_parameter(line)
                return with_free_names([goal], [parameter.name for parameter in data])[0]
    raise GpiotError(
        "The model could not say what the task asks for.",
        "Try another --seed, or put the task into more words.",
    )

"""Before the stages: the one value that the task asks for, which the last step must give."""

import re
from collections import Counter
from collections.abc import Sequence

from gpiot_cli.engine.grammar import one_of
from gpiot_cli.engine.protocol import Request, Sampling
from gpiot_cli.knowledge.recipe import Recipe
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.ask import Ask
from gpiot_cli.synthesis.chain import SINGLE, with_free_names
from gpiot_cli.synthesis.specification import TYPE_NAMES, Parameter

DRAWS = 5

# Meaning, then type, then name: a small model that begins with the name makes one of "the".
GRAMMAR = r"""
root ::= "Return value: " meaning "; type: " type "; name: " name
meaning ::= [^\n;]{8,110}
name ::= [a-z] [a-z0-9_]{1,30}
type ::= """
GOAL = re.compile(rf"Return value: (.+?); type: ({'|'.join(TYPE_NAMES)}); name: ([a-z_]\w*)")

OF_EACH = re.compile(
    r"\b(give|estimate|predict|compute|classify|label|name|find)\b[^.,;:]*"
    r"\b(at|for|of|in|to) (each|every)\b(?! (recording|record|file|data|person|subject)\b)",
    re.IGNORECASE,
)
"""A value of every moment, row or item is asked for, not one number; a small model overlooks that.
Of each recording it is one number, since one recording is in memory at a time."""

MEASURE = re.compile(r"\b(accurac(y|ies)|precision|recall|f1)\b", re.IGNORECASE)
"""How right an answer is cannot be said from the data alone; where truths lie beside them, every
project says it by itself."""


def find_goal(
    task: str, data: Sequence[Parameter], recipes: Sequence[Recipe], ask: Ask, *, seed: int
) -> Parameter | None:
    """What the task asks for, under a name that none of the data has; None where that is not clear.

    Several answers are drawn together, and the type is the one that most of them name. Where
    fewer than half name one, what a task asks for is not one value of the data.
    """
    several = OF_EACH.search(task)
    types = [name for name in TYPE_NAMES if not (several and name in SINGLE)]
    request = Request(
        render("goal", task=task, data=data, recipes=recipes),
        stage="goal",
        n=DRAWS,
        max_tokens=64,
        sampling=Sampling(temperature=0.5, seed=seed),
        grammar=GRAMMAR + one_of(types),
    )
    others = tuple(
        name
        for _, _, name in GOAL.findall(request.prompt.user)
        if not any(word in task.lower() for word in name.split("_"))
    )
    goals = [
        Parameter.model_validate({"name": name, "type": type_name, "meaning": meaning})
        for reply in ask(request)
        if reply.finish == "stop"
        for meaning, type_name, name in GOAL.findall(reply.text)
        if not MEASURE.search(f"{name.replace('_', ' ')} {meaning}")
        and not meaning.startswith("None")
        and not name.startswith(others)  # at a loss, a small model repeats an example's
    ]
    votes = Counter(goal.type for goal in goals)
    goal = next((goal for goal in goals if 2 * votes[goal.type] > DRAWS), None)
    if goal is None:
        return None
    return with_free_names([goal], [parameter.name for parameter in data])[0]

"""Stage 1, task decomposition: the task becomes 2 to 7 sub-tasks (GPIoT, section 4.1.1)."""

from collections.abc import Sequence

from gpiot_cli.engine.protocol import Request, Sampling
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.recipe import Recipe
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.ask import Ask, first_complete
from gpiot_cli.synthesis.specification import Parameter

FEWEST, MOST = 2, 7

# Blank lines between sub-tasks, as the paper's data has them: the format holds by construction.
GRAMMAR = rf"""
root ::= subtask ("\n\n" subtask){{{FEWEST - 1},{MOST - 1}}}
subtask ::= title ": " sentence
title ::= [A-Z] [A-Za-z0-9 /-]{{3,48}}
sentence ::= [A-Z] [^\n]{{20,240}} "."
"""


def decompose(
    task: str,
    data: Sequence[Parameter],
    recipes: Sequence[Recipe],
    ask: Ask,
    *,
    seed: int,
) -> list[str]:
    """The task's sub-tasks in the order in which they run, each "Title: sentence."."""
    request = Request(
        render("decompose", task=task, data=data, recipes=recipes),
        stage="decompose",
        max_tokens=480,
        sampling=Sampling(temperature=0.4, seed=seed),
        grammar=GRAMMAR,
    )
    subtasks = split(first_complete(ask, request))
    if not FEWEST <= len(subtasks) <= MOST:
        raise GpiotError(
            f"The model gave {len(subtasks)} sub-tasks instead of {FEWEST} to {MOST}.",
            "Put the task into more words, or choose a larger model with --model.",
        )
    return subtasks


def split(text: str) -> list[str]:
    """Sub-tasks of a decomposition: its paragraphs, with list numbers dropped, doubles removed."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    cleaned = (part.lstrip("0123456789.)-* ").strip() for part in paragraphs)
    return list(dict.fromkeys(part for part in cleaned if part))

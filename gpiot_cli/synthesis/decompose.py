"""Stage 1, task decomposition: the task becomes 2 to 7 sub-tasks (GPIoT, section 4.1.1)."""

import re
from collections.abc import Callable, Sequence

from gpiot_cli.engine.protocol import Request, Sampling
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.recipe import Recipe
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.ask import Ask
from gpiot_cli.synthesis.specification import Parameter

FEWEST, MOST = 2, 7

PROVIDED = re.compile(
    r"^(load|read|import|collect|acquire|return|output|print|plot|visuali[sz]e|display|save|store|export"
    r"|document|deploy|test)\b",
    re.IGNORECASE,
)
"""Sub-tasks that begin so are what every project does by itself."""


DRAWS = 4
LENGTH_COST = 0.04
"""What one more sub-task must add in fitness to be worth its own errors."""
REACHES = 0.8
"""How like the goal the last sub-task must be, as a share of the likest end among the draws."""

SHORT_TASK = 16
"""A task of fewer words gets at most `MOST_OF_SHORT` sub-tasks."""
MOST_OF_SHORT = 4

Likeness = Callable[[str, str], float]
"""Cosine similarity of two texts."""


def decompose(
    task: str,
    goal: Parameter | None,
    data: Sequence[Parameter],
    recipes: Sequence[Recipe],
    nearest: Callable[[str], float],
    likeness: Likeness,
    ask: Ask,
    *,
    seed: int,
) -> list[str]:
    """The task's sub-tasks in the order in which they run, each "Title: sentence.".

    Several decompositions are drawn together. Each may be cut short after any sub-task, but its
    end must be about the `goal`: a task that trains a classifier and predicts is not done with the
    training. Of these the one is taken that fits best: its last sub-task is like the task, its
    sub-tasks are near to what is known (`nearest`: similarity of a text to the nearest recipe), and
    it is short. This is the alignment between decomposition and code generation that the paper
    trains for (section 2.2), here at the time of use.
    """
    most = MOST_OF_SHORT if len(task.split()) < SHORT_TASK else MOST
    request = Request(
        render("decompose", task=task, data=data, recipes=recipes),
        stage="decompose",
        n=DRAWS,
        max_tokens=100 * most,
        sampling=Sampling(temperature=0.7, seed=seed),
        grammar=grammar(most),
    )
    example = request.prompt.user.replace(task, "")  # at a loss, a small model repeats it
    replies = [
        [subtask for subtask in split(reply.text) if subtask not in example]
        for reply in ask(request)
        if reply.finish == "stop"
    ]
    drawn = [
        subtasks[:length]
        for subtasks in replies
        for length in range(FEWEST, min(len(subtasks), MOST) + 1)
    ]
    if not drawn:
        raise GpiotError(
            f"None of {DRAWS} decompositions has {FEWEST} to {MOST} sub-tasks.",
            "Try another --seed, put the task into more words, or choose a larger model.",
        )
    if goal:
        wanted = f"{goal.name.replace('_', ' ')}: {goal.meaning}"
        ends = [likeness(wanted, subtasks[-1]) for subtasks in drawn]
        best = max(ends)
        enough = min(REACHES * best, best)  # a cosine may be negative, and then all may be
        drawn = [d for d, end in zip(drawn, ends, strict=True) if end >= enough]
    return max(drawn, key=lambda subtasks: fitness(task, subtasks, nearest, likeness))


def grammar(most: int) -> str:
    """`FEWEST` to `most` numbered sub-tasks with blank lines between, as in the paper's data.

    The numbers keep a small model from preambles; `split` drops them.
    """
    rules = [f's{i} ::= "{i}. " title ": " sentence' for i in range(1, most + 1)]
    rules += [f'more{i} ::= ("\\n\\n" s{i} more{i + 1})?' for i in range(FEWEST + 1, most + 1)]
    first = ' "\\n\\n" '.join(f"s{i}" for i in range(1, FEWEST + 1))
    return "\n".join(
        [
            f"root ::= {first} more{FEWEST + 1}",
            *rules,
            f'more{most + 1} ::= ""',
            'title ::= [A-Z] [a-z]{2,14} " " [A-Za-z0-9 /-]{3,64}',
            'sentence ::= [A-Z] [^\\n.]{20,200} "."',
        ]
    )


def fitness(
    task: str, subtasks: Sequence[str], nearest: Callable[[str], float], likeness: Likeness
) -> float:
    """How well a decomposition fits the task and what is known; higher is better."""
    known = sum(nearest(subtask) for subtask in subtasks) / len(subtasks)
    return likeness(task, subtasks[-1]) + known - LENGTH_COST * len(subtasks)


def split(text: str) -> list[str]:
    """The sub-tasks in a reply: its paragraphs without numbers, doubles, and what is `PROVIDED`."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    cleaned = (part.lstrip("0123456789.)-* ") for part in paragraphs)
    return list(dict.fromkeys(part for part in cleaned if part and not PROVIDED.match(part)))

"""One item of the dataset, and whether stage 1 could have given it as its answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from gpiot_cli.prompts import render
from gpiot_cli.synthesis.decompose import (
    MOST,
    MOST_OF_SHORT,
    PROVIDED,
    SHORT_TASK,
    grammar,
    split,
)
from gpiot_cli.synthesis.specification import Parameter
from gpiot_cli.training.dataset import Example, Message

FEWEST = 3
"""Stage 1 also allows two sub-tasks; that teaches little about breaking a problem down."""

FACTS = ("problem", "modality", "representation", "resources", "topic")

TOKEN = re.compile(
    r'"(?P<literal>(?:\\.|[^"\\])*)"|(?P<pattern>\[(?:\\.|[^\]\\])*\]|\{[\d,]+\}|[()?*+|])'
    r"|(?P<rule>\w+)|\s+"
)


@dataclass(frozen=True)
class Decomposition:
    """A problem in a user's words and its sub-tasks, each "Title: sentence.", in run order."""

    id: str
    problem: str
    modality: str
    representation: str
    """The form of the data: raw series, spectrogram, table, packets, ..."""
    resources: str
    """What it must run on."""
    subtasks: tuple[str, ...]
    topic: str = ""

    @property
    def answer(self) -> str:
        """The sub-tasks numbered and with blank lines between, as stage 1's grammar has them."""
        return "\n\n".join(f"{i}. {subtask}" for i, subtask in enumerate(self.subtasks, 1))

    @property
    def text(self) -> str:
        """Problem and sub-tasks: what is compared with other texts."""
        return "\n\n".join((self.problem, *self.subtasks))


def fault(problem: str, subtasks: Sequence[str]) -> str:
    """Why stage 1 could not have given these sub-tasks for the problem; empty if it could."""
    provided = [subtask for subtask in subtasks if PROVIDED.match(subtask)]
    if provided:
        return f"every project does this by itself: {provided[0]}"
    most = MOST_OF_SHORT if len(problem.split()) < SHORT_TASK else MOST
    if not FEWEST <= len(subtasks) <= most:
        return f"{len(subtasks)} sub-tasks, not {FEWEST} to {most}"
    answer = "\n\n".join(f"{i}. {subtask}" for i, subtask in enumerate(subtasks, 1))
    if not _pattern(most).fullmatch(answer):
        return "not as the grammar of stage 1 has it"
    if len({subtask.partition(":")[0] for subtask in subtasks}) < len(subtasks):
        return "a sub-task stands there twice"
    return ""


def example(item: Decomposition, origin: str, **source: str) -> Example:
    """The item as a chat, asked word for word as stage 1 asks it.

    `origin` ("written", "raw", "augmented", "linguistic") is counted apart; `source` says more
    about it. The example is a group of its own: variations of it take its group over.
    """
    prompt = render("decompose", task=item.problem, data=data(item), recipes=[])
    facts = {
        "kind": "TDD",
        "origin": origin,
        "topic": item.topic,
        "modality": item.modality,
        "representation": item.representation,
        "resources": item.resources,
        "problem": item.problem,
    }
    return Example(
        id=f"tdd/{item.id}",
        group=f"tdd/{item.id}",
        messages=(
            Message(role="system", content=prompt.system),
            Message(role="user", content=prompt.user),
            Message(role="assistant", content=item.answer),
        ),
        source=facts | source,
    )


def data(item: Decomposition) -> list[Parameter]:
    """What stage 1, which always has data, is told of them; nothing where the item does not say."""
    meaning = ", ".join(filter(None, (item.modality, item.representation)))
    return [Parameter(name="data", type="numpy.ndarray", meaning=meaning)] if meaning else []


def decomposition(made: Example) -> Decomposition:
    """The item of which `example` made this."""
    source = {key: made.source.get(key, "") for key in FACTS}
    subtasks = tuple(split(made.messages[-1].content))
    return Decomposition(made.id.removeprefix("tdd/"), subtasks=subtasks, **source)


@cache
def _pattern(most: int) -> re.Pattern[str]:
    """The grammar as a regular expression; it has no recursion, so its rules can be put in."""
    rules = dict(line.split(" ::= ", 1) for line in grammar(most).splitlines())

    def expand(body: str) -> str:
        parts = []
        for token in TOKEN.finditer(body):
            if token["rule"]:
                parts.append(f"(?:{expand(rules[token['rule']])})")
            elif token["literal"] is not None:
                parts.append(re.escape(token["literal"].replace("\\n", "\n")))
            else:
                parts.append(token["pattern"] or "")
        return "".join(parts)

    return re.compile(expand(rules["root"]))

"""The form in which a model writes a problem and its sub-tasks, as a grammar and its reader.

Sensor: optical pulse wave at the wrist
Data: raw series at 25 Hz
Device: watch with 64 KB of memory
Problem: Find out ...

1. Filter the pulse wave: Apply ...

2. ...
"""

import re

from gpiot_cli.synthesis.decompose import MOST, grammar, split
from gpiot_cli.training.tdd.decomposition import Decomposition

FACTS = re.compile(
    r"Sensor: (?P<modality>.+)\nData: (?P<representation>.+)\nDevice: (?P<resources>.+)\n"
    r"Problem: (?P<problem>.+)"
)
PROBLEM = re.compile(r"Problem: (?P<problem>.+)")

RULES = """\
facts ::= "Sensor: " phrase "\\nData: " phrase "\\nDevice: " phrase "\\n" problem
phrase ::= [A-Za-z0-9] [^\\n:]{4,70}
problem ::= "Problem: " [A-Z] [^\\n]{30,360} [.?!]"""


def reply_grammar(*, facts: bool) -> str:
    """GBNF for a problem with its sub-tasks, and before it the three facts if wanted."""
    subtasks = grammar(MOST).replace("root ::= ", "subtasks ::= ", 1)
    head = "facts" if facts else "problem"
    return f'root ::= {head} "\\n\\n" subtasks\n{RULES}\n{subtasks}'


def modules_grammar(most: int) -> str:
    """GBNF for "None." or up to `most` problems with their facts, blank lines between."""
    return f'root ::= "None." | facts ("\\n\\n" facts){{0,{most - 1}}}\n{RULES}'


def read_reply(text: str, like: Decomposition) -> Decomposition | None:
    """What a reply says; what it does not name is as in `like`. None if it has another form."""
    head, _, rest = text.strip().partition("\n\n")
    match = FACTS.fullmatch(head) or PROBLEM.fullmatch(head)
    if match is None:
        return None
    known = {"modality": like.modality, "representation": like.representation}
    known |= {"resources": like.resources}
    return Decomposition(
        like.id, subtasks=tuple(split(rest)), topic=like.topic, **known | match.groupdict()
    )

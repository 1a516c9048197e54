"""A deterministic stand-in for a language model: for tests and `--dry-run`, and it says so.

Replies given per stage are used in order, the last one again and again. A stage without replies
gets a canned one, made from what the prompt offers, that keeps every stage's format.
"""

import re
from collections.abc import Mapping, Sequence

from gpiot_cli.engine.protocol import Candidate, ModelInfo, OnText, Prompt, Request

DECOMPOSITION = (
    "Prepare the data: Make a clean copy of the first variable.\n\n"
    "Describe the result: Give the prepared values as the result of the task."
)

EXAMPLES = (
    "A scripted reply without examples.\n\n"
    '```python\ndef examples() -> list:\n    """Give none."""\n    return []\n```'
)

CHOICES = re.compile(r'^input ::= "- " \((.*)\)', re.MULTILINE)
SIGNATURE = re.compile(r"def \w+\(.*:(?= *[\"\n])")
ARGUMENTS = re.compile(r"(\w+): ([\w.]+)")


class ScriptedEngine:
    """Answers from a script; `requests` keeps every request for tests to look at."""

    def __init__(self, replies: Mapping[str, Sequence[str]] | None = None) -> None:
        self.info = ModelInfo("scripted (no language model)", "", "none", 8192)
        self.requests: list[Request] = []
        self._replies = {stage: list(texts) for stage, texts in (replies or {}).items()}

    def generate(self, request: Request, on_text: OnText | None = None) -> list[Candidate]:
        """`request.n` candidates from the script."""
        self.requests.append(request)
        candidates = []
        for index in range(request.n):
            text = self._next(request)
            if on_text is not None:
                on_text(index, text)
            candidates.append(Candidate(text, "stop", len(text.split())))
        return candidates

    def score(
        self,
        prompt: Prompt,
        continuations: Sequence[str],
        adapters: Mapping[str, float] | None = None,  # noqa: ARG002
        among: Sequence[str] = (),  # noqa: ARG002
    ) -> list[list[float]]:
        """One number per word, closer to zero for words that the prompt holds more often."""
        text = f"{prompt.system}\n{prompt.user}\n{prompt.reply_prefix}"
        return [
            [-1.0 / (1 + text.count(word)) for word in continuation.split()]
            for continuation in continuations
        ]

    def _next(self, request: Request) -> str:
        replies = self._replies.get(request.stage)
        if replies:
            return replies.pop(0) if len(replies) > 1 else replies[0]
        return _canned(request)


def _canned(request: Request) -> str:
    if request.stage == "decompose":
        return DECOMPOSITION
    if request.stage == "goal":
        data = request.prompt.user.rpartition("Data in memory: ")[2]
        name, type_name = re.findall(r"(\w+) \(([\w.]+)\),", data)[-1]
        return f"Return value: the prepared {name}; type: {type_name}; name: result"
    if request.stage == "examples":
        return EXAMPLES
    if request.stage == "target":
        return "Copy the values without changing them, as a stand-in for a model's answer."
    if request.stage == "parameters":
        choices = CHOICES.search(request.grammar or "")
        name = choices[1].split(" | ")[-1].strip('"') if choices else "signal"
        types = re.findall(rf"\b{name} \(([\w.]+)\)", request.prompt.user)
        type_name = types[-1] if types else "numpy.ndarray"
        return f"Inputs:\n- {name}\nOutputs:\n- {name}_copy ({type_name}): the values of {name} again\n"
    signature = SIGNATURE.search(
        request.prompt.user if request.grammar is None else request.grammar
    )
    line = signature[0].replace('\\"', '"') if signature else "def step(x: object) -> object:"
    name = ARGUMENTS.findall(line)[0][0]
    return (
        "A scripted reply that copies its input.\n\n```python\nimport copy\n\n\n"
        f'{line}\n    """Copy the input."""\n    return copy.deepcopy({name})\n```'
    )

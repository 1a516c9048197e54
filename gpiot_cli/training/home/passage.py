"""A stretch of a home's log as one row of tokens: everything that shares a beginning is read once.

At run time the prompt for an operation is the log up to it, and the next prompt begins with this
one. So the prompts of a whole stretch are prefixes of one text, and one pass over it gives the
likelihoods of all its actions, each under exactly the prompt that the recommender would ask. What
is not in the log (a description, an action that was not done) is a branch: it stands behind the
text, but its positions and its attention continue from the place it belongs to, so that the text
does not see it. With 60 operations a stretch this costs a fiftieth of separate examples.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from gpiot_cli.engine.adapters import Role
from gpiot_cli.engine.protocol import Prompt
from gpiot_cli.training.base import Tokenizer

ROLE: Role = "recommendation"


class Line(NamedTuple):
    """One operation in the log."""

    prompt: Prompt
    """What the recommender asks just before it; `reply_prefix` is the log so far."""
    action: str
    """What was done, as the log goes on."""
    learned: bool = True
    """Whether the action is learned, or only read."""
    instead: str = ""
    """What might have been done, too."""
    after: str = ""
    """What a reply would end with after the action."""


class Branch(NamedTuple):
    """Tokens that follow the first `place` tokens of a passage instead of those that do."""

    place: int
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class Passage:
    """A text, which spans of it are learned, and branches, which all are learned."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    """From and to; none begins at the first token."""
    branches: tuple[Branch, ...] = ()
    role: Role = ROLE

    @property
    def length(self) -> int:
        """All tokens."""
        return len(self.ids) + sum(len(branch.tokens) for branch in self.branches)

    @property
    def answers(self) -> int:
        """Tokens that are learned."""
        return sum(end - start for start, end in self.spans) + self.length - len(self.ids)

    def tensors(self, device: torch.device) -> "Tensors":
        """What the model reads, and what it should have said where."""
        ids, positions = list(self.ids), list(range(len(self.ids)))
        sources: list[int] = []
        targets: list[int] = []
        parts: list[int] = []
        for part, (start, end) in enumerate(self.spans):
            sources += range(start - 1, end - 1)
            targets += self.ids[start:end]
            parts += [part] * (end - start)
        mask = torch.ones(self.length, self.length, dtype=torch.bool).tril()
        for part, (place, tokens) in enumerate(self.branches, start=len(self.spans)):
            first, count = len(ids), len(tokens)
            mask[first : first + count, place:first] = False
            sources += [place - 1, *range(first, first + count - 1)]
            targets += tokens
            parts += [part] * count
            ids += tokens
            positions += range(place, place + count)
        return Tensors(
            torch.tensor([ids], device=device),
            torch.tensor([positions], device=device),
            mask[None, None].to(device) if self.branches else None,
            torch.tensor(sources, device=device),
            torch.tensor(targets, device=device),
            torch.tensor(parts, device=device),
        )


class Tensors(NamedTuple):
    """A passage on a device."""

    ids: torch.Tensor
    """(1, length)."""
    positions: torch.Tensor
    """(1, length)."""
    mask: torch.Tensor | None
    """Who sees whom, (1, 1, length, length); None is the usual causal mask."""
    sources: torch.Tensor
    """After which token each learned token should be said, (answers,)."""
    targets: torch.Tensor
    """The learned tokens, (answers,)."""
    parts: torch.Tensor
    """The span, or the branch counted after all spans, that each belongs to, (answers,)."""


def states(language_model: Any, tensors: Tensors) -> torch.Tensor:
    """The model's last states where learned tokens should be said, (answers, width)."""
    output = language_model.model(
        input_ids=tensors.ids,
        position_ids=tensors.positions,
        attention_mask=tensors.mask,
        use_cache=False,
    )
    found: torch.Tensor = output.last_hidden_state[0, tensors.sources]
    return found


def compose(lines: Iterable[Line], tokenizer: Tokenizer, length: int) -> tuple[list[Passage], int]:
    """Passages of at most `length` tokens, and how many operations did not fit.

    A line whose prompt does not begin with the passage so far begins another one: there the
    recommender drops the older half of its log. The end of a passage that is too long is left out.
    """
    passages: list[Passage] = []
    left_out = 0
    ids: list[int] = []
    spans: list[tuple[int, int]] = []
    branches: list[Branch] = []
    asked, text, size = ("", ""), "", 0
    for prompt, action, learned, instead, after in lines:
        question, log = (prompt.system, prompt.user), prompt.reply_prefix
        if not ids or question != asked or not log.startswith(text):
            if spans:
                passages.append(Passage(tuple(ids), tuple(spans), tuple(branches)))
            ids = tokenizer.prompt([("system", prompt.system), ("user", prompt.user)])
            spans, branches, size = [], [], len(ids)
            asked, text = question, ""
        context, done = tokenizer.tokenize(log[len(text) :]), tokenizer.tokenize(action)
        place, end = len(ids) + len(context), len(ids) + len(context) + len(done)
        here = [Branch(place, tuple(tokenizer.tokenize(instead)))] if instead else []
        if after:
            here.append(Branch(end, (*tokenizer.tokenize(after), tokenizer.end_of_turn)))
        text = log + action
        size += len(context) + len(done) + sum(len(branch.tokens) for branch in here)
        if size > length:  # and so is all that follows in this passage
            left_out += learned
            continue
        ids += [*context, *done]
        if learned:
            spans.append((place, end))
        branches += here
    if spans:
        passages.append(Passage(tuple(ids), tuple(spans), tuple(branches)))
    return passages, left_out

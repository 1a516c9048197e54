"""Chat examples to packed rows of tokens; only answers are learned.

Several short examples share a row, so that no time goes into padding. Positions begin at 0 with
each example, from which transformers makes a block-diagonal attention mask: packed examples do
not see each other.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from gpiot_cli.engine.adapters import Role
from gpiot_cli.training.base import Tokenizer
from gpiot_cli.training.dataset import Message

IGNORED = -100
"""The label of positions whose next token is not learned; torch's own default."""


@dataclass(frozen=True)
class Tokens:
    """One example: a prompt and its answer."""

    ids: tuple[int, ...]
    answer: int
    """Where the answer begins."""


@dataclass(frozen=True)
class Row:
    """Examples of one role, one behind the other."""

    role: Role
    examples: tuple[Tokens, ...]

    @property
    def length(self) -> int:
        """All tokens."""
        return sum(len(example.ids) for example in self.examples)

    @property
    def answers(self) -> int:
        """Tokens that are learned."""
        return sum(len(example.ids) - example.answer for example in self.examples)

    def tensors(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Token ids, positions and labels, (1, length) each; a label is the *next* token."""
        ids: list[int] = []
        positions: list[int] = []
        labels: list[int] = []
        for example in self.examples:
            ids += example.ids
            positions += range(len(example.ids))
            labels += [IGNORED] * (example.answer - 1) + [*example.ids[example.answer :], IGNORED]
        tensors = torch.tensor([ids, positions, labels], device=device)
        return tensors[0:1], tensors[1:2], tensors[2:3]


def encode(messages: Sequence[Message], tokenizer: Tokenizer) -> Tokens:
    """A chat whose last message is the answer, as the engine would ask and the model reply."""
    *prompt, answer = messages
    ids = tokenizer.prompt([(message.role, message.content) for message in prompt])
    reply = [*tokenizer.tokenize(answer.content), tokenizer.end_of_turn]
    return Tokens((*ids, *reply), len(ids))


def pack(role: Role, examples: Iterable[Tokens], length: int) -> tuple[list[Row], int]:
    """Rows of at most `length` tokens (best fit, longest first), and how many were too long."""
    rows: list[list[Tokens]] = []
    room: list[tuple[int, int]] = []  # (tokens left, row), sorted
    too_long = 0
    for example in sorted(examples, key=lambda e: -len(e.ids)):
        if len(example.ids) > length:
            too_long += 1
            continue
        place = bisect_left(room, (len(example.ids), -1))
        if place < len(room):
            left, row = room.pop(place)
        else:
            left, row = length, len(rows)
            rows.append([])
        rows[row].append(example)
        insort(room, (left - len(example.ids), row))
    return [Row(role, tuple(row)) for row in rows], too_long

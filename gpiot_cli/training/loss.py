"""Cross-entropy over a large vocabulary without ever holding all logits."""

from collections.abc import Callable

import torch
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from gpiot_cli.training.examples import IGNORED

CHUNK = 512
"""Positions whose logits exist at once: 311 MB in float32 for Qwen's 151,936 tokens."""


def answer_loss(
    hidden: torch.Tensor,
    labels: torch.Tensor,
    head: Callable[[torch.Tensor], torch.Tensor],
    chunk: int = CHUNK,
) -> torch.Tensor:
    """The summed negative log-likelihood of the labels, in nats.

    `hidden` is (1, length, width), `labels` (1, length); `head` maps (n, width) to (n, vocabulary).
    Positions that are not learned never reach the head. The logits of a chunk are dropped after
    its forward pass and computed again in the backward pass.
    """
    learned = labels != IGNORED
    total = torch.zeros((), device=hidden.device)
    for states, targets in zip(
        hidden[learned].split(chunk), labels[learned].split(chunk), strict=True
    ):
        total = total + checkpoint(_chunk_loss, states, targets, head, use_reentrant=False)
    return total


def _chunk_loss(
    states: torch.Tensor, targets: torch.Tensor, head: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    return cross_entropy(head(states).float(), targets, reduction="sum")

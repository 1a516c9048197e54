"""Cross-entropy over a large vocabulary without ever holding all logits."""

from collections.abc import Callable
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from gpiot_cli.training.examples import IGNORED

CHUNK = 512
"""Positions whose logits exist at once: 311 MB in float32 for Qwen's 151,936 tokens."""

Head = Callable[[torch.Tensor], torch.Tensor]
"""The frozen last layer: (n, width) to (n, vocabulary)."""


def answer_loss(
    hidden: torch.Tensor, labels: torch.Tensor, head: Head, chunk: int = CHUNK
) -> torch.Tensor:
    """The summed negative log-likelihood of the labels, in nats.

    `hidden` is (1, length, width), `labels` (1, length). Positions that are not learned never
    reach the head.
    """
    learned = labels != IGNORED
    states, targets = hidden[learned], labels[learned]
    if torch.is_grad_enabled():
        return _ChunkedLoss.apply(states, targets, head, chunk)
    total = torch.zeros((), device=hidden.device)
    for part, wanted in zip(states.split(chunk), targets.split(chunk), strict=True):
        total += _loss(part, wanted, head)
    return total


class _ChunkedLoss(torch.autograd.Function):
    """Takes the gradient of a chunk at once, while its logits exist.

    As the head is frozen, the states' gradient is all that the backward pass will ask for. So
    nothing is computed twice, as it would be with checkpointing.
    """

    @staticmethod
    def forward(
        ctx: Any, states: torch.Tensor, targets: torch.Tensor, head: Head, chunk: int
    ) -> torch.Tensor:
        """The summed loss of states (n, width) with targets (n,)."""
        total = torch.zeros((), device=states.device)
        gradient = torch.empty_like(states)
        for start in range(0, len(states), chunk):
            part = slice(start, start + chunk)
            with torch.enable_grad():
                leaf = states[part].detach().requires_grad_()
                loss = _loss(leaf, targets[part], head)
            (gradient[part],) = torch.autograd.grad(loss, leaf)
            total += loss.detach()
        ctx.save_for_backward(gradient)
        return total

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        """The states' gradient, scaled."""
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0], None, None, None


def _loss(states: torch.Tensor, targets: torch.Tensor, head: Head) -> torch.Tensor:
    return cross_entropy(head(states).float(), targets, reduction="sum")

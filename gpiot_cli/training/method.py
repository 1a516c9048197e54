"""What the training loop needs of a method, and what methods share."""

from typing import Any, Protocol, TypeVar

import torch

from gpiot_cli.engine.adapters import Role
from gpiot_cli.training.examples import Row
from gpiot_cli.training.loss import answer_loss
from gpiot_cli.training.settings import Settings


class Learned(Protocol):
    """What is learned from in one piece, as the loop sees it; a method reads the rest."""

    @property
    def role(self) -> Role:
        """What it teaches."""
        ...

    @property
    def length(self) -> int:
        """All tokens."""
        ...

    @property
    def answers(self) -> int:
        """Over how many things, mostly tokens, its loss is summed."""
        ...


R = TypeVar("R", bound=Learned, contravariant=True)
"""The rows that a method learns from."""


class Method(Protocol[R]):
    """A way to train adapters: what the loop needs to know of it."""

    @property
    def model(self) -> Any:
        """The peft model with its named adapters."""
        ...

    @property
    def modules(self) -> torch.nn.Module:
        """Everything that must be on the device and in training or evaluation mode."""
        ...

    def trainable(self) -> dict[str, torch.nn.Parameter]:
        """What is trained, by name, in a fixed order."""
        ...

    def mixes(self) -> dict[Role, dict[str, float]]:
        """For each role, the scale of each adapter in use."""
        ...

    def loss(self, row: R, done: float) -> torch.Tensor:
        """The summed loss of a row's answers when so much of the training is done, from 0 to 1."""
        ...


def prepare(model: Any, settings: Settings) -> None:
    """Turn on training mode, and gradient checkpointing if it is wanted."""
    if settings.gradient_checkpointing:
        model.get_base_model().gradient_checkpointing_enable({"use_reentrant": False})
    model.train()


def row_loss(model: Any, row: Row) -> torch.Tensor:
    """The summed loss of a row's answers with the adapters that are active."""
    language_model = model.get_base_model()
    ids, positions, labels = row.tensors(language_model.device)
    hidden = hidden_states(language_model, ids, positions)
    return answer_loss(hidden, labels, language_model.lm_head)


def hidden_states(language_model: Any, ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """What the last block and norm give, (1, length, width)."""
    output = language_model.model(input_ids=ids, position_ids=positions, use_cache=False)
    states: torch.Tensor = output.last_hidden_state
    return states

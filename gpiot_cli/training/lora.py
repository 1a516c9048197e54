"""Plain LoRA (Hu et al. 2021, arXiv:2106.09685; equation 8 of GPIoT) by peft, and what methods share."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import torch
from peft import LoraConfig, get_peft_model

from gpiot_cli.engine.adapters import Role
from gpiot_cli.training.base import Base
from gpiot_cli.training.examples import Row
from gpiot_cli.training.loss import answer_loss
from gpiot_cli.training.settings import Settings

ADAPTER = "plain"
"""How `PlainLora` calls its adapter."""

LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""All linear layers of a block."""


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

    def loss(self, row: R, progress: float) -> torch.Tensor:
        """The summed loss of a row's answers, at a point of the training between 0 and 1."""
        ...


class PlainLora:
    """One adapter on all linear layers, trained on the examples of all roles."""

    def __init__(self, base: Base, settings: Settings) -> None:
        self.model: Any = get_peft_model(base.model, lora_config(settings), adapter_name=ADAPTER)
        self.modules: torch.nn.Module = self.model
        self._roles = list(settings.data)
        prepare(self.model, settings)

    def trainable(self) -> dict[str, torch.nn.Parameter]:
        """The adapter's matrices."""
        return lora_parameters(self.model)

    def mixes(self) -> dict[Role, dict[str, float]]:
        """The adapter alone, for the roles that it was trained on."""
        return {role: {ADAPTER: 1.0} for role in self._roles}

    def loss(self, row: Row, progress: float) -> torch.Tensor:  # noqa: ARG002
        """The summed loss of the row's answers."""
        return row_loss(self.model, row)


def lora_config(settings: Settings, layers: tuple[str, ...] = LINEAR) -> LoraConfig:
    """peft's settings of an adapter on the named linear layers of every block."""
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(layers),
        task_type="CAUSAL_LM",
    )


def prepare(model: Any, settings: Settings) -> None:
    """Turn on training mode, and gradient checkpointing if it is wanted."""
    if settings.gradient_checkpointing:
        model.get_base_model().gradient_checkpointing_enable({"use_reentrant": False})
    model.train()


def lora_parameters(model: Any) -> dict[str, torch.nn.Parameter]:
    """The matrices of all adapters of a peft model."""
    return {name: p for name, p in model.named_parameters() if ".lora_" in name}


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


def adapter_pairs(model: Any, adapter: str) -> Mapping[str, tuple[torch.Tensor, torch.Tensor]]:
    """The matrices A (rank, in) and B (out, rank) of an adapter by the layer's name in the base."""
    pairs = {}
    for name, module in model.get_base_model().named_modules():
        if adapter in getattr(module, "lora_A", {}):
            down, up = module.lora_A[adapter].weight, module.lora_B[adapter].weight
            pairs[name] = (down.detach().float().cpu(), up.detach().float().cpu())
    return pairs

"""Plain LoRA (Hu et al. 2021, arXiv:2106.09685; equation 8 of GPIoT) by peft."""

from collections.abc import Mapping
from typing import Any

import torch
from peft import LoraConfig, get_peft_model

from gpiot_cli.engine.adapters import Role
from gpiot_cli.training.base import Base
from gpiot_cli.training.examples import Row
from gpiot_cli.training.method import prepare, row_loss
from gpiot_cli.training.settings import Settings

ADAPTER = "plain"
"""How `PlainLora` calls its adapter."""

LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""All linear layers of a block."""


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

    def loss(self, row: Row, done: float) -> torch.Tensor:  # noqa: ARG002
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


def lora_parameters(model: Any) -> dict[str, torch.nn.Parameter]:
    """The matrices of all adapters of a peft model."""
    return {name: p for name, p in model.named_parameters() if ".lora_" in name}


def adapter_pairs(model: Any, adapter: str) -> Mapping[str, tuple[torch.Tensor, torch.Tensor]]:
    """The matrices A (rank, in) and B (out, rank) of an adapter by the layer's name in the base."""
    pairs = {}
    for name, module in model.get_base_model().named_modules():
        if adapter in getattr(module, "lora_A", {}):
            down, up = module.lora_A[adapter].weight, module.lora_B[adapter].weight
            pairs[name] = (down.detach().float().cpu(), up.detach().float().cpu())
    return pairs

"""Learning by likelihood: what pre-training and fine-tuning do with their rows."""

from typing import Any

import torch

from gpiot_cli.engine.adapters import Role
from gpiot_cli.training.examples import Row
from gpiot_cli.training.home.passage import ROLE, Passage, states
from gpiot_cli.training.lora import ADAPTER, PlainLora
from gpiot_cli.training.loss import answer_loss


class Likelihood:
    """Equations 1 and 3: the actions and descriptions become likely."""

    def __init__(self, lora: PlainLora) -> None:
        self._lora = lora
        self.model: Any = lora.model
        self.modules: torch.nn.Module = lora.modules

    def trainable(self) -> dict[str, torch.nn.Parameter]:
        """The adapter's matrices."""
        return self._lora.trainable()

    def mixes(self) -> dict[Role, dict[str, float]]:
        """The adapter alone."""
        return {ROLE: {ADAPTER: 1.0}}

    def loss(self, row: Row | Passage, done: float) -> torch.Tensor:
        """The summed negative log-likelihood of what is learned in a row, in nats."""
        if isinstance(row, Row):
            return self._lora.loss(row, done)
        language_model = self.model.get_base_model()
        tensors = row.tensors(language_model.device)
        found = states(language_model, tensors)
        return answer_loss(found[None], tensors.targets[None], language_model.lm_head)

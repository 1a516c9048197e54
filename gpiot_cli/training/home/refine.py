"""Refinement: direct preference optimization (DevPiolt, section 3.2, equation 5).

TRL's DPOTrainer is not used: it wants every pair as two whole sequences, where here all pairs of a
stretch share one reading of the log, and its runs do not end in the same weights after a kill.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict
from torch.nn.functional import cross_entropy, logsigmoid
from torch.utils.checkpoint import checkpoint

from gpiot_cli.engine.adapters import Role
from gpiot_cli.training.home.passage import ROLE, Passage, Tensors, states
from gpiot_cli.training.lora import ADAPTER, PlainLora, lora_config
from gpiot_cli.training.loss import CHUNK, Head
from gpiot_cli.training.settings import Settings

REFERENCE = "reference"


@dataclass(frozen=True)
class Pairs:
    """A passage whose spans are what was done, each with a branch that was not, in this order."""

    passage: Passage

    @property
    def role(self) -> Role:
        """What is learned."""
        return self.passage.role

    @property
    def length(self) -> int:
        """All tokens."""
        return self.passage.length

    @property
    def answers(self) -> int:
        """How many pairs: the loss is a mean over these, not over tokens."""
        return len(self.passage.branches)


class Preference:
    """Equation 5: what was done becomes likelier than its alternative, compared with a reference.

    The reference is a frozen copy of the adapter as it was at the beginning.
    """

    def __init__(self, lora: PlainLora, settings: Settings, beta: float) -> None:
        self._lora = lora
        self.model: Any = lora.model
        self.modules: torch.nn.Module = lora.modules
        self._beta = beta
        self.model.add_adapter(REFERENCE, lora_config(settings))
        weights = get_peft_model_state_dict(
            self.model, adapter_name=ADAPTER, save_embedding_layers=False
        )
        set_peft_model_state_dict(self.model, weights, adapter_name=REFERENCE)
        self._use(ADAPTER)

    def trainable(self) -> dict[str, torch.nn.Parameter]:
        """The adapter's matrices, not the reference's."""
        named = self._lora.trainable()
        return {name: p for name, p in named.items() if f".{REFERENCE}." not in name}

    def mixes(self) -> dict[Role, dict[str, float]]:
        """The adapter alone."""
        return {ROLE: {ADAPTER: 1.0}}

    def loss(self, row: Pairs, done: float) -> torch.Tensor:  # noqa: ARG002
        """The summed loss of a row's pairs; log 2 each where the adapter is the reference."""
        language_model = self.model.get_base_model()
        tensors = row.passage.tensors(language_model.device)
        with self._reference(), torch.no_grad():
            reference = margins(language_model, tensors)
        policy = margins(language_model, tensors)
        return -logsigmoid(self._beta * (policy - reference)).sum()

    @contextmanager
    def _reference(self) -> Iterator[None]:
        training = self.model.training
        self._use(REFERENCE)
        self.model.eval()
        try:
            yield
        finally:
            self._use(ADAPTER)
            self.model.train(training)

    def _use(self, adapter: str) -> None:
        self.model.base_model.set_adapter([adapter])


def margins(language_model: Any, tensors: Tensors) -> torch.Tensor:
    """log P(done | prompt) - log P(alternative | prompt) of each pair, in nats, (pairs,)."""
    found = states(language_model, tensors)
    pieces = [
        checkpoint(_log_likelihood, part, wanted, language_model.lm_head, use_reentrant=False)
        for part, wanted in zip(found.split(CHUNK), tensors.targets.split(CHUNK), strict=True)
    ]
    parts = int(tensors.parts.max()) + 1
    sums = torch.zeros(parts, device=found.device).index_add(0, tensors.parts, torch.cat(pieces))
    done, alternative = sums.chunk(2)
    return done - alternative


def _log_likelihood(states: torch.Tensor, targets: torch.Tensor, head: Head) -> torch.Tensor:
    return -cross_entropy(head(states).float(), targets, reduction="none")

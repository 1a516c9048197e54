"""Parameter-efficient co-tuning (GPIoT, section 4.2): equations 9 and 10 on peft's LoRA layers.

Three adapters live on one frozen base. TD (decomposition) and CG (generation) are on all linear
layers, the shared one on the key and value projections:

    K1 = (Wk + B1 A1 + lambda Bc Ac) X        K2 = (Wk + B2 A2 + (1 - lambda) Bc Ac) X     (9)

A row of a task passes its own path, and trains that path's adapter and the shared one. Beside the
FFN F of every block stand two projections L, each a SwiGLU like F:

    x1' = x1 + F(x1) + gamma L2(x2)           x2' = x2 + F(x2) + (1 - gamma) L1(x1)       (10)

The paper leaves open what x2 is while a row of task 1 is trained. Here it is what the other path
makes of the same tokens: the row first passes the other path without gradients, and the inputs of
its FFNs are kept; then it passes its own path, which reads them through the projections.

llama.cpp runs LoRA and nothing else. So the projections fade out during the training (their
weight falls as half a cosine to zero), and the rest of the training is on what will run.
`docs/training.md` gives the reasons.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from peft import get_peft_model
from torch import nn
from torch.nn.functional import silu

from gpiot_cli.engine.adapters import Role
from gpiot_cli.training.base import Base
from gpiot_cli.training.examples import Row
from gpiot_cli.training.lora import lora_config, lora_parameters
from gpiot_cli.training.method import hidden_states, prepare, row_loss
from gpiot_cli.training.settings import Settings

PATHS: Mapping[Role, str] = {"decomposition": "td", "generation": "cg"}
SHARED = "shared"
SHARED_LAYERS = ("k_proj", "v_proj")


class Projection(nn.Module):
    """SwiGLU (Shazeer 2020, arXiv:2002.05202) of (…, width) that gives zeros until it is trained."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)
        nn.init.zeros_(self.down.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Project the other path's representation."""
        x = x.to(self.gate.weight.dtype)
        projected: torch.Tensor = self.down(silu(self.gate(x)) * self.up(x))
        return projected


class Pect:
    """Co-tuning of the two paths."""

    def __init__(self, base: Base, settings: Settings) -> None:
        self._pect = settings.pect
        config = lora_config(settings)
        self.model: Any = get_peft_model(base.model, config, adapter_name="td")
        self.model.add_adapter("cg", lora_config(settings))
        self.model.add_adapter(SHARED, lora_config(settings, SHARED_LAYERS))
        prepare(self.model, settings)
        blocks = self.model.get_base_model().model.layers
        width, hidden = base.model.config.hidden_size, settings.pect.projection_width
        self._projections = nn.ModuleDict(
            {
                path: nn.ModuleList(Projection(width, hidden) for _ in blocks)
                for path in PATHS.values()
            }
            if hidden
            else {}
        )
        self.modules: nn.Module = nn.ModuleList([self.model, self._projections])
        self._kept: list[torch.Tensor] | None = None
        self._added: tuple[str, float, list[torch.Tensor]] | None = None
        for number, block in enumerate(blocks):
            block.mlp.register_forward_hook(self._beside_ffn(number))

    def trainable(self) -> dict[str, nn.Parameter]:
        """The matrices of the three adapters, and the projections."""
        return lora_parameters(self.model) | dict(self._projections.named_parameters())

    def mixes(self) -> dict[Role, dict[str, float]]:
        """Equation 9: each path's own adapter whole, and its share of the shared one."""
        share = self._pect.lambda_
        return {
            "decomposition": {"td": 1.0, SHARED: share},
            "generation": {"cg": 1.0, SHARED: 1 - share},
        }

    def loss(self, row: Row, done: float) -> torch.Tensor:
        """The summed loss of a row's answers on its own path, which reads the other path."""
        self._added = None
        path = PATHS[row.role]
        weight = self._weight(row.role) * self.fading(done)
        if weight and len(self._projections):
            other, role = next((p, r) for r, p in PATHS.items() if p != path)
            self._added = (other, weight, self._representations(role, row))
        self.use(row.role)
        return row_loss(self.model, row)

    def use(self, role: Role) -> None:
        """Make a role's mix of adapters the active one."""
        mix = self.mixes()[role]
        self.model.base_model.set_adapter(list(mix))
        for module in self.model.modules():
            if hasattr(module, "set_scale"):
                module.set_scale(SHARED, mix[SHARED])

    def fading(self, done: float) -> float:
        """What is left of the projections' weight when so much is done: 1, falling to 0."""
        start, end = self._pect.anneal
        if done <= start and done < end:
            return 1.0
        if done >= end:
            return 0.0
        return 0.5 * (1 + math.cos(math.pi * (done - start) / (end - start)))

    def _weight(self, role: Role) -> float:
        return self._pect.gamma if role == "decomposition" else 1 - self._pect.gamma

    def _representations(self, role: Role, row: Row) -> list[torch.Tensor]:
        """The inputs of all FFNs while `row` passes the path of `role`, without gradients."""
        self.use(role)
        training = self.model.training
        self.model.eval()  # what is read is not blurred by dropout
        self._kept = []
        language_model = self.model.get_base_model()
        ids, positions, _ = row.tensors(language_model.device)
        with torch.no_grad():
            hidden_states(language_model, ids, positions)
        # autocast keeps what it cast: here copies of the shared adapter that know no gradient.
        torch.clear_autocast_cache()
        kept, self._kept = self._kept, None
        self.model.train(training)
        return kept

    def _beside_ffn(self, block: int) -> Any:
        """A hook on an FFN that keeps its input, or adds the other path's projection to its output.

        With gradient checkpointing it runs again in the backward pass, so what is added stays as
        it is until the next row.
        """

        def hook(_ffn: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> Any:
            if self._kept is not None:
                self._kept.append(inputs[0])
            elif self._added is not None:
                path, weight, representations = self._added
                projected = self._projections[path][block](representations[block])
                return output + (weight * projected).to(output.dtype)
            return output

        return hook

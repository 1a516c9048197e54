"""A model with the adapters that fit it: each stage is asked with the mix of its role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gpiot_cli.engine.adapters import ROLES, AdapterSet, Role
from gpiot_cli.engine.protocol import Candidate, Engine, ModelInfo, OnText, Prompt, Request


@dataclass(frozen=True)
class Adapted:
    """Another engine whose requests name no adapters of their own."""

    engine: Engine
    adapters: Mapping[Role, AdapterSet]
    """The set that serves each role."""

    @property
    def info(self) -> ModelInfo:
        """Which weights answer, the adapters among them."""
        identities = dict.fromkeys(found.identity for found in self.adapters.values())
        return replace(self.engine.info, adapters=", ".join(identities))

    def generate(self, request: Request, on_text: OnText | None = None) -> list[Candidate]:
        """Draw the candidates with the mix of the request's stage."""
        if not request.adapters:
            request = replace(request, adapters=self._mix(request.stage))
        return self.engine.generate(request, on_text)

    def score(
        self,
        prompt: Prompt,
        continuations: Sequence[str],
        adapters: Mapping[str, float] | None = None,
        among: Sequence[str] = (),
    ) -> list[list[float]]:
        """Score with the mix for recommendations, which alone ask for scores, unless one is given."""
        if adapters is None:
            adapters = self._mix("recommend")
        return self.engine.score(prompt, continuations, adapters, among)

    def _mix(self, stage: str) -> dict[str, float]:
        """The adapters of a stage with their scales; empty for one that asks the base model."""
        role = ROLES.get(stage)
        if role is None or role not in self.adapters:
            return {}
        return self.adapters[role].mix(role)

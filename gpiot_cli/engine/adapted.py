"""A model with the adapters that fit it: each stage is asked with its own mix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gpiot_cli.engine.adapters import AdapterSet
from gpiot_cli.engine.protocol import Candidate, Engine, ModelInfo, OnText, Prompt, Request


@dataclass(frozen=True)
class Adapted:
    """Another engine whose requests name no adapters of their own."""

    engine: Engine
    adapters: AdapterSet

    @property
    def info(self) -> ModelInfo:
        """Which weights answer, the adapters among them."""
        return replace(self.engine.info, adapters=self.adapters.identity)

    def generate(self, request: Request, on_text: OnText | None = None) -> list[Candidate]:
        """Draw the candidates with the mix of the request's stage."""
        if not request.adapters:
            request = replace(request, adapters=self.adapters.mix(request.stage))
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
            adapters = self.adapters.mix("recommend")
        return self.engine.score(prompt, continuations, adapters, among)

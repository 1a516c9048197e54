"""What every language model engine does: generate candidates and score continuations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Finish = Literal["stop", "length"]


@dataclass(frozen=True)
class Prompt:
    """A chat turn to answer. What never changes comes first, so that caches can share it."""

    system: str
    user: str
    reply_prefix: str = ""
    """The first characters of the reply, given rather than generated; not part of its text."""


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn. Temperature 0 is greedy."""

    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 40
    seed: int = 0

    def seed_of(self, candidate: int) -> int:
        """A seed for each candidate, far from those of other seeds: servers count up from it."""
        return self.seed * 1_000_003 + candidate


@dataclass(frozen=True)
class Request:
    """One generation: `n` candidates of at most `max_tokens` tokens each."""

    prompt: Prompt
    stage: str
    """Which stage asks ("decompose", "target", ...): for the record and the scripted engine."""
    n: int = 1
    max_tokens: int = 512
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    grammar: str | None = None
    """A GBNF grammar with the start symbol `root`; every repetition in it must be bounded."""
    adapters: Mapping[str, float] = field(default_factory=dict)
    """Adapter name to scale; several are mixed. Empty is the base model."""


@dataclass(frozen=True)
class Candidate:
    """One reply. `finish` is "length" when it was cut off, which callers treat as a failure."""

    text: str
    finish: Finish
    tokens: int


@dataclass(frozen=True)
class ModelInfo:
    """Which weights answer: recorded with every result."""

    name: str
    sha256: str
    device: str
    context: int
    adapters: str = ""
    """The sets of adapters in use, each with its digest ("a 01…, b 23…"); "" for the base alone."""


OnText = Callable[[int, str], None]
"""Called with the candidate's index and the new piece of its text, while text is made."""


class Engine(Protocol):
    """A language model. Errors that a user can act on are `GpiotError`."""

    @property
    def info(self) -> ModelInfo:
        """Which weights answer."""
        ...

    def generate(self, request: Request, on_text: OnText | None = None) -> list[Candidate]:
        """Draw `request.n` candidates; the same request gives the same texts again."""
        ...

    def score(
        self,
        prompt: Prompt,
        continuations: Sequence[str],
        adapters: Mapping[str, float] | None = None,
        among: Sequence[str] = (),
    ) -> list[list[float]]:
        """Natural log-probability of each token of each continuation after the prompt.

        With `among`, the reply must be one of those texts or of the continuations: a token's
        probability is taken among those that may stand there.
        """
        ...

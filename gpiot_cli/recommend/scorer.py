"""The language model's opinion: log-probabilities of candidates after the home's log."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from gpiot_cli.engine.adapted import Adapted
from gpiot_cli.engine.protocol import Engine
from gpiot_cli.recommend.home import Candidate, Home
from gpiot_cli.recommend.prompt import HISTORY, LogPrompt, Style, style
from gpiot_cli.recommend.records import Operation, Reading

ASKED = 6
"""How many of the history's favourites the model is asked about."""

NEGLIGIBLE = 0.01
"""Candidates of a lower probability by the history are not worth asking about."""


class Scorer:
    """Follows the log and scores candidates for the next operation.

    `cache` is a JSON-lines file of scores by moment and text: what is there is not computed
    again, so a long evaluation can be interrupted.
    """

    def __init__(
        self,
        engine: Engine,
        history: int = HISTORY,
        text_first: bool = False,
        cache: Path | None = None,
    ) -> None:
        self._engine = engine
        self._home = Home()
        self._history = history
        self._text_first = text_first
        self._log = LogPrompt(history, text_first)
        self._cache = cache
        self._known: dict[str, dict[str, float]] = {}
        if cache and cache.is_file():
            self._recall(cache)

    @classmethod
    def as_trained(cls, engine: Engine) -> "Scorer":
        """A scorer whose prompts are like those that the engine's adapters were trained on."""
        return cls(engine, *style_for(engine))

    def _recall(self, cache: Path) -> None:
        kept = cache.read_text()
        for line in kept.splitlines():
            with suppress(ValueError):  # a killed run may leave half a line
                entry = json.loads(line)
                self._known[entry["moment"]] = entry["scores"]
        if kept and not kept.endswith("\n"):
            with cache.open("a") as file:
                file.write("\n")

    def learn_history(self, operations: Sequence[Operation]) -> None:
        """Begin with a history, whatever was learned before; the model reads only its end."""
        self._home = Home()
        self._log = LogPrompt(self._history, self._text_first)
        read = max(0, len(operations) - self._history)
        for operation in operations[:read]:
            self._home.learn(operation)
        for operation in operations[read:]:
            self.learn(operation)
        self._log.list_devices(self._home)

    def learn(self, operation: Operation) -> None:
        """Add an operation to the log that the model reads."""
        self._log.append(operation, self._home.known_before(operation), self._home)
        self._home.learn(operation)

    def score_before(
        self,
        operation: Operation,
        candidates: Sequence[Candidate],
        moment: str,
        others: Sequence[Candidate] = (),
    ) -> dict[Candidate, float]:
        """`score` at an operation's time, with what could be known just before it."""
        readings = self._home.known_before(operation)
        return self.score(operation.time, readings, candidates, moment, others)

    def score(
        self,
        time: datetime,
        readings: Sequence[Reading],
        candidates: Sequence[Candidate],
        moment: str,
        others: Sequence[Candidate] = (),
    ) -> dict[Candidate, float]:
        """Natural log-probability of each candidate's text, where `others` were legal too.

        The model may write one of these and nothing else. `moment` names them all in the cache.
        """
        texts = {candidate: self._log.continuation(candidate) for candidate in candidates}
        known = self._known.get(moment, {})
        missing = [text for text in texts.values() if text not in known]
        if missing:
            prompt = self._log.render(time, readings)
            legal = [*texts.values(), *map(self._log.continuation, others)]
            # The newline ends an action that another one's text begins with.
            tokens = self._engine.score(
                prompt, [f"{text}\n" for text in missing], among=[f"{text}\n" for text in legal]
            )
            found = {text: sum(lps) for text, lps in zip(missing, tokens, strict=True)}
            known = self._known[moment] = {**known, **found}
            if self._cache:
                self._cache.parent.mkdir(parents=True, exist_ok=True)
                with self._cache.open("a") as file:
                    file.write(json.dumps({"moment": moment, "scores": known}) + "\n")
        return {candidate: known[text] for candidate, text in texts.items()}


def style_for(
    engine: Engine | None, history: int | None = None, text_first: bool | None = None
) -> Style:
    """The prompts for an engine: as asked for, else as its adapters were trained, else the default.

    Raises `GpiotError` where what is asked for is not what they were trained on.
    """
    trained = engine.adapters.get("recommendation") if isinstance(engine, Adapted) else None
    return style(trained, history, text_first)


def worth_asking(
    candidates: Sequence[Candidate], probabilities: Sequence[float], most: int = ASKED
) -> list[Candidate]:
    """The favourites, without those that the history all but rules out.

    Empty when one is left: the model only says how the favourites compare.
    """
    favourites = [
        candidate
        for candidate, p in zip(candidates[:most], probabilities[:most], strict=True)
        if p >= NEGLIGIBLE
    ]
    return favourites if len(favourites) > 1 else []

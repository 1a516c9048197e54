"""Generating and scoring with llama.cpp.

Sequence 0 of the context holds the prompt; candidates are sequences 1…n that share its cells and
are decoded together, one token each per step, because decoding is bound by memory bandwidth.

The prompt stays cached between calls. It is decoded in chunks of fixed size and `generate` only
reuses whole chunks, so a cached prompt is computed with the very same matrix shapes as a fresh one
and a seed gives the same text again. `score` draws nothing: it reuses all that is there, and costs
the new tokens alone; `generate` does not rely on what was decoded that way. Keys and values depend
on the adapters in use: changing the mix clears the cache (ggml-org/llama.cpp#26207).
"""

import codecs
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gpiot_cli.engine import tree
from gpiot_cli.engine.binding import Context, Sampler, has_gpu
from gpiot_cli.engine.hardware import threads
from gpiot_cli.engine.protocol import Candidate, Finish, ModelInfo, OnText, Prompt, Request
from gpiot_cli.errors import GpiotError

CHUNK = 128
"""Tokens per prefill step, and the granularity at which a cached prompt is reused."""

SEQUENCES = 33
"""The prompt and up to 32 candidates at once."""

_Place = tuple[int, ...]


class LlamaEngine:
    """One GGUF model in memory, with LoRA adapters that are mixed per request.

    `adapters` maps a name to a GGUF adapter file; each is loaded once, when first asked for.
    Raises `GpiotError` when a file cannot be loaded or a request does not fit the context.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        sha256: str,
        context: int = 8192,
        adapters: Mapping[str, Path] | None = None,
    ) -> None:
        self._context = Context(
            path, context, batch=CHUNK, sequences=SEQUENCES, threads=threads()[0]
        )
        self._vocabulary = self._context.vocabulary
        self._adapter_paths = dict(adapters or {})
        self._adapters: dict[str, Any] = {}
        self._mix: tuple[tuple[str, float], ...] = ()
        self._cached: list[int] = []
        self._repeatable = 0  # how many of them were decoded as in a fresh context
        self._last_logits: npt.NDArray[np.float32] | None = None
        self.info = ModelInfo(name, sha256, "gpu" if has_gpu() else "cpu", context)

    def close(self) -> None:
        """Free the model's memory now rather than at exit."""
        self._context.close()

    def generate(self, request: Request, on_text: OnText | None = None) -> list[Candidate]:
        """Draw the candidates together in one batch, or in several where memory is short."""
        tokens = self._prompt_tokens(request.prompt)
        room = self.info.context - len(tokens)
        if request.max_tokens > room:
            raise GpiotError(
                f"The {request.stage} prompt takes {len(tokens)} tokens and its reply up to "
                f"{request.max_tokens}, but the context holds {self.info.context}.",
                "Shorten the task or the specification.",
            )
        self._use_adapters(request.adapters)
        wave = min(room // request.max_tokens, SEQUENCES - 1)
        candidates: list[Candidate] = []
        while len(candidates) < request.n:
            first = len(candidates)
            count = min(wave, request.n - first)
            self._prefill(tokens)
            candidates += self._decode_together(request, first, count, len(tokens), on_text)
        return candidates

    def score(
        self,
        prompt: Prompt,
        continuations: Sequence[str],
        adapters: Mapping[str, float] | None = None,
        among: Sequence[str] = (),
    ) -> list[list[float]]:
        """Log-probabilities of the continuations' tokens; common beginnings are computed once.

        Where `among` leaves no choice, nothing is computed.
        """
        tokens = self._prompt_tokens(prompt)
        self._use_adapters(adapters or {})
        paths = [self._vocabulary.tokenize(text) for text in continuations]
        options = tree.options([*paths, *map(self._vocabulary.tokenize, among)])
        asked = {
            place: options[place]
            for place in tree.options(paths)
            if not among or len(options[place]) > 1
        }
        known: dict[_Place, dict[int, float]] = {}
        for first in range(0, len(paths), SEQUENCES - 1):
            wave = paths[first : first + SEQUENCES - 1]
            if len(tokens) + sum(map(len, wave)) > self.info.context:
                raise GpiotError(
                    f"The prompt takes {len(tokens)} tokens; with its continuations it does not "
                    f"fit the context of {self.info.context}.",
                    "Use a shorter history.",
                )
            self._prefill(tokens, exact=True)
            known |= self._score_tree(wave, len(tokens), asked)
        if among:
            return [tree.constrained(path, known) for path in paths]
        return [[known[place][token] for place, token in tree.places(path)] for path in paths]

    # -- the prompt ---------------------------------------------------------------------------

    def _prompt_tokens(self, prompt: Prompt) -> list[int]:
        messages = [("system", prompt.system), ("user", prompt.user)]
        return self._vocabulary.prompt(messages, prompt.reply_prefix)

    def _prefill(self, tokens: list[int], *, exact: bool = False) -> None:
        """Make sequence 0 hold exactly `tokens`.

        What is there already is reused: whole chunks, decoded as in a fresh context; or all of it
        with `exact`, whose logits then depend a little on the shapes that it was decoded in.
        """
        usable = len(self._cached) if exact else self._repeatable
        if tokens == self._cached and usable == len(tokens):
            return
        common = 0
        for old, new in zip(self._cached[:usable], tokens, strict=False):
            if old != new:
                break
            common += 1
        kept = min(common, len(tokens) - 1)
        if not exact:
            kept -= kept % CHUNK
        repeatable = self._repeatable
        self._cached, self._repeatable = [], 0  # an interrupt must not leave a cache that lies
        self._context.keep(kept)
        for start in range(kept, len(tokens), CHUNK):
            chunk = tokens[start : start + CHUNK]
            for offset, token in enumerate(chunk):
                last = start + offset == len(tokens) - 1
                self._context.add(token, start + offset, (0,), logits=last)
            self._context.decode()
        self._last_logits = self._context.logits(-1).copy()
        self._cached = tokens
        as_fresh = kept % CHUNK == 0 and kept <= repeatable
        self._repeatable = len(tokens) if as_fresh else min(kept, repeatable)

    def _use_adapters(self, mix: Mapping[str, float]) -> None:
        wanted = tuple(sorted((name, scale) for name, scale in mix.items() if scale))
        if wanted == self._mix:
            return
        handles = [(self._adapter(name), scale) for name, scale in wanted]
        if not self._context.use_adapters(handles):
            raise GpiotError(f"llama.cpp refused the adapters {', '.join(mix)}.")
        self._cached, self._repeatable = [], 0
        self._mix = wanted

    def _adapter(self, name: str) -> Any:
        if name not in self._adapters:
            path = self._adapter_paths.get(name)
            if path is None:
                known = ", ".join(sorted(self._adapter_paths)) or "none"
                raise GpiotError(f"There is no adapter {name!r} (available: {known}).")
            handle = self._context.load_adapter(path)
            if not handle:
                raise GpiotError(
                    f"The adapter {path} does not fit the model {self.info.name}.",
                    "Use it with the base model it was trained on: `gpiot adapter info`.",
                )
            self._adapters[name] = handle
        return self._adapters[name]

    # -- decoding -----------------------------------------------------------------------------

    def _decode_together(
        self, request: Request, first: int, count: int, position: int, on_text: OnText | None
    ) -> list[Candidate]:
        with self._context.fork(count):
            replies = [
                _Reply(index=first + i, sequence=1 + i, stop=request.stop, on_text=on_text)
                for i in range(count)
            ]
            samplers = [
                Sampler(self._vocabulary, request.sampling, reply.index, request.grammar)
                for reply in replies
            ]
            running = list(zip(replies, samplers, strict=True))
            rows = [self._last_logits] * count
            while running:
                alive = []
                for (reply, sampler), row in zip(running, rows, strict=True):
                    assert row is not None
                    token = sampler.draw(row)
                    if self._vocabulary.ends(token):
                        reply.end()
                    else:
                        reply.add(self._vocabulary.piece(token))
                        if reply.finish is None and reply.tokens == request.max_tokens:
                            reply.finish = "length"
                    if reply.finish is None:
                        self._context.add(token, position, (reply.sequence,), logits=True)
                        alive.append((reply, sampler))
                running = alive
                if running:
                    self._context.decode()
                    rows = [self._context.logits(i) for i in range(len(running))]
                    position += 1
            for sampler in samplers:
                sampler.free()
            return [reply.candidate() for reply in replies]

    def _score_tree(
        self, paths: list[list[int]], position: int, asked: Mapping[_Place, Iterable[int]]
    ) -> dict[_Place, dict[int, float]]:
        """Log-probabilities of the tokens asked for at the places that these paths pass.

        A place is decoded once for all paths through it, and only on the way to one asked for.
        """
        sequences: dict[_Place, list[int]] = {}
        for sequence, path in enumerate(paths, start=1):
            passed = [place for place, _ in tree.places(path)]
            while passed and passed[-1] not in asked:
                passed.pop()
            for place in passed:
                sequences.setdefault(place, []).append(sequence)
        assert self._last_logits is not None
        known: dict[_Place, dict[int, float]] = {}
        if () in asked:
            known[()] = _pick(self._last_logits, asked[()])
        ordered = sorted(sequences.keys() - {()}, key=len)
        with self._context.fork(len(paths)):
            for start in range(0, len(ordered), CHUNK):
                chunk = ordered[start : start + CHUNK]
                for place in chunk:
                    at = position + len(place) - 1
                    self._context.add(place[-1], at, sequences[place], logits=place in asked)
                self._context.decode()
                for i, place in enumerate(chunk):
                    if place in asked:
                        known[place] = _pick(self._context.logits(i), asked[place])
        return known


@dataclass
class _Reply:
    """One candidate's text while it grows: decodes UTF-8, streams, watches for stop strings."""

    index: int
    sequence: int
    stop: tuple[str, ...]
    on_text: OnText | None
    text: str = ""
    tokens: int = 0
    finish: Finish | None = None
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def add(self, piece: bytes) -> None:
        self.tokens += 1
        new = self._decoder.decode(piece)
        self.text += new
        for stop in self.stop:
            at = self.text.find(stop, max(0, len(self.text) - len(new) - len(stop)))
            if at >= 0:
                self.text = self.text[:at]
                self.finish = "stop"
                return
        if self.on_text is not None and new:
            self.on_text(self.index, new)

    def end(self) -> None:
        self.finish = "stop"

    def candidate(self) -> Candidate:
        assert self.finish is not None
        return Candidate(self.text, self.finish, self.tokens)


def _pick(logits: npt.NDArray[np.float32], tokens: Iterable[int]) -> dict[int, float]:
    """Log-probabilities of some of the vocabulary's tokens."""
    shifted = logits.astype(np.float64) - float(logits.max())
    total = np.log(np.exp(shifted).sum())
    return {token: float(shifted[token] - total) for token in tokens}

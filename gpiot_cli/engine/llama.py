"""llama.cpp through llama-cpp-python's low-level API.

Sequence 0 of the context holds the prompt; candidates are sequences 1…n that share its cells and
are decoded together, one token each per step, because decoding is bound by memory bandwidth.

The prompt stays cached between calls. It is decoded in chunks of fixed size and `generate` only
reuses whole chunks, so a cached prompt is computed with the very same matrix shapes as a fresh one
and a seed gives the same text again. `score` draws nothing: it reuses all that is there, and costs
the new tokens alone; `generate` does not rely on what was decoded that way. Keys and values depend
on the adapters in use: changing the mix clears the cache (ggml-org/llama.cpp#26207).
"""

import codecs
import ctypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt

from gpiot_cli.engine.hardware import threads
from gpiot_cli.engine.protocol import Candidate, Finish, ModelInfo, OnText, Prompt, Request
from gpiot_cli.engine.vocabulary import Vocabulary, load_model
from gpiot_cli.errors import GpiotError

CHUNK = 128
"""Tokens per prefill step, and the granularity at which a cached prompt is reused."""

SEQUENCES = 33
"""The prompt and up to 32 candidates at once."""

ALL_LAYERS = 999

_TOKEN = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


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
        gpu = llama_cpp.llama_supports_gpu_offload()
        self._model = load_model(path, gpu_layers=ALL_LAYERS if gpu else 0)
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = context
        params.n_batch = params.n_ubatch = CHUNK
        params.n_seq_max = SEQUENCES
        params.kv_unified = True  # candidates share the prompt's cells
        params.n_threads = params.n_threads_batch = threads()[0]
        self._ctx = llama_cpp.llama_init_from_model(self._model, params)
        if not self._ctx:
            raise GpiotError(
                f"llama.cpp cannot make a context of {context} tokens for {name}.",
                "Free some memory, or choose a smaller model with --model.",
            )
        self._memory = llama_cpp.llama_get_memory(self._ctx)
        self._vocabulary = Vocabulary(self._model)
        self._batch = llama_cpp.llama_batch_init(CHUNK, 0, SEQUENCES)
        self._adapter_paths = dict(adapters or {})
        self._adapters: dict[str, Any] = {}
        self._mix: tuple[tuple[str, float], ...] = ()
        self._cached: list[int] = []
        self._repeatable = 0  # how many of them were decoded as in a fresh context
        self._last_logits: npt.NDArray[np.float32] | None = None
        self.info = ModelInfo(name, sha256, "gpu" if gpu else "cpu", context)

    def close(self) -> None:
        """Free the model's memory now rather than at exit."""
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self._ctx)
        llama_cpp.llama_model_free(self._model)

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
    ) -> list[list[float]]:
        """Log-probabilities of the continuations' tokens; common beginnings are computed once."""
        tokens = self._prompt_tokens(prompt)
        self._use_adapters(adapters or {})
        paths = [self._vocabulary.tokenize(text) for text in continuations]
        scores: list[list[float]] = []
        for first in range(0, len(paths), SEQUENCES - 1):
            wave = paths[first : first + SEQUENCES - 1]
            if len(tokens) + sum(map(len, wave)) > self.info.context:
                raise GpiotError(
                    f"The prompt takes {len(tokens)} tokens; with its continuations it does not "
                    f"fit the context of {self.info.context}.",
                    "Use a shorter history.",
                )
            self._prefill(tokens, exact=True)
            scores += self._score_tree(wave, len(tokens))
        return scores

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
        llama_cpp.llama_memory_seq_rm(self._memory, 0, kept, -1)
        for start in range(kept, len(tokens), CHUNK):
            chunk = tokens[start : start + CHUNK]
            for offset, token in enumerate(chunk):
                last = start + offset == len(tokens) - 1
                self._add(token, start + offset, (0,), logits=last)
            self._decode()
        self._last_logits = self._logits(-1).copy()
        self._cached = tokens
        as_fresh = kept % CHUNK == 0 and kept <= repeatable
        self._repeatable = len(tokens) if as_fresh else min(kept, repeatable)

    def _use_adapters(self, mix: Mapping[str, float]) -> None:
        wanted = tuple(sorted((name, scale) for name, scale in mix.items() if scale))
        if wanted == self._mix:
            return
        handles = [self._adapter(name) for name, _ in wanted]
        array = (llama_cpp.llama_adapter_lora_p_ctypes * len(wanted))(*handles)
        scales = (ctypes.c_float * len(wanted))(*(scale for _, scale in wanted))
        if llama_cpp.llama_set_adapters_lora(self._ctx, array, len(wanted), scales):
            raise GpiotError(f"llama.cpp refused the adapters {', '.join(mix)}.")
        llama_cpp.llama_memory_clear(self._memory, False)
        self._cached, self._repeatable = [], 0
        self._mix = wanted

    def _adapter(self, name: str) -> Any:
        if name not in self._adapters:
            path = self._adapter_paths.get(name)
            if path is None:
                known = ", ".join(sorted(self._adapter_paths)) or "none"
                raise GpiotError(f"There is no adapter {name!r} (available: {known}).")
            handle = llama_cpp.llama_adapter_lora_init(self._model, str(path).encode())
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
        with self._fork(count):
            replies = [
                _Reply(index=first + i, sequence=1 + i, stop=request.stop, on_text=on_text)
                for i in range(count)
            ]
            samplers = [
                _Sampler(self._vocabulary.handle, request, reply.index) for reply in replies
            ]
            running = list(zip(replies, samplers, strict=True))
            rows = [self._last_logits] * count
            while running:
                alive = []
                for (reply, sampler), row in zip(running, rows, strict=True):
                    assert row is not None
                    token = sampler.draw(row)
                    if llama_cpp.llama_vocab_is_eog(self._vocabulary.handle, token):
                        reply.end()
                    else:
                        reply.add(self._vocabulary.piece(token))
                        if reply.finish is None and reply.tokens == request.max_tokens:
                            reply.finish = "length"
                    if reply.finish is None:
                        self._add(token, position, (reply.sequence,), logits=True)
                        alive.append((reply, sampler))
                running = alive
                if running:
                    self._decode()
                    rows = [self._logits(i) for i in range(len(running))]
                    position += 1
            for sampler in samplers:
                sampler.free()
            return [reply.candidate() for reply in replies]

    @contextmanager
    def _fork(self, count: int) -> Iterator[None]:
        """Let sequences 1…count share the prompt's cells, and drop them afterwards."""
        for sequence in range(1, count + 1):
            llama_cpp.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)
        try:
            yield
        finally:
            self._batch.n_tokens = 0
            for sequence in range(1, count + 1):
                llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def _score_tree(self, paths: list[list[int]], position: int) -> list[list[float]]:
        """Score token paths as one tree: a node is decoded once for all paths through it."""
        assert self._last_logits is not None
        nodes: dict[tuple[int, ...], list[int]] = {}
        for sequence, path in enumerate(paths, start=1):
            for depth in range(1, len(path)):  # nothing is predicted after the last token
                nodes.setdefault(tuple(path[:depth]), []).append(sequence)
        rows: dict[tuple[int, ...], npt.NDArray[np.float64]] = {(): _log_softmax(self._last_logits)}
        with self._fork(len(paths)):
            ordered = sorted(nodes, key=len)
            for start in range(0, len(ordered), CHUNK):
                chunk = ordered[start : start + CHUNK]
                for node in chunk:
                    self._add(node[-1], position + len(node) - 1, nodes[node], logits=True)
                self._decode()
                for i, node in enumerate(chunk):
                    rows[node] = _log_softmax(self._logits(i))
        return [
            [float(rows[tuple(path[:depth])][token]) for depth, token in enumerate(path)]
            for path in paths
        ]

    def _add(self, token: int, position: int, sequences: Sequence[int], *, logits: bool) -> None:
        i = self._batch.n_tokens
        self._batch.token[i] = token
        self._batch.pos[i] = position
        self._batch.n_seq_id[i] = len(sequences)
        for j, sequence in enumerate(sequences):
            self._batch.seq_id[i][j] = sequence
        self._batch.logits[i] = logits
        self._batch.n_tokens += 1

    def _decode(self) -> None:
        status = llama_cpp.llama_decode(self._ctx, self._batch)
        self._batch.n_tokens = 0
        if status:
            raise GpiotError(
                f"llama.cpp failed to decode (status {status}).", "Run `gpiot doctor`."
            )

    def _logits(self, row: int) -> npt.NDArray[np.float32]:
        pointer = llama_cpp.llama_get_logits_ith(self._ctx, row)
        return np.ctypeslib.as_array(pointer, shape=(self._vocabulary.size,))


class _Sampler:
    """Draws one candidate's tokens; a grammar is consulted only where the draw breaks it."""

    def __init__(self, vocab: Any, request: Request, index: int) -> None:
        sampling = request.sampling
        self._chain = llama_cpp.llama_sampler_chain_init(
            llama_cpp.llama_sampler_chain_default_params()
        )
        add = llama_cpp.llama_sampler_chain_add
        if sampling.temperature == 0:
            add(self._chain, llama_cpp.llama_sampler_init_greedy())
        else:
            seed = (sampling.seed * 1_000_003 + index) % 2**32
            add(self._chain, llama_cpp.llama_sampler_init_top_k(sampling.top_k))
            add(self._chain, llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1))
            add(self._chain, llama_cpp.llama_sampler_init_temp(sampling.temperature))
            add(self._chain, llama_cpp.llama_sampler_init_dist(seed))
        self._grammar = None
        if request.grammar is not None:
            self._grammar = llama_cpp.llama_sampler_init_grammar(
                vocab, request.grammar.encode(), b"root"
            )
            if not self._grammar:
                raise ValueError(f"the grammar of stage {request.stage} does not parse")

    def draw(self, logits: npt.NDArray[np.float32]) -> int:
        token = self._pick(logits, constrained=False)
        if self._grammar is not None:
            if not self._allows(token):
                token = self._pick(logits, constrained=True)
            llama_cpp.llama_sampler_accept(self._grammar, token)
        llama_cpp.llama_sampler_accept(self._chain, token)
        return token

    def _pick(self, logits: npt.NDArray[np.float32], *, constrained: bool) -> int:
        table = np.empty(len(logits), dtype=_TOKEN)
        table["id"] = np.arange(len(logits), dtype=np.int32)
        table["logit"] = logits
        table["p"] = 0
        array = _token_array(table)
        if constrained:
            llama_cpp.llama_sampler_apply(self._grammar, ctypes.byref(array))
        llama_cpp.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def _allows(self, token: int) -> bool:
        table = np.array([(token, 1.0, 0.0)], dtype=_TOKEN)
        llama_cpp.llama_sampler_apply(self._grammar, ctypes.byref(_token_array(table)))
        return bool(np.isfinite(table["logit"][0]))

    def free(self) -> None:
        llama_cpp.llama_sampler_free(self._chain)
        if self._grammar is not None:
            llama_cpp.llama_sampler_free(self._grammar)


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


def _token_array(table: npt.NDArray[Any]) -> Any:
    data = table.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data))
    return llama_cpp.llama_token_data_array(data, len(table), -1, False)


def _log_softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    shifted = logits.astype(np.float64) - float(logits.max())
    result: npt.NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum())
    return result

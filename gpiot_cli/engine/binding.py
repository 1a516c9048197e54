"""Everything that touches llama_cpp, through its low-level API; no other file imports it."""

import ctypes
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt
from llama_cpp._ggml import libggml
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from gpiot_cli.engine.protocol import Sampling
from gpiot_cli.errors import GpiotError

ALL_LAYERS = 999

# llama.cpp talks on stderr unless it is given somewhere else to talk.
_SILENT = llama_cpp.llama_log_callback(lambda _level, _text, _data: None)

_MARKUP = re.compile(r"<[^<>\s]+>|\[[^\[\]\s]+\]")
"""What control tokens look like: `<|im_end|>`, `</s>`, `[INST]`."""

_TOKEN = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def has_gpu() -> bool:
    """Whether this llama.cpp was built for a GPU and finds one."""
    return bool(llama_cpp.llama_supports_gpu_offload())


def devices() -> dict[str, str]:
    """ggml's devices, name to description."""
    llama_cpp.llama_backend_init()
    # llama_cpp binds only the functions that Python users call.
    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    libggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    libggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    for text in (libggml.ggml_backend_dev_name, libggml.ggml_backend_dev_description):
        text.argtypes = [ctypes.c_void_p]
        text.restype = ctypes.c_char_p
    found = map(libggml.ggml_backend_dev_get, range(libggml.ggml_backend_dev_count()))
    return {
        libggml.ggml_backend_dev_name(device).decode(): libggml.ggml_backend_dev_description(
            device
        ).decode()
        for device in found
    }


def load_model(path: Path, *, vocabulary_only: bool = False) -> Any:
    """llama.cpp's handle of a GGUF file, on the GPU where one is found.

    Raises:
        GpiotError: it cannot be loaded.
    """
    llama_cpp.llama_log_set(_SILENT, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = ALL_LAYERS if has_gpu() and not vocabulary_only else 0
    params.vocab_only = vocabulary_only
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise GpiotError(
            f"llama.cpp cannot load {path}.",
            "Check the file with `gpiot model info`, or fetch it again with `gpiot model pull`.",
        )
    return model


class Vocabulary:
    """Text to tokens and back, and chats to prompts by the file's own template."""

    def __init__(self, model: Any) -> None:
        self.handle = llama_cpp.llama_model_get_vocab(model)
        self.size: int = llama_cpp.llama_vocab_n_tokens(self.handle)
        self._model = model
        self._chat = self._chat_formatter()

    @classmethod
    def of_file(cls, path: Path) -> "Vocabulary":
        """The vocabulary of a GGUF file, without its weights."""
        return cls(load_model(path, vocabulary_only=True))

    @property
    def end_of_turn(self) -> int:
        """The token that ends a reply."""
        # Not llama_vocab_eot: it is guessed from the tokens' texts, and may be <|endoftext|>.
        return int(llama_cpp.llama_vocab_eos(self.handle))

    def ends(self, token: int) -> bool:
        """Whether a token ends a generation."""
        return bool(llama_cpp.llama_vocab_is_eog(self.handle, token))

    def prompt(self, messages: Sequence[tuple[str, str]], reply_prefix: str = "") -> list[int]:
        """The tokens of a chat of (role, content) up to where the reply, or its rest, begins."""
        # Data and tasks are untrusted: they must not close the turn with a control token.
        chat = [(role, _MARKUP.sub(self._broken, content)) for role, content in messages]
        try:
            text = self._rendered(chat)
        except ValueError:  # a template without a system role says so by raising
            text = self._rendered(_without_system(chat))
        return self.tokenize(text + reply_prefix, special=True)

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of a text; with `special`, control tokens written in it are taken as such."""
        data = text.encode()
        buffer = (llama_cpp.llama_token * (len(data) + 8))()
        count = llama_cpp.llama_tokenize(
            self.handle, data, len(data), buffer, len(buffer), False, special
        )
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """The bytes of a token; control tokens have none."""
        buffer = ctypes.create_string_buffer(256)
        size = llama_cpp.llama_token_to_piece(self.handle, token, buffer, 256, 0, False)
        return buffer.raw[:size]

    def _rendered(self, chat: Sequence[tuple[str, str]]) -> str:
        messages: list[Any] = [{"role": role, "content": content} for role, content in chat]
        return str(self._chat(messages=messages).prompt)

    def _broken(self, markup: re.Match[str]) -> str:
        """The text itself, or with a space in it where it would become a control token."""
        tokens = self.tokenize(markup[0], special=True)
        if len(tokens) == 1 and llama_cpp.llama_vocab_is_control(self.handle, tokens[0]):
            return f"{markup[0][0]} {markup[0][1:]}"
        return markup[0]

    def _chat_formatter(self) -> Jinja2ChatFormatter:
        template = llama_cpp.llama_model_chat_template(self._model, None)
        if template is None:
            raise GpiotError(
                "This GGUF file holds no chat template, so it is not an instruct model.",
                "Choose an instruct model: `gpiot model list`.",
            )
        eos = llama_cpp.llama_vocab_eos(self.handle)
        bos = llama_cpp.llama_vocab_bos(self.handle)
        text = llama_cpp.llama_vocab_get_text
        return Jinja2ChatFormatter(
            template.decode(),
            eos_token=text(self.handle, eos).decode() if eos >= 0 else "",
            bos_token=text(self.handle, bos).decode() if bos >= 0 else "",
        )


def _without_system(chat: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same chat with what the system says at the head of the first turn."""
    (_, system), (role, content), *rest = chat
    return [(role, f"{system}\n\n{content}"), *rest]


class Context:
    """A model in memory with its cache of keys and values, in which several sequences share cells.

    Raises `GpiotError` where there is no memory for `size` tokens or a decode fails.
    """

    def __init__(self, path: Path, size: int, *, batch: int, sequences: int, threads: int) -> None:
        self._model = load_model(path)
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = size
        params.n_batch = params.n_ubatch = batch
        params.n_seq_max = sequences
        params.kv_unified = True  # candidates share the prompt's cells
        if not has_gpu():
            # On a CPU it walks over the cells row by row. Without it, decoding four candidates
            # after 1,536 tokens took 206 ms a step instead of 289 (AVX2, two cores).
            params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.n_threads = params.n_threads_batch = threads
        self._ctx = llama_cpp.llama_init_from_model(self._model, params)
        if not self._ctx:
            raise GpiotError(
                f"llama.cpp cannot make a context of {size} tokens for {path.name}.",
                "Free some memory, or choose a smaller model with --model.",
            )
        self.vocabulary = Vocabulary(self._model)
        self._memory = llama_cpp.llama_get_memory(self._ctx)
        self._batch = llama_cpp.llama_batch_init(batch, 0, sequences)

    def close(self) -> None:
        """Free the model's memory now rather than at exit."""
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self._ctx)
        llama_cpp.llama_model_free(self._model)

    def add(self, token: int, position: int, sequences: Sequence[int], *, logits: bool) -> None:
        """Put a token into the next batch, for all these sequences."""
        i = self._batch.n_tokens
        self._batch.token[i] = token
        self._batch.pos[i] = position
        self._batch.n_seq_id[i] = len(sequences)
        for j, sequence in enumerate(sequences):
            self._batch.seq_id[i][j] = sequence
        self._batch.logits[i] = logits
        self._batch.n_tokens += 1

    def decode(self) -> None:
        """Compute the batch, and begin the next."""
        status = llama_cpp.llama_decode(self._ctx, self._batch)
        self._batch.n_tokens = 0
        if status:
            raise GpiotError(
                f"llama.cpp failed to decode (status {status}).", "Run `gpiot doctor`."
            )

    def logits(self, row: int) -> npt.NDArray[np.float32]:
        """Of the last batch's token `row` (-1: its last), shape (vocabulary,); a view."""
        pointer = llama_cpp.llama_get_logits_ith(self._ctx, row)
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary.size,))

    def keep(self, tokens: int) -> None:
        """Drop what sequence 0 holds after this many tokens."""
        llama_cpp.llama_memory_seq_rm(self._memory, 0, tokens, -1)

    @contextmanager
    def fork(self, count: int) -> Iterator[None]:
        """Let sequences 1…count share the cells of sequence 0, and drop them afterwards."""
        for sequence in range(1, count + 1):
            llama_cpp.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)
        try:
            yield
        finally:
            self._batch.n_tokens = 0
            for sequence in range(1, count + 1):
                llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def load_adapter(self, path: Path) -> Any:
        """llama.cpp's handle of a GGUF adapter; `None` where it does not fit the model."""
        return llama_cpp.llama_adapter_lora_init(self._model, str(path).encode())

    def use_adapters(self, mix: Sequence[tuple[Any, float]]) -> bool:
        """Use handles with their scales from now on, with an empty cache; whether that worked."""
        handles = (llama_cpp.llama_adapter_lora_p_ctypes * len(mix))(*(handle for handle, _ in mix))
        scales = (ctypes.c_float * len(mix))(*(scale for _, scale in mix))
        if llama_cpp.llama_set_adapters_lora(self._ctx, handles, len(mix), scales):
            return False
        llama_cpp.llama_memory_clear(self._memory, False)
        return True


class Sampler:
    """Draws one candidate's tokens; a grammar is consulted only where the draw breaks it.

    Raises `ValueError` for a grammar that does not parse.
    """

    def __init__(
        self, vocabulary: Vocabulary, sampling: Sampling, index: int, grammar: str | None
    ) -> None:
        self._chain = llama_cpp.llama_sampler_chain_init(
            llama_cpp.llama_sampler_chain_default_params()
        )
        add = llama_cpp.llama_sampler_chain_add
        if sampling.temperature == 0:
            add(self._chain, llama_cpp.llama_sampler_init_greedy())
        else:
            seed = sampling.seed_of(index) % 2**32
            add(self._chain, llama_cpp.llama_sampler_init_top_k(sampling.top_k))
            add(self._chain, llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1))
            add(self._chain, llama_cpp.llama_sampler_init_temp(sampling.temperature))
            add(self._chain, llama_cpp.llama_sampler_init_dist(seed))
        self._grammar = None
        if grammar is not None:
            self._grammar = llama_cpp.llama_sampler_init_grammar(
                vocabulary.handle, grammar.encode(), b"root"
            )
            if not self._grammar:
                raise ValueError("the grammar does not parse")

    def draw(self, logits: npt.NDArray[np.float32]) -> int:
        """The next token, from logits of shape (vocabulary,)."""
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
        """Give its memory back."""
        llama_cpp.llama_sampler_free(self._chain)
        if self._grammar is not None:
            llama_cpp.llama_sampler_free(self._grammar)


def _token_array(table: npt.NDArray[Any]) -> Any:
    data = table.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data))
    return llama_cpp.llama_token_data_array(data, len(table), -1, False)

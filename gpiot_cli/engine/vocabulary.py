"""A GGUF file's tokenizer and chat template: what the engine asks with and the trainer teaches."""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from gpiot_cli.errors import GpiotError

# llama.cpp talks on stderr unless it is given somewhere else to talk.
_SILENT = llama_cpp.llama_log_callback(lambda _level, _text, _data: None)


def load_model(path: Path, *, gpu_layers: int = 0, vocabulary_only: bool = False) -> Any:
    """llama.cpp's handle of a GGUF file; a `GpiotError` when it cannot be loaded."""
    llama_cpp.llama_log_set(_SILENT, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
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

    def prompt(self, messages: Sequence[tuple[str, str]], reply_prefix: str = "") -> list[int]:
        """The tokens of a chat of (role, content) up to where the reply, or its rest, begins."""
        # Data and tasks are untrusted: they must not close the turn with a control token.
        safe: list[Any] = [
            {"role": role, "content": content.replace("<|", "< |")} for role, content in messages
        ]
        return self.tokenize(self._chat(messages=safe).prompt + reply_prefix, special=True)

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

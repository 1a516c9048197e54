"""The frozen base model: a GGUF file dequantized by transformers, or a folder with safetensors."""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from gpiot_cli.engine import catalog
from gpiot_cli.engine.binding import Vocabulary
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of

ARCHITECTURES = {"llama": "llama", "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}
"""transformers' model types whose linear layers have these names, and GGUF's names for them."""


class Tokenizer(Protocol):
    """Chats to tokens."""

    @property
    def end_of_turn(self) -> int:
        """The token that ends a reply."""
        ...

    def prompt(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        """The tokens of a chat of (role, content) up to where the reply begins."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """The tokens of a text in which nothing counts as a control token."""
        ...


@dataclass(frozen=True)
class Base:
    """A base model with what its adapters must know of it."""

    model: Any
    """transformers' causal language model, frozen."""
    tokenizer: Tokenizer
    name: str
    sha256: str

    @property
    def architecture(self) -> str:
        """GGUF's name of the architecture."""
        return ARCHITECTURES[self.model.config.model_type]


def load_base(name: str, dtype: torch.dtype) -> Base:
    """Load a catalog model, a GGUF file, or a folder with safetensors and a tokenizer.

    With a GGUF file the tokens are llama.cpp's own, and the weights are those that the adapters
    will run on, quantization error included.

    Raises `GpiotError` for what is no such thing, or of an architecture that is not known here.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        config = _config(folder)
        sha256 = _weights_sha256(folder)
        model = _weights(folder, config, dtype)
        return Base(model, _FolderTokenizer(folder), folder.name, sha256)
    path = catalog.resolve(name)
    config = _config(path.parent, gguf_file=path.name)
    sha256 = catalog.digest(path)
    model = _weights(path.parent, config, dtype, gguf_file=path.name)
    return Base(model, Vocabulary.of_file(path), _model_name(path, sha256), sha256)


def _config(folder: Path, **file: str) -> Any:
    """The configuration of a model whose adapters can be exported."""
    with _loading(folder, **file):
        config = AutoConfig.from_pretrained(folder, **file)
    if config.model_type not in ARCHITECTURES:
        raise GpiotError(
            f"{Path(folder, *file.values())} is of the architecture {config.model_type!r}, "
            "whose adapters cannot be exported.",
            f"Choose a model of {', '.join(sorted(ARCHITECTURES))}.",
        )
    return config


def _weights(folder: Path, config: Any, dtype: torch.dtype, **file: str) -> Any:
    """The model, frozen."""
    with _loading(folder, **file):
        model = AutoModelForCausalLM.from_pretrained(folder, config=config, dtype=dtype, **file)
    return model.requires_grad_(requires_grad=False)


@contextmanager
def _loading(folder: Path, **file: str) -> Iterator[None]:
    """What transformers says of files that it cannot load becomes a `GpiotError`."""
    try:
        yield
    except (OSError, ValueError, struct.error, SafetensorError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise GpiotError(
            f"{Path(folder, *file.values())} cannot be trained on: {reason}.",
            "Name a model of the catalog, a GGUF file, or a folder with config.json, safetensors "
            "and a tokenizer.",
        ) from error


def _model_name(path: Path, sha256: str) -> str:
    """The catalog's name of a file, if it has one."""
    models = catalog.catalog().values()
    known = next((model.name for model in models if model.files[0].sha256 == sha256), None)
    return known or path.stem


def _weights_sha256(folder: Path) -> str:
    """The SHA-256 of the safetensors file; of several, that of their hashes in name order."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise GpiotError(f"There are no safetensors in {folder}.", "Name a GGUF file, or pull one.")
    if len(files) == 1:
        return sha256_of(files[0])
    return hashlib.sha256("".join(map(sha256_of, files)).encode()).hexdigest()


class _FolderTokenizer:
    """The tokenizer of a transformers folder."""

    def __init__(self, folder: Path) -> None:
        with _loading(folder):
            self._tokenizer = AutoTokenizer.from_pretrained(folder)
        if not self._tokenizer.chat_template:
            raise GpiotError(
                f"The tokenizer in {folder} has no chat template.",
                "Choose a model that was trained on instructions; their folders have one.",
            )
        self.end_of_turn: int = self._tokenizer.eos_token_id

    def prompt(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        chat = [{"role": role, "content": text.replace("<|", "< |")} for role, text in messages]
        text = self._tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        return self._ids(text)

    def tokenize(self, text: str) -> list[int]:
        return self._ids(text.replace("<|", "< |"))

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
        return ids

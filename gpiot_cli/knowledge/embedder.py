"""Sentence embeddings: all-MiniLM-L6-v2 as int8 ONNX, without torch and without a hub.

Who has sentence-transformers installed may name any of its models in `GPIOT_EMBEDDER`.
"""

import os
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from gpiot_cli.engine import catalog
from gpiot_cli.errors import GpiotError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

MAX_TOKENS = 256
"""What the model was trained on; the rest of a longer text is not seen."""
THREADS = 2


class Embedder(Protocol):
    """Turns texts into vectors whose cosine says how near their meanings are."""

    @property
    def name(self) -> str:
        """Name and hash: vectors of embedders with different names cannot be compared."""
        ...

    def __call__(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 for each text."""
        ...


def open_embedder(*, bar: catalog.Bar | None = None) -> Embedder:
    """The embedder that the environment variable `GPIOT_EMBEDDER` names, else MiniLM.

    It is not taken merely because it is installed: other vectors rank recipes in another order,
    and the same command would give other projects on two machines.
    """
    wanted = os.environ.get("GPIOT_EMBEDDER")
    return SentenceTransformersModel(wanted) if wanted else MiniLM(bar=bar)


class SentenceTransformersModel:
    """A model of sentence-transformers: its name on the hub, or a folder. Safetensors only."""

    def __init__(self, model: str) -> None:
        self._named = model

    @property
    def name(self) -> str:
        """The model's name or folder."""
        return f"sentence-transformers:{self._named}"

    def __call__(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 for each text."""
        vectors: list[list[float]] = self._model.encode(texts, normalize_embeddings=True).tolist()
        return vectors

    @cached_property
    def _model(self) -> "SentenceTransformer":
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise GpiotError(
                f"GPIOT_EMBEDDER names {self._named}, but sentence-transformers is not installed.",
                "Install it with `pip install 'gpiot-cli[train]'`, or unset GPIOT_EMBEDDER.",
            ) from error
        try:
            return SentenceTransformer(self._named, model_kwargs={"use_safetensors": True})
        except (OSError, ValueError) as error:
            raise GpiotError(
                f"sentence-transformers cannot load {self._named}: {str(error).splitlines()[0]}",
                "Name a model of the hub or a folder in GPIOT_EMBEDDER, or unset it.",
            ) from error


class MiniLM:
    """all-MiniLM-L6-v2 (Apache-2.0), fetched and loaded when first used. 384 numbers a text."""

    def __init__(self, *, offline: bool = False, bar: catalog.Bar | None = None) -> None:
        self._offline = offline
        self._bar = bar

    @property
    def name(self) -> str:
        """The catalog's name and the beginning of the model's SHA-256."""
        model = catalog.find(catalog.EMBEDDER)
        return f"{model.name}:{model.files[0].sha256[:12]}"

    def __call__(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 for each text."""
        return [self._embed(text) for text in texts]

    def _embed(self, text: str) -> list[float]:
        # One text at a time: int8 activations are scaled over the whole batch, so that in a batch
        # a text's vector would depend on its neighbours.
        import numpy as np

        tokenizer, session = self._model
        ids = np.array([tokenizer.encode(text).ids])
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        (states,) = session.run(None, inputs)
        mean = states[0].mean(axis=0)
        vector: list[float] = (mean / np.linalg.norm(mean)).tolist()
        return vector

    @cached_property
    def _model(self) -> "tuple[Tokenizer, InferenceSession]":
        import onnxruntime
        from tokenizers import Tokenizer

        bar = {"bar": self._bar} if self._bar else {}
        folder = catalog.pull(catalog.EMBEDDER, offline=self._offline, **bar)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(
            folder / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
        return tokenizer, session

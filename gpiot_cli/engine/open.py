"""Choosing the engine that a command asked for."""

from collections.abc import Mapping
from pathlib import Path

from gpiot_cli.engine.protocol import Engine


def open_engine(
    model: str | None = None,
    endpoint: str | None = None,
    *,
    adapters: Mapping[str, Path] | None = None,
) -> Engine:
    """The server at `endpoint`, else the model (catalog name, path, `hf:…`; None: the default).

    Raises `GpiotError` when the model is not here or the server does not answer.
    """
    if endpoint:
        from gpiot_cli.engine.openai import OpenAIEngine

        return OpenAIEngine(endpoint, model)
    from gpiot_cli.engine.catalog import digest, resolve
    from gpiot_cli.engine.llama import LlamaEngine

    path = resolve(model)
    return LlamaEngine(path, name=path.stem, sha256=digest(path), adapters=adapters)

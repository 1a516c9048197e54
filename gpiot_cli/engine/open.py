"""Choosing the engine that a command asked for."""

from pathlib import Path

from gpiot_cli.engine.adapters import for_base
from gpiot_cli.engine.protocol import Engine


def open_engine(
    model: str | None = None,
    endpoint: str | None = None,
    log: Path | None = None,
) -> Engine:
    """The server at `endpoint`, else the model (catalog name, path, `hf:…`; None: the default).

    Adapters that fit the model are used by the stages that they are for: those for programs or,
    with the log of a home, for recommendations there. GPIOT_ADAPTERS names others, or is `none`
    (`engine/adapters.py`).

    Raises `GpiotError` when the model is not here or not the pinned file, the adapters do not fit it,
    or the server does not answer.
    """
    if endpoint:
        from gpiot_cli.engine.openai import OpenAIEngine

        return OpenAIEngine(endpoint, model)
    from gpiot_cli.engine.adapted import Adapted
    from gpiot_cli.engine.catalog import DEFAULT, catalog, digest, resolve, verify
    from gpiot_cli.engine.llama import LlamaEngine

    path = resolve(model)
    if known := catalog().get(model or DEFAULT):
        verify(known, path)
    sha256 = digest(path)
    adapters = for_base(sha256, path.stem, log)
    sets = {found.card.name: found for found in adapters.values()}
    files = {name: file for found in sets.values() for name, file in found.files().items()}
    engine = LlamaEngine(path, name=path.stem, sha256=sha256, adapters=files)
    return Adapted(engine, adapters) if adapters else engine

"""What the commands that ask a model share: their options, and opening what they need."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from gpiot_cli.cli.console import say, talk

if TYPE_CHECKING:
    from rich.status import Status

    from gpiot_cli.engine.protocol import Engine
    from gpiot_cli.fetch import OnProgress
    from gpiot_cli.knowledge.store import Knowledge

Model = Annotated[
    str | None, typer.Option(help="Name, GGUF path or hf:… Default: see `gpiot model list`.")
]
Endpoint = Annotated[
    str | None, typer.Option(metavar="URL", help="Ask this OpenAI-compatible server instead.")
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result again.")]
Candidates = Annotated[int, typer.Option(min=1, max=32, help="Programs drawn per step.")]


def open_asked(
    model: str | None, endpoint: str | None, *, dry_run: bool = False, log: Path | None = None
) -> "Engine":
    """The engine that the options ask for; `dry_run` is the scripted one, and says so.

    With the log of a home adapters for recommendations there are used, not those for programs.
    """
    if dry_run:
        from gpiot_cli.engine.scripted import ScriptedEngine

        talk.print("Dry run: canned answers, no language model. The project does not do the task.")
        return ScriptedEngine()
    from gpiot_cli.engine.open import open_engine

    with talk.status("Loading the model"):
        return open_engine(model, endpoint, log)


def tell_sandbox() -> None:
    """Say it, however quiet the command is, where programs will run less guarded than they could."""
    from gpiot_cli.sandbox.run import level

    found = level()
    if found.remedy:
        say(f"Sandbox: {found.name} ({found.explanation}): {found.guards}.\n{found.remedy}")


def open_knowledge() -> "Knowledge":
    """The knowledge store; the first time its recipes are embedded, which takes a while."""
    with talk.status("Opening the recipes") as status:
        knowledge = knowledge_store(status)
        knowledge.update()
    return knowledge


def knowledge_store(status: "Status") -> "Knowledge":
    """The knowledge store, not yet up to date; `status` shows what it does."""
    from gpiot_cli.knowledge.embedder import open_embedder
    from gpiot_cli.knowledge.store import Knowledge

    def progress(name: str, done: int, total: int) -> None:
        status.update(escape(f"{name}: {done} of {total}"))

    @contextmanager
    def download(name: str) -> "Iterator[OnProgress]":
        yield lambda source, done, total: progress(f"{name} from {source}", done, total)

    return Knowledge(embedder=open_embedder(bar=download), progress=progress)

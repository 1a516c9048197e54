"""`gpiot knowledge`: search what gpiot knows, and add to it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gpiot_cli.cli.asking import knowledge_store, open_knowledge
from gpiot_cli.cli.console import print_json, say, talk
from gpiot_cli.errors import GpiotError

if TYPE_CHECKING:
    from gpiot_cli.knowledge.store import Added

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def root() -> None:
    """Search and extend what the stages are given to read: recipes and your own documents.

    \b
    Examples:
      gpiot knowledge search "remove mains hum from a recording"
      gpiot knowledge add notes.md paper.pdf ~/firmware
      gpiot knowledge list
    """


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Markdown, text, PDF, code, or folders.")],
    json: Json = False,
) -> None:
    """Take in your own documents; again for what has changed.

    \b
    Examples:
      gpiot knowledge add notes.md paper.pdf
      gpiot knowledge add ~/firmware/src --json
    """
    with talk.status("Opening the recipes") as status:
        knowledge = knowledge_store(status)
        knowledge.update()
        added = [knowledge.add(path) for path in paths]
    _report(added, json)
    if not any(one.files for one in added):
        raise GpiotError(
            f"Nothing was taken in of {', '.join(map(str, paths))}.",
            "Give Markdown, text, PDF or code that can be read, or a folder that holds some.",
        )


@app.command("list")
def list_(json: Json = False) -> None:
    """List the recipes and the documents that were added.

    \b
    Examples:
      gpiot knowledge list
      gpiot knowledge list --json | jq -r '.[] | select(.kind == "document") | .source'
    """
    sources = open_knowledge().sources()
    if json:
        print_json([asdict(source) for source in sources])
        return
    for source in sources:
        if source.kind == "recipe":
            print(f"{source.topic:18} {source.source:32} {source.modality}")
        else:
            print(f"{'document':18} {source.source} ({source.files} files)")


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What you are looking for, in plain words.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many results.")] = 5,
    kind: Annotated[Literal["recipe", "document"] | None, typer.Option(help="Only these.")] = None,
    modality: Annotated[
        str | None, typer.Option(help='Only recipes for it, such as "ecg", and generic ones.')
    ] = None,
    topic: Annotated[str | None, typer.Option(help='Only recipes on it: "biosignals", …')] = None,
    json: Json = False,
) -> None:
    """Find recipes and passages by meaning, the nearest first.

    \b
    Examples:
      gpiot knowledge search "find heartbeats in an electrocardiogram"
      gpiot knowledge search "count steps" --kind recipe -k 3 --json
    """
    passages = open_knowledge().search(query, k, kind=kind, modality=modality, topic=topic)
    if json:
        print_json([asdict(passage) for passage in passages])
        return
    for passage in passages:
        print(f"{passage.similarity:.2f}  {passage.recipe or passage.source}")
        first, *_ = passage.text.splitlines()
        print(f"      {first}")


@app.command()
def rebuild(json: Json = False) -> None:
    """Mend a damaged store: make it anew from the recipes and the paths you added.

    \b
    Example:
      gpiot knowledge rebuild
    """
    with talk.status("rebuilding") as status:
        added = knowledge_store(status).rebuild()
    _report([added], json)


@app.command()
def remove(
    paths: Annotated[list[Path], typer.Argument(help="A path that was added, or one inside it.")],
) -> None:
    """Forget documents. The files themselves stay.

    \b
    Example:
      gpiot knowledge remove ~/firmware/src
    """
    knowledge = open_knowledge()
    for path in paths:
        files = knowledge.remove(path)
        say(f"Forgot {files} file{'' if files == 1 else 's'} of {path}.")


def _report(added: "list[Added]", json: bool) -> None:
    skipped = [(str(path), reason) for one in added for path, reason in one.skipped]
    files = sum(one.files for one in added)
    passages = sum(one.passages for one in added)
    if json:
        print_json({"files": files, "passages": passages, "skipped": skipped})
        return
    for path, reason in skipped:
        say(f"left out {path}: {reason}")
    say(f"Took in {files} files, {passages} passages; left out {len(skipped)}.")

"""`gpiot adapter`: which adapters there are, and adding trained ones."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.engine import adapters, catalog

app = typer.Typer(
    help="""List, add and remove adapters.

    A set of adapters fits the one model file that it was trained on. For each task the first set
    is used that fits and has learned it; GPIOT_ADAPTERS names others (a,b), or is `none`.
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A name from `gpiot adapter list`.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_adapters(json: Json = False) -> None:
    """List the adapters on this machine, in the order in which they are tried.

    \b
    Example:
      gpiot adapter list --json
    """
    found = [_facts(a) for a in adapters.installed()]
    if json:
        print_json(found)
        return
    for facts in found:
        print(
            f"{facts['name']:24} {facts['size'] / 1e6:6.1f} MB  for {facts['base']}: "
            f"{', '.join(facts['roles'])}"
            f"{'  (shipped)' if facts['shipped'] else '  (private)' if facts['private'] else ''}"
        )
    if not found:
        talk.print("No adapters. `gpiot train` makes some.")


@app.command()
def info(name: Name, json: Json = False) -> None:
    """Show what adapters are, what they were trained on, and that their files are whole.

    \b
    Example:
      gpiot adapter info pect --json
    """
    found = adapters.find(name)
    found.files()
    if json:
        print_json(found.card.model_dump(mode="json") | _facts(found))
        return
    print((found.folder / adapters.README).read_text(encoding="utf-8"), end="")


@app.command()
def add(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder with a card.json.")],
    json: Json = False,
) -> None:
    """Copy adapters into the gpiot home, in the place of older ones of the same name.

    \b
    Example:
      gpiot adapter add runs/pect/pect
    """
    added = adapters.add(path)
    if json:
        print_json(_facts(added))
        return
    print(added.folder)
    base = added.card.base.name
    if base not in catalog.catalog():
        talk.print(
            f"Their base model is not in the catalog: use `--model` with the file of {base}."
        )
    elif not _base_here(added):
        talk.print(f"Their base model is not here: `gpiot model pull {base}`.")
    elif base != catalog.DEFAULT:
        talk.print(f"They are not for the default model: use `--model {base}`.")


@app.command()
def remove(name: Name, json: Json = False) -> None:
    """Remove adapters from the gpiot home; damaged ones by the name of their folder.

    \b
    Example:
      gpiot adapter remove pect
    """
    freed = adapters.remove(name)
    if json:
        print_json({"name": name, "freed": freed})
        return
    talk.print(f"{name}: {freed / 1e6:.1f} MB freed")


def _facts(found: adapters.AdapterSet) -> dict[str, Any]:
    return {
        "name": found.card.name,
        "base": found.card.base.name,
        "base sha256": found.card.base.sha256,
        "roles": list(found.card.mixes),
        "method": found.card.method,
        "size": found.size,
        "shipped": found.shipped,
        "private": found.card.private,
        "path": str(found.folder),
    }


def _base_here(found: adapters.AdapterSet) -> bool:
    """Whether a model of the catalog on this machine is the base."""
    models = catalog.catalog().values()
    return any(m.path and m.files[0].sha256 == found.card.base.sha256 for m in models)

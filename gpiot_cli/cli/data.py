"""`gpiot data`: build the data sets that adapters are trained on."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.cli.data_tdd import augment, tdd
from gpiot_cli.cli.extras import need

if TYPE_CHECKING:
    from gpiot_cli.training.cgd.build import Report

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)
app.command()(tdd)
app.command()(augment)


@app.callback()
def root() -> None:
    """Build the data sets that adapters are trained on. Killed builds go on.

    \b
    Examples:
      gpiot data cgd --packages PyWavelets --out data/cgd
      gpiot data cgd --out data/cgd --jobs 4
      gpiot data tdd --out data/tdd
    """


@app.command()
def cgd(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the data set goes.")],
    packages: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this package; may be repeated."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Sandboxes at once. Default: one per core.")
    ] = None,
    copyleft: Annotated[
        bool, typer.Option("--copyleft", help="Packages under the GPL and LGPL too.")
    ] = False,
    meaning: Annotated[
        bool,
        typer.Option(help="Compare with IoTBench by meaning, too."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """The code generation data set, from packages that are installed for it (GPIoT, 4.1.2).

    Installs the packages into an environment in DIR/work, which takes gigabytes and may be deleted
    afterwards, runs the examples of their documentation in the sandbox, and makes pairs of what
    ran. The same command goes on where it was stopped.

    \b
    Examples:
      gpiot data cgd --packages PyWavelets --out data/cgd
      gpiot data cgd --out data/cgd --jobs 4 --json > report.json
    """
    need("data")
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from gpiot_cli.knowledge.embedder import MiniLM
    from gpiot_cli.training.cgd.build import build
    from gpiot_cli.training.cgd.packages import choose

    chosen = choose(packages or [], copyleft)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=talk) as progress:
        bar = progress.add_task("Preparing", total=None)

        def on_progress(doing: str, done: int, total: int) -> None:
            progress.update(bar, description=doing, completed=done, total=total)

        def say(words: str) -> None:
            progress.console.print(words, markup=False, soft_wrap=True)

        report = build(
            out,
            chosen,
            workers=jobs or os.cpu_count() or 1,
            embedder=MiniLM() if meaning else None,
            say=say,
            on_progress=on_progress,
        )
    if as_json:
        print_json(report.model_dump())
    else:
        _print(report)
        talk.print(f"The data set is in {out}.", markup=False, soft_wrap=True)


@app.command()
def recipes(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the data set goes.")],
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """The shipped recipes as code pairs: specification and program, each checked anew.

    \b
    Example:
      gpiot data recipes --out data/recipes
    """
    need("data")
    from gpiot_cli.knowledge.embedder import MiniLM
    from gpiot_cli.training.recipes import build

    with talk.status("Checking the recipes"):
        report = build(out, MiniLM())
    if as_json:
        print_json(report)
        return
    for title, names in report.items():
        talk.print(f"{title}: {len(names)}", markup=False)
    talk.print(f"The data set is in {out}.", markup=False, soft_wrap=True)


def _print(report: "Report") -> None:
    """The report as tables by package and by topic."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table("package", "version", box=box.SIMPLE)
    for title in ("objects", "tried", "checked", "ran", "failed", "D1", "D2", "D3"):
        table.add_column(title, justify="right")
    for name, package in report.packages.items():
        verdicts = [package.verdicts.get(key, 0) for key in ("output checked", "runs", "failed")]
        pairs = [package.pairs.get(kind, 0) for kind in ("D1", "D2", "D3")]
        counts = [package.objects, package.tried, *verdicts, *pairs]
        table.add_row(name, package.version, *map(str, counts))
    console.print(table)
    topics = Table("topic", box=box.SIMPLE)
    topics.add_column("pairs", justify="right")
    for topic, count in report.by_topic.items():
        topics.add_row(topic, str(count))
    console.print(topics)
    for title, counted in (
        ("IoT work, no copyleft", report.core),
        ("Strength", report.by_strength),
        ("Left out as near IoTBench", report.contaminated),
        ("Not installed", report.not_installed),
        ("Examples did not run", report.failures),
    ):
        for key, value in counted.items():
            console.print(f"{title}: {key}: {value}", markup=False, soft_wrap=True)
    console.print(f"Left out as near-duplicates: {report.near_duplicates}")

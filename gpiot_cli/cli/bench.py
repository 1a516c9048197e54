"""`gpiot bench`: measure a model, the engine or the whole system."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gpiot_cli.cli.asking import Candidates, Endpoint, Model, Seed, open_asked, open_knowledge
from gpiot_cli.cli.console import talk

if TYPE_CHECKING:
    from gpiot_cli.bench.results import Results
    from gpiot_cli.engine.protocol import Engine

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)

Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Raw results; a measurement in it goes on. Default: bench/…"),
]
Signals = Annotated[Path, typer.Option(metavar="DIR", help="The folder of the data sets.")]
Projects = Annotated[int, typer.Option(min=0, help="How many projects, each with its own seed.")]
Programs = Annotated[
    int, typer.Option("--direct", min=0, help="How many programs of the model asked alone.")
]


def _say(words: str) -> None:
    talk.print(words, markup=False, soft_wrap=True)


@app.callback()
def root() -> None:
    """Measure a model, the engine or the whole system. Killed measurements go on.

    \b
    Examples:
      gpiot bench hd --statement short --data ../shared/data/signals/mitdb
      gpiot bench report
    """


@app.command()
def hd(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Labelled WFDB records (MIT-BIH).")],
    statement: Annotated[
        Literal["short", "paper"], typer.Option(help="The task in three words, or Fig. 13(a).")
    ] = "short",
    projects: Projects = 20,
    direct: Programs = 20,
    xqrs: Annotated[bool, typer.Option(help="Run wfdb's XQRS too, which takes minutes.")] = True,
    candidates: Candidates = 4,
    seed: Seed = 0,
    model: Model = None,
    endpoint: Endpoint = None,
    out: Out = None,
) -> None:
    """Heartbeat detection: projects, the model alone, the recipe alone, XQRS (GPIoT, Fig. 14).

    Projects are made on the shipped minute of record 119 with the seeds SEED, SEED+1, … and run
    on all the records in DIR.
    """
    from gpiot_cli.bench import heartbeat
    from gpiot_cli.bench.results import Results

    folder = out or Path("bench") / f"hd-{statement}"
    beats = heartbeat.open_beats(data, folder / "records")
    results = Results.open(folder, "hd", heartbeat.settings(statement, beats, candidates))
    heartbeat.measure_recipe(results, beats, _say)
    if xqrs:
        heartbeat.measure_xqrs(results, beats, _say)
    if direct or projects:
        engine = _open(results, model, endpoint)
        heartbeat.measure_direct(results, beats, direct, engine, _say)
        seeds = range(seed, seed + projects)
        heartbeat.measure_projects(results, beats, seeds, engine, open_knowledge(), _say)
    _say(f"Results in {folder}. `gpiot bench report` makes the page.")


@app.command()
def tasks(
    signals: Signals = Path("../shared/data/signals"),
    only: Annotated[
        list[str] | None, typer.Option(metavar="TASK", help="This task; may be repeated.")
    ] = None,
    projects: Projects = 3,
    direct: Programs = 10,
    candidates: Candidates = 4,
    model: Model = None,
    endpoint: Endpoint = None,
    out: Out = None,
) -> None:
    """Ten other tasks, five without a recipe that solves them: projects and the model alone."""
    from gpiot_cli.bench import applications
    from gpiot_cli.bench.results import Results

    folder = out or Path("bench") / "tasks"
    chosen = applications.choose(only or [])
    benches = [applications.Bench(task, signals, folder / task.name) for task in chosen]
    results = Results.open(folder, "tasks", applications.settings(benches, candidates))
    applications.measure(
        results,
        benches,
        projects=projects,
        programs=direct,
        candidates=candidates,
        engine=_open(results, model, endpoint),
        knowledge=open_knowledge(),
        say=_say,
    )
    _say(f"Results in {folder}. `gpiot bench report` makes the page.")


@app.command()
def engine(
    count: Annotated[int, typer.Option(min=1, max=32, help="Candidates at once.")] = 8,
    tokens: Annotated[int, typer.Option(min=1, help="Tokens of each.")] = 400,
    model: Model = None,
    out: Out = None,
) -> None:
    """The engine beside llama-cpp-python and llm: batch, adapter swap, start, memory.

    Installs llm and gguf into an environment of their own in the results folder.
    """
    from gpiot_cli.bench import engine_speed
    from gpiot_cli.bench.results import Results

    folder = (out or Path("bench") / "engine").absolute()
    results = Results.open(folder, "engine", {"count": count, "tokens": tokens})
    engine_speed.measure_all(results, model, count, tokens, _say)
    _say(f"Results in {folder}. `gpiot bench report` makes the page.")


@app.command()
def report(
    results: Annotated[Path, typer.Option(metavar="DIR", help="Where the results are.")] = Path(
        "bench"
    ),
    docs: Annotated[Path, typer.Option(metavar="DIR", help="Where the pages go.")] = Path(
        "docs/results"
    ),
) -> None:
    """Write the pages of docs/results from the measurements, with their data as JSON."""
    from gpiot_cli.bench.report import write_pages

    for path in write_pages(results, docs):
        print(path)


def _open(results: "Results", model: str | None, endpoint: str | None) -> "Engine":
    """The engine, and in the results which it is."""
    from gpiot_cli.synthesis.run import model_facts

    opened = open_asked(model, endpoint)
    results.note("model", model_facts(opened))
    return opened

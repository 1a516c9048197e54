"""`gpiot bench`: measure a model, the engine or the whole system."""

import os
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gpiot_cli.cli.asking import (
    Candidates,
    Endpoint,
    Model,
    Seed,
    open_knowledge,
    tell_sandbox,
)
from gpiot_cli.cli.console import say, talk
from gpiot_cli.cli.extras import need
from gpiot_cli.errors import GpiotError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gpiot_cli.bench.results import Results
    from gpiot_cli.engine.protocol import Engine
    from gpiot_cli.knowledge.store import Knowledge

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
Adapter = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Installed adapters (a,b), or none. Default: what fits."),
]


Without = Annotated[
    Literal["none", "knowledge", "transform", "adapters", "verification"],
    typer.Option("--ablation", help="The part to leave out of the projects."),
]


@app.callback()
def root() -> None:
    """Measure a model, the engine or the whole system. Killed measurements go on.

    \b
    Examples:
      gpiot bench iotbench --samples 5
      gpiot bench iotbench --samples 5 --ablation direct
      gpiot bench hd --statement short --data ../shared/data/signals/mitdb
      gpiot bench report
    """


@app.command()
def iotbench(
    ablation: Annotated[
        Literal["none", "knowledge", "transform", "adapters", "verification", "direct"],
        typer.Option(help="The part to leave out; direct is the model alone."),
    ] = "none",
    kind: Annotated[
        Literal["code", "decomposition", "all"], typer.Option(help="Which of the tasks.")
    ] = "all",
    only: Annotated[
        list[str] | None,
        typer.Option("--tasks", metavar="ID", help="This task; may be repeated. Default: all."),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Independent answers to each task.")] = 5,
    candidates: Candidates = 4,
    model: Model = None,
    adapter: Adapter = None,
    endpoint: Endpoint = None,
    out: Out = None,
) -> None:
    """IoTBench: pass@k of programs, BLEU, format and completeness of decompositions (Fig. 17-22).

    A folder holds one configuration. Going on with more --samples adds to those that are there.

    \b
    Examples:
      gpiot bench iotbench --samples 1 --kind code
      gpiot bench iotbench --ablation direct --out bench/iotbench-direct
      gpiot bench iotbench --model qwen2.5-coder-0.5b --out bench/iotbench-0.5b
    """
    from gpiot_cli.bench import iotbench_run
    from gpiot_cli.bench.configurations import Configuration, Recorder
    from gpiot_cli.bench.results import Results
    from gpiot_cli.knowledge.embedder import MiniLM

    need("bench")
    kinds = iotbench_run.KINDS if kind == "all" else (kind,)
    code, decomposition = iotbench_run.choose(kinds, only or [], ablation)
    adapters = _adapters(adapter, ablation)
    folder = out or Path("bench") / f"iotbench-{ablation}"
    results = Results.open(folder, "iotbench", iotbench_run.settings(ablation, candidates))
    configuration = Configuration(
        ablation,
        Recorder(_open(results, model, endpoint, adapters)),
        None if ablation in ("knowledge", "direct") else _knowledge(results),
        MiniLM(),
        candidates,
    )
    iotbench_run.measure(results, configuration, code, decomposition, samples, say)
    say(f"Results in {folder}. `gpiot bench report` makes the page.")


@app.command()
def hd(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Labelled WFDB records (MIT-BIH).")],
    statement: Annotated[
        Literal["short", "paper"], typer.Option(help="The task in three words, or Fig. 13(a).")
    ] = "short",
    ablation: Without = "none",
    projects: Projects = 20,
    direct: Programs = 20,
    xqrs: Annotated[bool, typer.Option(help="Run wfdb's XQRS too, which takes minutes.")] = True,
    candidates: Candidates = 4,
    seed: Seed = 0,
    model: Model = None,
    adapter: Adapter = None,
    endpoint: Endpoint = None,
    out: Out = None,
) -> None:
    """Heartbeat detection: projects, the model alone, the recipe alone, XQRS (GPIoT, Fig. 14).

    Projects are made on the shipped minute of record 119 with the seeds SEED, SEED+1, … and run
    on all the records in DIR.
    """
    from gpiot_cli.bench import heartbeat
    from gpiot_cli.bench.results import Results

    adapters = _adapters(adapter, ablation)
    folder = out or Path("bench") / _named(f"hd-{statement}", ablation)
    beats = heartbeat.open_beats(data, folder / "records")
    results = Results.open(folder, "hd", heartbeat.settings(statement, beats, candidates, ablation))
    heartbeat.measure_recipe(results, beats, say)
    if xqrs:
        heartbeat.measure_xqrs(results, beats, say)
    if direct or projects:
        engine = _open(results, model, endpoint, adapters)
        heartbeat.measure_direct(results, beats, direct, engine, say)
    if projects:
        seeds = range(seed, seed + projects)
        knowledge = _knowledge(results, ablation)
        heartbeat.measure_projects(results, beats, seeds, engine, knowledge, say)
    say(f"Results in {folder}. `gpiot bench report` makes the page.")


def _recognition(name: str, module: str, about: str) -> None:
    """Add the command of a recognition task: `module` has `task(signals)`, `about` is its help."""

    @app.command(name, help=about)
    def command(
        signals: Signals = Path("../shared/data/signals"),
        ablation: Without = "none",
        projects: Projects = 20,
        direct: Programs = 20,
        candidates: Candidates = 4,
        seed: Seed = 0,
        model: Model = None,
        adapter: Adapter = None,
        endpoint: Endpoint = None,
        out: Out = None,
    ) -> None:
        from gpiot_cli.bench import recognition
        from gpiot_cli.bench.results import Results

        task = import_module(module).task(signals)
        adapters = _adapters(adapter, ablation)
        folder = out or Path("bench") / _named(task.name, ablation)
        settings = task.settings(candidates, ablation)
        bench = recognition.Bench(task, Results.open(folder, task.name, settings))
        bench.measure_reference(say)
        if direct or projects:
            engine = _open(bench.results, model, endpoint, adapters)
            bench.measure_direct(direct, engine, say)
        if projects:
            seeds = range(seed, seed + projects)
            knowledge = _knowledge(bench.results, ablation)
            bench.measure_projects(seeds, engine, knowledge, say)
        say(f"Results in {folder}. `gpiot bench report` makes the page.")


_recognition(
    "har",
    "gpiot_cli.bench.activity",
    """Activity recognition from Wi-Fi on WiAR: projects, the model alone, a plain program (Fig. 15).

    Two splits: later repetitions, and at random as in the paper.
    """,
)
_recognition(
    "multimodal",
    "gpiot_cli.bench.multimodal",
    "People in a room from air, light and sound, in the place of the paper's Harmony (Fig. 16).",
)
_recognition(
    "resources",
    "gpiot_cli.bench.resources",
    """WiAR under the resource prompts P1 to P4: accuracy and measured memory (Fig. 19(a)).

    --projects and --direct count for each of the four prompts.
    """,
)


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
    adapter: Adapter = None,
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
        engine=_open(results, model, endpoint, adapter),
        knowledge=_knowledge(results),
        say=say,
    )
    say(f"Results in {folder}. `gpiot bench report` makes the page.")


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
    engine_speed.measure_all(results, model, count, tokens, say)
    say(f"Results in {folder}. `gpiot bench report` makes the page.")


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


def _open(
    results: "Results", model: str | None, endpoint: str | None, adapters: str | None = None
) -> "Engine":
    """The engine, and in the results which it is."""
    from gpiot_cli.engine.open import open_engine
    from gpiot_cli.sandbox.run import level
    from gpiot_cli.synthesis.run import model_facts

    tell_sandbox()
    with talk.status("Loading the model"), _chosen(adapters):
        opened = open_engine(model, endpoint)
    if "model" in results.facts:  # measurements from before there were adapters do not name them
        results.note("adapters", results.facts.get("adapters", ""))
    results.note("model", model_facts(opened))
    results.note("adapters", opened.info.adapters)
    results.note("sandbox", level().name)
    return opened


def _named(name: str, ablation: str) -> str:
    """The folder of a measurement with a part left out."""
    return name if ablation == "none" else f"{name}-without-{ablation}"


def _adapters(adapter: str | None, ablation: str) -> str | None:
    """Which adapters to use: those named, none where they are left out, or what fits (None)."""
    if ablation == "adapters" and adapter:
        raise GpiotError("There are adapters to use and to leave out.", "Leave out --adapter.")
    return adapter or ("none" if ablation in ("adapters", "direct") else None)


def _knowledge(results: "Results", ablation: str = "none") -> "Knowledge":
    """The knowledge store, and in the results what of the user's own is in it; or an empty one."""
    if ablation == "knowledge":
        from gpiot_cli.knowledge.store import Knowledge

        return Knowledge(results.folder / "no-knowledge")
    knowledge = open_knowledge()
    own = [source for source in knowledge.sources() if source.kind == "document"]
    files, passages = (sum(s.files for s in own), sum(s.passages for s in own))
    results.note("own documents", f"{files} files, {passages} passages" if own else "none")
    return knowledge


@contextmanager
def _chosen(adapters: str | None) -> "Iterator[None]":
    """Let GPIOT_ADAPTERS name the adapters while the engine is opened."""
    before = os.environ.get("GPIOT_ADAPTERS")
    if adapters:
        os.environ["GPIOT_ADAPTERS"] = adapters
    try:
        yield
    finally:
        os.environ.pop("GPIOT_ADAPTERS", None)
        if before is not None:
            os.environ["GPIOT_ADAPTERS"] = before

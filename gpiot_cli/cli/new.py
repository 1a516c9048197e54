"""`gpiot new` and `gpiot resume`: from one sentence to a verified project."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gpiot_cli.cli.asking import (
    Candidates,
    Endpoint,
    Model,
    Seed,
    open_asked,
    open_knowledge,
    tell_sandbox,
)
from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.errors import GpiotError

if TYPE_CHECKING:
    from gpiot_cli.synthesis.display import Display
    from gpiot_cli.synthesis.record import RunRecord

Json = Annotated[bool, typer.Option("--json", help="Print the record of the run as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing while it works.")]


def new(
    task: Annotated[str, typer.Argument(help="What you need, in a sentence.")],
    data: Annotated[
        Path | None,
        typer.Option(help="A recording or a folder of them. Default: sample data for the task."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project. Default: named by the task.")
    ] = None,
    candidates: Candidates = 4,
    seed: Seed = 0,
    model: Model = None,
    endpoint: Endpoint = None,
    budget: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="MINUTES", help="When it is used up, only tested recipes are tried."
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Use canned answers instead of a language model.")
    ] = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Make no repository in it.")] = False,
) -> None:
    """Make a project that does a task: decompose, specify, write, verify on data, assemble.

    The project runs without gpiot. Its README says what was verified and what was not.

    \b
    Examples:
      gpiot new "ECG R-peak detection"
      gpiot new "Detect falls from a belt accelerometer" --data belt.csv --out falls
      gpiot new "Count steps" --candidates 8 --seed 3 --budget 20
    """
    from gpiot_cli.synthesis.run import Options, check, start

    options = Options(
        task=task,
        out=out or Path(slug(task)),
        data=data,
        candidates=candidates,
        seed=seed,
        budget_minutes=budget,
        git=not no_git,
        dry_run=dry_run,
        model=model,
        endpoint=endpoint,
    )
    check(options)
    tell_sandbox()

    def run(display: "Display") -> "RunRecord":
        engine = open_asked(model, endpoint, dry_run=dry_run)
        return start(options, engine, open_knowledge(), display)

    _report(options.out, _watch(options.out, run, quiet=quiet), json)


def resume(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `new` made.")],
    model: Model = None,
    endpoint: Endpoint = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go on with a project that was interrupted, from the last finished step.

    Its seed, number of candidates, budget and data are those that it was begun with, and so are the
    model and the server unless others are given.

    \b
    Example:
      gpiot resume ecg-r-peak-detection
    """
    from gpiot_cli.synthesis.run import carry_on, load_record, settle

    record = load_record(folder)
    if record.complete:
        settle(folder, record)
        talk.print(f"{folder} is complete.", markup=False, soft_wrap=True)
        if json:
            print_json(_facts(folder, record))
        _refuse_broken(folder, record)
        return
    tell_sandbox()

    def run(display: "Display") -> "RunRecord":
        engine = open_asked(
            model or record.asked_model,
            endpoint or record.asked_endpoint,
            dry_run=record.dry_run,
        )
        return carry_on(folder, engine, open_knowledge(), display)

    _report(folder, _watch(folder, run, quiet=quiet), json)


def slug(task: str) -> str:
    """A folder's name made from a task: its first words, at most 40 characters."""
    ascii_only = unicodedata.normalize("NFKD", task).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    if len(name) > 40:
        name = name[:41].rpartition("-")[0] or name[:40]
    return name or "project"


def _watch(folder: Path, run: "Callable[[Display], RunRecord]", *, quiet: bool) -> "RunRecord":
    """Run it with a display; an interruption says how to go on."""
    from gpiot_cli.cli.display import Lines, Terminal
    from gpiot_cli.synthesis.display import Silent
    from gpiot_cli.synthesis.record import RECORD

    display = Silent() if quiet else Terminal(talk) if talk.is_terminal else Lines()
    try:
        return run(display)
    except (KeyboardInterrupt, typer.Abort):
        begun = (folder / RECORD).exists()
        next_ = f"`gpiot resume {folder}` goes on." if begun else "Nothing was made."
        talk.print(f"\nStopped. {next_}", markup=False, soft_wrap=True)
        raise typer.Exit(130) from None
    except GpiotError as error:
        if (folder / RECORD).exists():
            error.remedy += f" `gpiot resume {folder}` goes on from the last finished step."
        raise


def _report(folder: Path, record: "RunRecord", json: bool) -> None:
    """The product on stdout; what does not work is an error."""
    if json:
        print_json(_facts(folder, record))
    else:
        _summarize(folder, record)
    _refuse_broken(folder, record)


def _refuse_broken(folder: Path, record: "RunRecord") -> None:
    """Raise `GpiotError` for a finished project that does not work."""
    failed = [
        f"step {number} ({step.specification.name if step.specification else step.subtask}) has "
        f"no working program: {step.reason.rstrip('.')}"
        for number, step in enumerate(record.steps, start=1)
        if step.code is None
    ]
    if record.whole_run != "passed" and not failed:
        raise GpiotError(
            f"The project does not work as a whole: its main.py {record.whole_run.rstrip('.')}.",
            f"Each step passed alone on the first recording; {folder / 'README.md'} says more.",
        )
    if failed:
        raise GpiotError(
            f"The project does not work as a whole: {'; '.join(failed)}.",
            f"{folder / 'README.md'} says what was tried. Try another --seed, more --candidates, "
            "or a larger --model.",
        )


def _facts(folder: Path, record: "RunRecord") -> dict[str, object]:
    return {"project": str(folder), **record.model_dump(mode="json", exclude={"prompts"})}


def _summarize(folder: Path, record: "RunRecord") -> None:
    data = "sample data" if record.data_is_sample else record.data
    print(f"{folder}: {record.task}")
    for number, step in enumerate(record.steps, start=1):
        name = step.specification.name if step.specification else step.subtask
        print(f"  {number}. {name}: {step.reason}")
    print(f"Run as a whole on {data}: {record.whole_run}")
    print("Not verified: other data, and what the README lists.")
    print(f"\nRun it:  python {folder / 'main.py'} --input DATA --output DIR")
    print(f"Read it: {folder / 'README.md'}")

"""`devpiolt evaluate`: measure on a home's own past."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gpiot_cli.cli.asking import Endpoint, Model, open_asked
from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.cli.extras import need
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic


class Split(StrEnum):
    """How train and test part are told apart."""

    chronological = "chronological"
    user = "user"


def evaluate(
    logs: Annotated[list[Path], typer.Option(metavar="FILE", help="A home's records; repeatable.")],
    split: Annotated[
        Split, typer.Option(help="Last fifth of one home, or each home by the others.")
    ] = Split.chronological,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where outcomes, report and pictures go.")
    ] = Path("evaluation"),
    operations: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Predict only the first N of the test part."),
    ] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Keep only operations of this field; repeatable.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="ROOM/DEVICE", help="Leave out this device; repeatable."),
    ] = None,
    cold_start: Annotated[
        list[int] | None,
        typer.Option(
            min=1, metavar="DAYS", help="Also with only so many days of history; repeatable."
        ),
    ] = None,
    ablations: Annotated[bool, typer.Option(help="Also without one part at a time.")] = False,
    cgc: Annotated[
        bool, typer.Option(help="Also the CGC baseline (needs gpiot-cli[train]).")
    ] = False,
    with_model: Annotated[
        bool, typer.Option(help="Also the language model, alone and in the whole system.")
    ] = False,
    model: Model = None,
    endpoint: Endpoint = None,
    history: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Operations in the model's prompt. Default: as its adapters were trained, or 60.",
        ),
    ] = None,
    text_first: Annotated[
        bool | None,
        typer.Option(
            help="The model says the description before the action. Default: as its adapters."
        ),
    ] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Of exposure.")] = 0.7,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the recommender and its baselines on a home's own past.

    \b
    Examples:
      devpiolt evaluate --logs home.jsonl
      devpiolt evaluate --logs home.jsonl --cold-start 3 --cold-start 7 --ablations
      devpiolt evaluate --logs home.jsonl --with-model --operations 2000
      devpiolt evaluate --logs a.jsonl --logs b.jsonl --split user
    """
    from rich.progress import Progress

    from gpiot_cli.recommend.evaluate import FLOOR, Plan, chosen, read_outcomes, refuse_unmeasured
    from gpiot_cli.recommend.evaluate import evaluate as run
    from gpiot_cli.recommend.plots import exposure_png, reliability_png
    from gpiot_cli.recommend.recommend import read_log

    if out.is_file():
        raise GpiotError(f"{out} is a file.", "Name a folder with --out.")
    if cgc:
        need("train")
    paths = {p.name if len({q.name for q in logs}) == len(logs) else str(p): p for p in logs}
    homes = {name: read_log(path) for name, path in paths.items()}
    plan = Plan(
        split=split.value,
        operations=operations,
        threshold=threshold,
        cold_start=tuple(cold_start or ()),
        ablations=ablations,
        cgc=cgc,
        history=history,
        text_first=text_first,
        fields=tuple(sorted(set(field or ()))),
        without=tuple(sorted(set(without or ()))),
    )
    # Both before the model is loaded.
    refuse_unmeasured(plan, with_model)
    chosen(homes, plan)
    engine = open_asked(model, endpoint, log=logs[0]) if with_model else None
    with Progress(console=talk, transient=True) as bar:
        tasks: dict[str, object] = {}

        def progress(method: str, done: int, total: int) -> None:
            if method not in tasks:
                tasks[method] = bar.add_task(method, total=total)
            bar.update(tasks[method], completed=done)  # type: ignore[arg-type]

        report = run(homes, out, plan, engine, progress, paths)
    word = "simulated " if report["simulated"] else ""
    for name in ("history", "whole system"):
        if name in report["rows"]:
            found = read_outcomes(out, name)
            slug = name.replace(" ", "-")
            title = f"{name}, {word}operations"
            write_atomic(out / f"{slug}-exposure.png", exposure_png(found, title))
            write_atomic(out / f"{slug}-reliability.png", reliability_png(found, title))
    if json:
        print_json(report)
        return
    counts = ", ".join(
        f"{name}: {count:,} {word}operations" for name, count in report["homes"].items()
    )
    print(f"{counts}\n")
    print(
        "| method | hit@1 = EM-Acc (95%) | hit@3 | hit@5 | LM-F1 | rule | ECE | exposed | accepted |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, row in report["rows"].items():
        print(_line(name, row))
    gain, low, high = report["history minus floor"]
    print(f"\nhit@1 of history minus {FLOOR}, paired: {gain:+.3f} ({low:+.3f} to {high:+.3f})")
    talk.print(f"Outcomes, report.json and pictures are in {out}", markup=False)


def _line(name: str, row: dict[str, object]) -> str:
    scores: dict[str, tuple[float, float, float]] = row["scores"]  # type: ignore[assignment]
    best, low, high = scores["EM"]
    others = " | ".join(f"{scores[key][0]:.3f}" for key in ("hit@3", "hit@5", "LM-F1", "rule"))
    exposed, accepted = (
        "–" if row[key] is None else f"{row[key]:.3f}" for key in ("exposed", "accepted")
    )
    return (
        f"| {name} | {best:.3f} ({low:.3f}–{high:.3f}) | {others} | {row['ECE']:.3f} "
        f"| {exposed} | {accepted} |"
    )

"""`devpiolt train`: an adapter that recommends, in DevPiolt's three stages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from gpiot_cli.cli.console import say, talk
from gpiot_cli.cli.train import Base, MaxSteps, Run, Seed, is_first_process, prepare
from gpiot_cli.errors import GpiotError
from gpiot_cli.paths import home

if TYPE_CHECKING:
    from gpiot_cli.training.home.stages import Stage

app = typer.Typer(
    help="""Train an adapter that recommends: pre-training, fine-tuning, refinement.

    Each stage goes on from the one before. The last fifth of every log is held out for `devpiolt
    evaluate`. What is learned with --logs, or goes on from that, stays in the gpiot home;
    `devpiolt recommend --with-model` uses it by itself. A run that was stopped goes on when it is
    started again.

    \b
    Examples:
      devpiolt train finetune --logs home.jsonl
      devpiolt train refine --logs home.jsonl --from GPIOT_HOME/runs/home-finetune
      devpiolt train pretrain --simulated homes --general data/cgd
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Logs = Annotated[Path | None, typer.Option(metavar="FILE", help="Your own home's records.")]
Simulated = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Homes that `devpiolt simulate` made.")
]
From = Annotated[
    Path | None, typer.Option("--from", metavar="DIR", help="The folder of the stage before.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Default: runs/NAME; in the gpiot home for what knows your home."
    ),
]
History = Annotated[
    int | None,
    typer.Option(
        min=1, help="Operations in the model's prompt. Default: as in the stage before, or 60."
    ),
]


@app.command()
def pretrain(
    run: Run = "devpiolt-pretrain",
    logs: Logs = None,
    simulated: Simulated = None,
    general: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="A data set or .jsonl to mix in 1:1; repeatable."),
    ] = None,
    start: From = None,
    base: Base = None,
    out: Out = None,
    max_steps: MaxSteps = None,
    seed: Seed = None,
) -> None:
    """Learn next actions from whole histories (equation 1).

    \b
    Example:
      devpiolt train pretrain --simulated homes --general data/cgd --general data/tdd
    """
    where = _Where(logs, simulated, start, out)
    _train("pretrain", (run, base, seed), where, max_steps, general=tuple(general or ()))


@app.command()
def finetune(
    run: Run = "devpiolt-finetune",
    logs: Logs = None,
    simulated: Simulated = None,
    start: From = None,
    text_first: Annotated[
        bool | None,
        typer.Option(
            "--text-first",
            help="The description before the action (Table 4). Default: as in the stage before.",
        ),
    ] = None,
    history: History = None,
    base: Base = None,
    out: Out = None,
    max_steps: MaxSteps = None,
    seed: Seed = None,
) -> None:
    """Learn to answer the recommender's question: the action, then its description (equation 3).

    \b
    Examples:
      devpiolt train finetune --logs home.jsonl
      devpiolt train finetune --simulated homes --from runs/devpiolt-pretrain
    """
    choices = {"history": history, "text_first": text_first}
    _train("finetune", (run, base, seed), _Where(logs, simulated, start, out), max_steps, **choices)


@app.command()
def refine(
    start: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="The folder of the fine-tuning.")
    ],
    run: Run = "devpiolt-refine",
    logs: Logs = None,
    simulated: Simulated = None,
    history: History = None,
    beta: Annotated[
        float, typer.Option(help="How closely it stays by what it was (equation 5).")
    ] = 0.1,
    base: Base = None,
    out: Out = None,
    max_steps: MaxSteps = None,
    seed: Seed = None,
) -> None:
    """Prefer what was done to what is untimely or undoes it (DPO, equation 5).

    \b
    Example:
      devpiolt train refine --simulated homes --from runs/devpiolt-finetune
    """
    choices = {"history": history, "beta": beta}
    _train("refine", (run, base, seed), _Where(logs, simulated, start, out), max_steps, **choices)


class _Where(NamedTuple):
    """What a stage reads and where it writes."""

    logs: Path | None
    simulated: Path | None
    start: Path | None
    out: Path | None


def _train(
    stage: "Stage",
    run: tuple[str, str | None, int | None],
    where: _Where,
    max_steps: int | None,
    **choices: Any,
) -> None:
    from gpiot_cli.engine import adapters, catalog
    from gpiot_cli.recommend.prompt import style
    from gpiot_cli.training.settings import load_settings

    if (where.logs is None) == (where.simulated is None):
        raise GpiotError(
            "A training reads your own home's log, or simulated homes.",
            "Give one of --logs FILE and --simulated DIR.",
        )
    if where.out and where.out.exists() and not where.out.is_dir():  # before the base is loaded
        raise GpiotError(f"{where.out} is a file.", "Name a folder with --out.")
    for place in choices.get("general", ()):
        if not place.exists():
            raise GpiotError(f"There is no general corpus {place}.", "Name a data set or a file.")
    earlier = adapters.trained_in(where.start) if where.start else None
    if stage != "pretrain":  # it learns from the log alone, without the recommender's question
        asked = style(earlier, choices.get("history"), choices.get("text_first"))
        choices |= asked._asdict()
    name = adapters.named_after(where.logs) if where.logs else None
    variants = ["text-first"] * choices.get("text_first", False) + ["trial"] * bool(max_steps)
    settings = load_settings(*run, name=name, variants=variants)
    # Not a trial, an ablation or another seed, which wait to be added.
    in_use = settings.name == name and stage != "pretrain"
    if where.logs and in_use:  # said before the training rather than after it
        adapters.refuse_another_homes(settings.name, adapters.home_of(where.logs))
    prepare()
    with talk.status("Loading torch and transformers"):
        from gpiot_cli.training.home.homes import own_home, simulated_homes
        from gpiot_cli.training.home.stages import Plan, train_stage
    if where.logs:
        logs = own_home(where.logs)
    else:
        assert where.simulated is not None
        logs = simulated_homes(where.simulated)
    plan = Plan(stage, where.logs, earlier, **choices)
    if plan.private:
        folder = home() / "runs" / f"{settings.name}-{stage}"
    else:
        folder = Path("runs") / settings.name
    trained = train_stage(plan, settings, logs, where.out or folder, say, max_steps)
    if not is_first_process():
        return
    if in_use:
        added = adapters.add(trained)
        model = "with-model" if settings.base == catalog.DEFAULT else f"model {settings.base}"
        say(f"`devpiolt recommend --{model}` uses it from {added.folder}.")
    else:
        say(f"To use it: gpiot adapter add {trained}")
    if plan.private:
        say("It knows a home: do not share it.")
    print(trained)

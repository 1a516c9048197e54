"""`gpiot data tdd` and `gpiot data augment`: the decomposition data set and its variations."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gpiot_cli.cli.asking import Endpoint, Model, Seed, open_asked
from gpiot_cli.cli.console import print_json, say
from gpiot_cli.cli.extras import need

Out = Annotated[Path, typer.Option(metavar="DIR", help="The data set; a half-made one goes on.")]
Json = Annotated[bool, typer.Option("--json", help="The report as JSON on stdout.")]


def tdd(
    out: Out,
    papers: Annotated[
        Path | None, typer.Option(metavar="DIR", help="PDF or text papers for the model to read.")
    ] = None,
    galleries: Annotated[
        bool, typer.Option(help="Mine the examples of permissive packages; pip may compile them.")
    ] = False,
    model: Model = None,
    endpoint: Endpoint = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """The task decomposition data set: problems and the sub-tasks that solve them.

    Written for it, mined from galleries, and read from your papers, which asks the model.

    \b
    Examples:
      gpiot data tdd --out data/tdd
      gpiot data tdd --out data/tdd --galleries --papers ~/papers --json
    """
    need("data")
    from gpiot_cli.knowledge.embedder import MiniLM
    from gpiot_cli.training.tdd.build import build
    from gpiot_cli.training.tdd.galleries import PACKAGES

    report = build(
        out,
        MiniLM(),
        say,
        packages=PACKAGES if galleries else (),
        papers_folder=papers,
        engine=open_asked(model, endpoint) if papers else None,
        seed=seed,
    )
    if as_json:
        print_json(report.as_json())
        return
    _say_counts("Kept", report.kept)
    _say_counts("Left out", report.left_out)
    say(f"The data set is in {out}.")


def augment(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="A set from `gpiot data tdd`.")],
    out: Out,
    kind: Annotated[
        Literal["iot", "linguistic"],
        typer.Option(help="By modality, representation and resources, or Evol-Instruct."),
    ] = "iot",
    per_item: Annotated[
        int, typer.Option(min=1, max=16, help="Variations drawn per problem in each of three ways.")
    ] = 1,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Draw for this many problems, then stop.")
    ] = None,
    model: Model = None,
    endpoint: Endpoint = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Multiply a decomposition data set with variations by the local model, sifted.

    \b
    Examples:
      gpiot data augment data/tdd --out data/tdd-iot --per-item 2
      gpiot data augment data/tdd --out data/tdd-evol --kind linguistic --limit 20
    """
    need("data")
    from gpiot_cli.knowledge.embedder import MiniLM
    from gpiot_cli.training import augment as augmentation

    report = augmentation.augment(
        source,
        out,
        kind,
        open_asked(model, endpoint),
        MiniLM(),
        say,
        per_item=per_item,
        seed=seed,
        limit=limit,
    )
    if as_json:
        print_json(report.as_json())
        return
    _say_counts("In the set", report.origins)
    _say_counts(f"Kept of {report.drawn} replies", report.kept)
    _say_counts("Rejected", report.rejected)
    if report.missing:
        say(f"{report.missing} problems have no variations yet; the same command goes on.")
    say(f"The data set is in {out}.")


def _say_counts(title: str, counts: dict[str, int]) -> None:
    """One line, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    say(f"{title}: " + ("; ".join(f"{words} {n}" for words, n in ordered) or "nothing") + ".")

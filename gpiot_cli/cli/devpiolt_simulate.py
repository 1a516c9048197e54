"""`devpiolt simulate`: logs of homes that do not exist."""

from pathlib import Path
from typing import Annotated

import typer

from gpiot_cli.cli.console import talk


def simulate(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the logs go.")],
    homes: Annotated[int, typer.Option(min=1, help="How many homes.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How many days of each.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed gives the same homes.")] = 0,
    devices: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR", help="Device lists (YAML). Default: ten that are shipped."
        ),
    ] = None,
) -> None:
    """Make simulated homes: people with routines, seasons, weather, guests and faults.

    Every record says "origin": "simulated" and every file ends in .simulated.jsonl. The rules are
    in docs/home-jsonl.md.

    \b
    Examples:
      devpiolt simulate --out homes --homes 10 --days 60 --seed 1
      devpiolt simulate --out homes --devices my-home.yaml
    """
    from gpiot_cli.recommend.simulate import HOMES, simulate

    for path, operations in simulate(homes, days, seed, out, devices or HOMES):
        talk.print(f"{operations:,} simulated operations", markup=False)
        print(path)

"""`devpiolt accept` and `devpiolt reject`: what the home thought of a suggestion."""

from typing import Annotated, Literal

import typer

from gpiot_cli.cli.console import talk

Number = Annotated[int, typer.Argument(min=1, help="Which of the last suggestions.")]


def accept(number: Number = 1) -> None:
    """Keep, on this machine, that a suggestion was right: it will be made more readily.

    \b
    Examples:
      devpiolt accept
      devpiolt accept 2
    """
    _keep(number, "accept")


def reject(number: Number = 1) -> None:
    """Keep, on this machine, that a suggestion was wrong: it will be made less readily.

    \b
    Examples:
      devpiolt reject
      devpiolt reject 2
    """
    _keep(number, "reject")


def _keep(number: int, verdict: Literal["accept", "reject"]) -> None:
    from gpiot_cli.recommend import feedback
    from gpiot_cli.recommend.describe import describe

    log, given = feedback.last_suggestion(number, verdict)
    feedback.keep(log, given)
    talk.print(f"Kept: {verdict} “{describe(given.actions)}”", markup=False)

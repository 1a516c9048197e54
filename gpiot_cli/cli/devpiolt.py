"""`devpiolt`: from a home's log to its next operation."""

import sys
from typing import Annotated

import typer

from gpiot_cli import __version__
from gpiot_cli.cli.lazy import lazy_group
from gpiot_cli.cli.main import run

COMMANDS = {
    "import": ("gpiot_cli.cli.devpiolt_import:import_", "Read a home's log into home.jsonl."),
    "inspect": ("gpiot_cli.cli.devpiolt_inspect:inspect", "Show a home: devices and habits."),
    "recommend": ("gpiot_cli.cli.devpiolt_recommend:recommend", "Suggest the next operation."),
    "accept": ("gpiot_cli.cli.devpiolt_feedback:accept", "Keep that a suggestion was right."),
    "reject": ("gpiot_cli.cli.devpiolt_feedback:reject", "Keep that a suggestion was wrong."),
    "evaluate": ("gpiot_cli.cli.devpiolt_evaluate:evaluate", "Measure on a home's own past."),
    "simulate": ("gpiot_cli.cli.devpiolt_simulate:simulate", "Make simulated homes."),
    "train": ("gpiot_cli.cli.devpiolt_train:app", "Train an adapter for a home."),
}

app = typer.Typer(
    cls=lazy_group(COMMANDS),
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # rich would cost `--help` half of its time
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"devpiolt {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """From a home's log to its next operation; the log never leaves this machine.

    \b
    Examples:
      devpiolt import home-assistant_v2.db
      devpiolt inspect --logs home.jsonl
      devpiolt recommend --logs home.jsonl
    """


def main() -> None:
    """Entry point of the `devpiolt` script."""
    sys.exit(run(app, "devpiolt"))


if __name__ == "__main__":
    main()

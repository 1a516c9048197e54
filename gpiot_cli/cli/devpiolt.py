"""`devpiolt`: from a home's log to its next operation."""

import sys

from gpiot_cli.cli.lazy import program
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

ABOUT = """\
From a home's log to its next operation. The log stays on this machine, unless you name an
--endpoint: its server is sent the end of the log.

\b
Examples:
  devpiolt import home-assistant_v2.db
  devpiolt inspect --logs home.jsonl
  devpiolt recommend --logs home.jsonl
"""

app = program("devpiolt", COMMANDS, ABOUT)


def main() -> None:
    """Entry point of the `devpiolt` script."""
    sys.exit(run(app, "devpiolt"))


if __name__ == "__main__":
    main()

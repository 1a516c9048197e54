"""`gpiot`: from one sentence to a working, verified IoT project."""

import sys

from gpiot_cli.cli.lazy import program
from gpiot_cli.cli.main import run

COMMANDS = {
    "new": ("gpiot_cli.cli.new:new", "Make a verified project from one sentence."),
    "resume": ("gpiot_cli.cli.new:resume", "Go on with a project that was interrupted."),
    "decompose": ("gpiot_cli.cli.stages:decompose", "Split a task into sub-tasks."),
    "transform": ("gpiot_cli.cli.stages:transform", "Turn sub-tasks into specifications."),
    "generate": (
        "gpiot_cli.cli.stages:generate",
        "Write and check the program of a specification.",
    ),
    "knowledge": ("gpiot_cli.cli.knowledge:app", "Search and extend the recipes."),
    "model": ("gpiot_cli.cli.model:app", "Fetch and list language models."),
    "adapter": ("gpiot_cli.cli.adapter:app", "List, add and remove adapters."),
    "data": ("gpiot_cli.cli.data:app", "Build the data sets that adapters are trained on."),
    "train": ("gpiot_cli.cli.train:train", "Train adapters."),
    "bench": ("gpiot_cli.cli.bench:app", "Measure a model or the whole system."),
    "doctor": ("gpiot_cli.cli.doctor:doctor", "Check this machine, and say what to mend."),
}

ABOUT = """\
From one sentence to a working, verified IoT project, on your own machine.

\b
Examples:
  gpiot doctor
  gpiot model pull
  gpiot new "ECG R-peak detection" --data recording.csv --out ecg
"""

app = program("gpiot", COMMANDS, ABOUT)


def main() -> None:
    """Entry point of the `gpiot` script."""
    sys.exit(run(app, "gpiot"))


if __name__ == "__main__":
    main()

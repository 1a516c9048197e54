"""Runs ruff on a program in memory, whatever the settings of the folder that we are in."""

import subprocess
import sys
from typing import Literal


def ruff(
    command: Literal["check", "format"], code: str, *options: str
) -> "subprocess.CompletedProcess[str]":
    """What ruff prints for the code, and its exit code; nothing is raised."""
    return subprocess.run(
        [sys.executable, "-m", "ruff", command, "--isolated", "--quiet", *options, "-"],
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )

"""Keeps a measurement: what was measured with what (`run.json`), and one JSON line per program.

A row of a table (the system, the model alone, …) is a file `ROW.jsonl` beside `run.json`. A line is
written when a program has been judged, so a measurement that was killed goes on from there.
"""

import fcntl
import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gpiot_cli import __version__
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic
from gpiot_cli.paths import PACKAGE

Line = dict[str, Any]

FACTS = "run.json"
RESAMPLES = 2000


class Results:
    """A folder of results. Lines of one folder were all measured under the same settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, bench: str, settings: Mapping[str, object]) -> "Results":
        """Begin in a new folder, or go on in one with the same settings.

        Raises `GpiotError` when the folder holds a measurement with other settings, or another
        process measures into it: both would make the same lines.
        """
        results = cls(folder)
        _hold(folder)
        wanted = json.loads(json.dumps({"bench": bench, **settings}))
        if (folder / FACTS).exists():
            found = results.facts["settings"]
            other = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
            if other:
                raise GpiotError(
                    f"{folder} holds a measurement with another {', '.join(sorted(other))}.",
                    "Choose another folder with --out.",
                )
        else:
            results.write_facts({"settings": wanted, "command": command(), **environment()})
        return results

    @property
    def facts(self) -> dict[str, Any]:
        """The settings, the command, and the machine."""
        return dict(json.loads((self.folder / FACTS).read_text(encoding="utf-8")))

    def note(self, name: str, value: object) -> None:
        """Add a fact that is only known once the measurement runs, such as the model's hash."""
        facts = self.facts
        known = facts.setdefault(name, value)
        if known != value:
            raise GpiotError(
                f"{self.folder} was measured with another {name}: {known}, not {value}.",
                "Choose another folder with --out.",
            )
        self.write_facts(facts)

    def write_facts(self, facts: Mapping[str, Any]) -> None:
        """Put these in the place of the facts that are there."""
        write_atomic(self.folder / FACTS, json.dumps(facts, indent=1))

    def lines(self, row: str) -> list[Line]:
        """The finished programs of a row; a line that a kill cut short is left out."""
        path = self.folder / f"{row}.jsonl"
        if not path.exists():
            return []
        return [
            json.loads(line)
            for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
            if line.endswith("\n")
        ]

    def rows(self) -> dict[str, list[Line]]:
        """Every row by its name."""
        return {path.stem: self.lines(path.stem) for path in sorted(self.folder.glob("*.jsonl"))}

    def done(self, row: str, key: str) -> set[Any]:
        """The values of `key` in the finished lines of a row."""
        return {line[key] for line in self.lines(row)}

    def add(self, row: str, line: Line) -> None:
        """Append a line, whole and on the disk."""
        self.write(row, [*self.lines(row), line])

    def write(self, row: str, lines: Iterable[Line]) -> None:
        """Put these in the place of the row's lines."""
        text = "".join(json.dumps(line) + "\n" for line in lines)
        write_atomic(self.folder / f"{row}.jsonl", text)


_held: set[Path] = set()
"""The folders that this process measures into."""


def _hold(folder: Path) -> None:
    """Make the folder, and keep it from other processes until this one ends."""
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    if folder in _held:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise GpiotError(
            f"Another gpiot measures into {folder}.",
            "Wait until it has ended, or choose another folder with --out.",
        ) from error
    _held.add(folder)


def command() -> str:
    """The command line, as it can be typed again."""
    return shlex.join([Path(sys.argv[0]).stem, *sys.argv[1:]])


def environment() -> dict[str, object]:
    """When, with which code, and on what machine."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "gpiot": __version__,
        "commit": commit(),
        "python": platform.python_version(),
        "hardware": {
            "cpu": _field("/proc/cpuinfo", "model name") or platform.processor(),
            "cores": os.cpu_count(),
            "memory": _field("/proc/meminfo", "MemTotal"),
            "system": platform.platform(),
        },
    }


def commit() -> str:
    """The commit of the code that measures; "+" when tracked files differ from it."""

    def git(*arguments: str) -> str:
        argv = ["git", "-C", str(PACKAGE), *arguments]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", ".")
    return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def interval(scores: npt.ArrayLike, seed: int = 0) -> tuple[float, float]:
    """The 95% bootstrap interval of the mean of `scores`, shape (programs, records).

    Programs and records are both drawn with replacement, since both are samples of what could
    have been measured. A single program varies by its records only.
    """
    table = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    rng = np.random.default_rng(seed)
    means = [_drawn(table, rng).mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _drawn(table: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    programs, records = table.shape
    drawn = table[rng.integers(programs, size=programs)]
    return np.asarray(drawn[:, rng.integers(records, size=records)])


def folders_of(root: Path) -> Iterator[Results]:
    """Every measurement under `root`, in the order of their names."""
    for path in sorted(root.glob(f"*/{FACTS}")):
        yield Results(path.parent)

"""Runs one program on many recordings in the sandbox: how the model alone is judged.

One process a program, all recordings one after another, each within its own time. The program sees
the recordings' values and nothing else of them.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gpiot_cli.bench.projects import LIMITS
from gpiot_cli.sandbox import run as sandbox
from gpiot_cli.synthesis.project_files import values
from gpiot_cli.synthesis.trial import recipes_used

HARNESS = Path(__file__).with_name("program_harness.py")
RECORD_SECONDS = 120.0
RESULT = "result"


@dataclass(frozen=True)
class Answer:
    """What a program gave for one recording: its return value, or the error."""

    value: object = None
    error: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0
    """Peak of the process, which ran all recordings."""


def write_inputs(records: Mapping[str, Mapping[str, object]], folder: Path) -> Path:
    """Write the inputs of every recording for `run_program`, once for all programs."""
    for name, inputs in records.items():
        if not (folder / name / values.INDEX).exists():
            values.save_values(inputs, folder / name)
    return folder


def run_program(
    code: str,
    function: str,
    inputs: Path,
    names: Sequence[str],
    *,
    record_seconds: float = RECORD_SECONDS,
) -> dict[str, Answer]:
    """Call `function` of a module on the inputs of each named recording.

    A recording that takes longer than `record_seconds` is an error of its own, and after two of
    them in a row the others count as failed; a program that stops its process loses the
    recordings that were still to come. It may use as much memory as a project.
    """
    with TemporaryDirectory(prefix="gpiot-program-") as temporary:
        folder = Path(temporary)
        for source in (HARNESS, Path(values.__file__)):
            shutil.copy(source, folder / source.name)
        for recipe in recipes_used(code):
            (folder / "recipes").mkdir(exist_ok=True)
            shutil.copy(recipe.path, folder / "recipes")
        (folder / "program.py").write_text(code, encoding="utf-8")
        job = {
            "function": function,
            "inputs": str(inputs.resolve()),
            "names": list(names),
            "record_seconds": record_seconds,
        }
        (folder / "job.json").write_text(json.dumps(job))
        outcome = sandbox.run(
            [sandbox.python(), HARNESS.name],
            folder,
            read_only=[inputs.resolve()],
            limits=sandbox.Limits(
                seconds=record_seconds * len(names) + 30, memory_mb=LIMITS.memory_mb
            ),
        )
        last = (outcome.stderr.strip().splitlines() or ["no result"])[-1]
        ended = f"stopped by the {outcome.stopped} limit" if outcome.stopped else last
        peak = outcome.peak_memory_mb
        return {name: _answer(folder / "answers" / name, ended, peak) for name in names}


def _answer(folder: Path, ended: str, peak: float) -> Answer:
    try:
        verdict = json.loads((folder / "verdict.json").read_text())
        value = None if verdict["error"] else values.load_values(folder)[RESULT]
        return Answer(value, str(verdict["error"]), float(verdict["seconds"]), peak)
    except (OSError, ValueError, KeyError, TypeError):
        return Answer(error=ended[:300])

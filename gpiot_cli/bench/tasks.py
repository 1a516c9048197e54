"""IoTBench: its code and decomposition tasks, and `judge`, which runs a program against a task.

A code task is a folder `iotbench/code/<id>/`: `task.md` (problem, specification, signature),
`reference.py`, `tests.py` with `check(solution)`, and `wrong.py`, a plausible wrong solution. A
decomposition task is a file `iotbench/decomposition/<id>.md`: problem and reference sub-tasks.
"""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.sandbox.run import Limits, Outcome, python, run
from gpiot_cli.synthesis.specification import Specification, parse_parameter
from gpiot_cli.synthesis.trial import recipes_used

IOTBENCH = Path(__file__).parent / "iotbench"
EXAMINE = Path(__file__).with_name("examine.py")

LIMITS = Limits(seconds=60)
"""Ten times what the slowest reference needs, so that a busy machine does not decide."""

Topic = Literal[
    "acoustics",
    "biosignals",
    "control",
    "edge ml",
    "inertial",
    "multimodal",
    "protocols",
    "rf sensing",
    "signal processing",
    "time series",
]

HEADER = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
DEF = re.compile(r"```python\n(def (\w+)\(.*\) -> .*:)\n```")


@cache
def digest() -> str:
    """SHA-256 over the names and contents of all tasks' files: which IoTBench this is."""
    found = hashlib.sha256()
    for path in sorted(IOTBENCH.rglob("*.*")):
        if path.suffix in (".md", ".py"):
            found.update(f"{path.relative_to(IOTBENCH).as_posix()} {sha256_of(path)}\n".encode())
    return found.hexdigest()


class Task(BaseModel):
    """What every task has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    topic: Topic
    difficulty: Literal[1, 2, 3]
    """Of code: 1 is one rule, 2 a few, 3 several that hang together, or an algorithm."""
    problem: str = Field(min_length=1)
    """The situation in a user's words."""


class CodeTask(Task):
    """Write the function of a specification."""

    specification: Specification
    """All rules that the tests rely on are in here."""
    signature: str
    reference: str
    """A program that passes."""
    tests: Path
    """A file with `check(solution)`, which raises `AssertionError` unless the function is right."""
    wrong: str
    """A plausible program that fails."""

    @property
    def statement(self) -> str:
        """Problem and specification: what a solver is given besides the signature."""
        return f"{self.problem}\n\n{self.specification.markdown}"


class DecompositionTask(Task):
    """Break a problem down into sub-tasks."""

    modality: str
    representation: str
    """The form of the data: raw series, spectrogram, table, packets, ..."""
    resources: str
    """What it must run on."""
    subtasks: tuple[str, ...] = Field(min_length=3, max_length=6)
    """The reference, in order, each "Title: sentence."."""

    @property
    def reference(self) -> str:
        """The sub-tasks separated by blank lines, as the paper formats them."""
        return "\n\n".join(self.subtasks)


@dataclass(frozen=True)
class Judgement:
    """How a program did. A timeout is no pass, and counted apart from a wrong answer."""

    passed: bool
    reason: str
    timed_out: bool
    seconds: float


def load_code_tasks() -> list[CodeTask]:
    """The 50 code tasks in the order of their ids; a `GpiotError` names a faulty file."""
    return [_code_task(path) for path in sorted(IOTBENCH.glob("code/*/task.md"))]


def load_decomposition_tasks() -> list[DecompositionTask]:
    """The 50 decomposition tasks in the order of their ids; a `GpiotError` names a faulty file."""
    return [_decomposition_task(path) for path in sorted(IOTBENCH.glob("decomposition/*.md"))]


def judge(task: CodeTask, program: str) -> Judgement:
    """Run the task's tests on a program in the sandbox; the recipes it imports are at hand."""
    with TemporaryDirectory(prefix="gpiot-judge-") as name:
        folder = Path(name)
        (folder / "program.py").write_text(program, encoding="utf-8")
        (folder / "recipes").mkdir()
        for recipe in recipes_used(program):
            shutil.copy(recipe.path, folder / "recipes")
        shutil.copy(EXAMINE, folder)
        shutil.copy(task.tests, folder / "tests.py")
        argv = [python(), EXAMINE.name, task.specification.name, "program.py", "tests.py"]
        outcome = run(argv, folder, limits=LIMITS)
        reason = _reason(folder, outcome)
    return Judgement(not reason, reason, outcome.stopped == "time", outcome.seconds)


def _reason(folder: Path, outcome: Outcome) -> str:
    """Why the program did not pass; empty if it did."""
    if outcome.stopped:
        return f"stopped by the {outcome.stopped} limit"
    try:
        return str(json.loads((folder / "verdicts.jsonl").read_text())["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        last = outcome.stderr.strip().splitlines()[-1:] or ["no verdict"]
        return f"the program ended early: {last[0]}"[:600]


def _code_task(path: Path) -> CodeTask:
    header, text = _header(path)
    try:
        problem, target, inputs, outputs, signature = _sections(
            text, "Target", "Inputs", "Outputs", "Signature"
        )
        match = DEF.fullmatch(signature)
        if match is None:
            raise ValueError("the signature is not a def line in a Python block")
        specification = Specification(
            name=match[2],
            target=target,
            inputs=tuple(parse_parameter(line) for line in inputs.splitlines()),
            outputs=tuple(parse_parameter(line) for line in outputs.splitlines()),
        )
        return CodeTask(
            id=path.parent.name,
            problem=problem,
            specification=specification,
            signature=match[1],
            reference=path.with_name("reference.py").read_text(encoding="utf-8"),
            tests=path.with_name("tests.py"),
            wrong=path.with_name("wrong.py").read_text(encoding="utf-8"),
            **header,
        )
    except (OSError, ValueError, TypeError) as error:
        raise _fault(path, error) from error


def _decomposition_task(path: Path) -> DecompositionTask:
    header, text = _header(path)
    try:
        problem, subtasks = _sections(text, "Sub-tasks")
        return DecompositionTask(
            id=path.stem, problem=problem, subtasks=tuple(subtasks.split("\n\n")), **header
        )
    except (ValueError, TypeError) as error:
        raise _fault(path, error) from error


def _header(path: Path) -> tuple[dict[str, Any], str]:
    """The YAML between the first two lines "---" and what follows."""
    match = HEADER.fullmatch(path.read_text(encoding="utf-8"))
    header = yaml.safe_load(match[1]) if match else None
    if match is None or not isinstance(header, dict):
        raise _fault(path, "it does not begin with a YAML header")
    return header, match[2]


def _sections(text: str, *titles: str) -> list[str]:
    """What stands before the first and under each of the headings, which come in this order."""
    parts = []
    for title in titles:
        before, heading, text = text.partition(f"\n## {title}\n")
        if not heading:
            raise ValueError(f"there is no heading '## {title}'")
        parts.append(before.strip())
    return [*parts, text.strip()]


def _fault(path: Path, fault: object) -> GpiotError:
    return GpiotError(f"The task {path} cannot be read: {fault}.", "Mend it or reinstall gpiot.")

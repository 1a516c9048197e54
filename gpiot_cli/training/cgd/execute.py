"""Runs the examples in the sandbox: in parallel, each object in a process of its own, resumable.

A sandbox is started for a batch of one package's objects, so that the package is imported once;
inside, every object is a fork of its own with ten seconds of processor time. Each verdict is a line of
`executed.jsonl`. A line is found again by a hash of the task and the installed versions.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict, ValidationError

from gpiot_cli.sandbox.run import Limits, Outcome, run
from gpiot_cli.training.cgd.environment import Environment
from gpiot_cli.training.cgd.mine import INSIDE
from gpiot_cli.training.cgd.tasks import Task

VERSION = 3
"""To be raised when the same task may get another verdict."""
BATCH = 24
OBJECT_SECONDS = 10.0
CLOCK_SECONDS = 60.0
"""For an object, where the machine is busy."""
IMPORT_SECONDS = 600.0
MEMORY_MB = 4096

OnDone = Callable[[int], None]
"""Called with the number of objects that have been tried since the last call."""


class Given(BaseModel):
    """A parameter of a function that was cut out."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: str
    form: str
    """"2-D" and the like, of arrays."""
    callee: str = ""
    """The last name of what it is given to."""
    argument: str = ""
    """Its position or keyword there."""


class Function(BaseModel):
    """A function that was cut out of an example, and gives what the example gives."""

    model_config = ConfigDict(frozen=True)

    signature: str
    code: str
    commented: str
    """The same with what the documentation says between the statements."""
    inputs: tuple[Given, ...]
    outputs: tuple[Given, ...]
    callee: str
    """The last name of what the result is a call of."""
    options: dict[str, str]
    """The constants that are given to the object's parameters."""


class Verdict(BaseModel):
    """What running an object's examples showed."""

    model_config = ConfigDict(frozen=True)

    key: str
    path: str
    verdict: str
    """"output checked", "runs" or "failed"."""
    reason: str = ""
    checked: int = 0
    """Blocks whose documented output came out."""
    differing: tuple[str, ...] = ()
    """Those where something else came out, or what came out was not compared."""
    statements: tuple[tuple[str, str], ...] = ()
    """Prose and source."""
    function: Function | None = None
    uncut: str = ""
    """What went wrong when a function was cut out."""
    seconds: float = 0.0

    @property
    def ran(self) -> bool:
        """Whether all of it ran."""
        return self.verdict != "failed"


@dataclass(frozen=True)
class Job:
    """A task, and the key of its verdict."""

    task: Task
    key: str


def key_of(task: Task, fingerprint: str) -> str:
    """What a verdict depends on."""
    text = json.dumps([VERSION, fingerprint, task], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def execute(
    jobs: Sequence[Sequence[Job]],
    environment: Environment,
    work: Path,
    *,
    workers: int,
    on_done: OnDone,
) -> dict[str, Verdict]:
    """Try the jobs of each package; the verdicts by their keys, those of earlier runs included."""
    log = work / "executed.jsonl"
    known = read_verdicts(log)
    todo = [[job for job in package if job.key not in known] for package in jobs]
    on_done(sum(map(len, jobs)) - sum(map(len, todo)))
    todo.sort(key=len, reverse=True)  # the longest first, so that none is left to run alone
    batches = [batch for package in todo for batch in _batches(package)]
    with ThreadPoolExecutor(workers) as pool, log.open("a", encoding="utf-8") as lines:
        started = {pool.submit(_try, batch, environment, work) for batch in batches}
        try:
            for done in as_completed(started):
                for key, verdict in done.result().items():
                    known[key] = verdict
                    lines.write(verdict.model_dump_json() + "\n")
                lines.flush()
                os.fsync(lines.fileno())
                on_done(len(done.result()))
        except BaseException:  # Ctrl-C above all: do not begin what has not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return known


def read_verdicts(log: Path) -> dict[str, Verdict]:
    """The verdicts in a log; what a kill cut short is cut off."""
    log.parent.mkdir(parents=True, exist_ok=True)
    log.touch()
    text = log.read_bytes()
    whole = text.rpartition(b"\n")[0] + b"\n" if b"\n" in text else b""
    if whole != text:
        with log.open("r+b") as file:
            file.truncate(len(whole))
    verdicts = {}
    for line in whole.decode().split("\n")[:-1]:  # texts in it may hold other ends of lines
        verdict = Verdict.model_validate_json(line)
        verdicts[verdict.key] = verdict
    return verdicts


def _batches(jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
    for first in range(0, len(jobs), BATCH):
        yield jobs[first : first + BATCH]


def _try(batch: Sequence[Job], environment: Environment, work: Path) -> Mapping[str, Verdict]:
    """The verdicts of a batch by key. What ends the whole sandbox is tried again alone."""
    with TemporaryDirectory(dir=work, prefix="batch-") as name:
        folder = Path(name)
        for script in ("trying.py", "slicing.py"):
            shutil.copy(INSIDE / script, folder)
        tasks = "".join(json.dumps({"key": job.key, **job.task}) + "\n" for job in batch)
        (folder / "tasks.jsonl").write_text(tasks, encoding="utf-8")
        argv = [str(environment.python), "trying.py", "tasks.jsonl", "out.jsonl"]
        limits = Limits(seconds=IMPORT_SECONDS + CLOCK_SECONDS * len(batch), memory_mb=MEMORY_MB)
        outcome = run(
            [*argv, str(OBJECT_SECONDS)], folder, read_only=[environment.folder], limits=limits
        )
        found = _read(folder / "out.jsonl")
    verdicts = {}
    for job in batch:
        if job.key in found:
            verdicts[job.key] = found[job.key]
        elif len(batch) > 1:
            verdicts |= _try([job], environment, work)
        else:
            verdicts[job.key] = Verdict(
                key=job.key, path=job.task["path"], verdict="failed", reason=_why(outcome)
            )
    return verdicts


def _read(out: Path) -> dict[str, Verdict]:
    """The lines that the sandbox left; it may have left anything."""
    verdicts = {}
    try:
        lines = out.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    for line in lines:
        try:
            verdict = Verdict.model_validate_json(line)
        except ValidationError:
            continue
        verdicts[verdict.key] = verdict
    return verdicts


def _why(outcome: Outcome) -> str:
    last = outcome.stderr.strip().rpartition("\n")[2]
    return f"stopped by the {outcome.stopped} limit" if outcome.stopped else last or "it ended"

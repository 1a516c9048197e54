"""Makes projects as `gpiot new` does, and runs finished ones on recordings they have not seen."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from gpiot_cli.bench.judging import Output
from gpiot_cli.bench.results import Line, commit
from gpiot_cli.engine.protocol import Candidate, Engine, ModelInfo, OnText, Prompt, Request
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.sandbox import run as sandbox
from gpiot_cli.synthesis.display import Silent
from gpiot_cli.synthesis.project_files.loader import results_name
from gpiot_cli.synthesis.project_files.values import load_values
from gpiot_cli.synthesis.record import RECORD, RunRecord, StepRecord
from gpiot_cli.synthesis.run import Options, carry_on, load_record, new

OUTPUT = "bench"
"""Where in its folder a project writes: the one folder that it may write in the sandbox."""

LIMITS = sandbox.Limits(seconds=1800, memory_mb=4096, file_mb=8192)
"""For all recordings together; half an hour of ECG at 360 Hz is 5 MB in every output."""


class EngineFailedError(GpiotError):
    """The engine raised: that says nothing of the system that is measured."""


class _Watched:
    """An engine whose own errors are told from those of who asks it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def info(self) -> ModelInfo:
        return self._engine.info

    def generate(self, request: Request, on_text: OnText | None = None) -> list[Candidate]:
        try:
            return self._engine.generate(request, on_text)
        except GpiotError as error:
            raise EngineFailedError(error.message, error.remedy) from error

    def score(
        self,
        prompt: Prompt,
        continuations: Sequence[str],
        adapters: Mapping[str, float] | None = None,
        among: Sequence[str] = (),
    ) -> list[list[float]]:
        return self._engine.score(prompt, continuations, adapters, among)


def options_under(
    settings: Mapping[str, Any], task: str, out: Path, data: Path, seed: int
) -> Options:
    """What a project is made with under the settings of a measurement."""
    candidates, ablation = settings["candidates"], settings["ablation"]
    return Options(task, out, data, candidates=candidates, seed=seed, ablation=ablation)


def make_project(options: Options, engine: Engine, knowledge: Knowledge) -> RunRecord:
    """The project of `options`: made anew, carried on where a kill left it, or as it is.

    Raises `EngineFailedError` where the engine does not answer; what else it raises is a result.
    """
    engine = _Watched(engine)
    if (options.out / RECORD).exists():
        record = load_record(options.out)
        if record.complete:
            return record
        return carry_on(options.out, engine, knowledge, Silent())
    shutil.rmtree(options.out, ignore_errors=True)
    return new(options, engine, knowledge, Silent())


def project_line(
    options: Options,
    engine: Engine,
    knowledge: Knowledge,
    judge: Callable[[RunRecord], Line],
    fail: Callable[[str], Line],
) -> Line:
    """Make a project: what it took, with what `judge` says of it.

    A project that cannot be made, or run, is a result as well: `fail` of the sentence that says why.
    """
    line: Line = {"seed": options.seed, "commit": commit()}
    try:
        record = make_project(options, engine, knowledge)
        line["seconds"] = round(sum(record.timings.values()), 1)
        line["timings"] = record.timings
        line["tokens"] = sum(prompt.tokens for prompt in record.prompts)
        line["whole run on the example"] = record.whole_run
        line["steps"] = [
            [step.specification.name, origin(step)] for step in record.steps if step.specification
        ]
        return line | judge(record)
    except (EngineFailedError, OSError):
        raise
    except Exception as error:
        return line | fail(str(error) or type(error).__name__)


def origin(step: StepRecord) -> str:
    """Where a step's program is from."""
    return "none" if step.chosen is None else step.candidates[step.chosen].origin


def write_recording(path: Path, values: Mapping[str, Any], meanings: Mapping[str, str]) -> Path:
    """Write an npz file with what its values mean beside it, as users give it, unless it is there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path.with_suffix(".meanings.json"), json.dumps(meanings))
        whole = BytesIO()
        np.savez(whole, **values)
        write_atomic(path, whole.getvalue())
    return path


@dataclass(frozen=True)
class ProjectRun:
    """What a project wrote for a folder of recordings."""

    folder: Path
    cases: dict[str, dict[str, Any]]
    """Recording to what `summary.json` says of it."""
    stopped: str
    """The limit that ended the run, or ""."""
    seconds: float
    memory_mb: float
    """Peak of the process, which ran all recordings."""

    def outputs(self, name: str) -> dict[str, object]:
        """Every output for a recording by name; `ValueError` when there are none."""
        error = self.cases.get(name, {}).get("error")
        if error:
            raise ValueError(error)
        if name not in self.cases:
            limit = f": the {self.stopped} limit" if self.stopped else ""
            raise ValueError(f"no result{limit}")
        try:
            return load_values(self.folder / results_name(name))
        except OSError as missing:
            raise ValueError("no result") from missing

    def drop(self) -> None:
        """Remove the outputs, which are large, and keep the summary and the pictures."""
        for path in self.folder.glob("*/"):
            shutil.rmtree(path)


def run_project(folder: Path, data: Path) -> ProjectRun:
    """Run a project's `main.py` on a folder of recordings in the sandbox."""
    data = data.resolve()
    shutil.rmtree(folder / OUTPUT, ignore_errors=True)
    outcome = sandbox.run(
        [sandbox.python(), "main.py", "--input", str(data), "--output", OUTPUT],
        folder,
        read_only=[data],
        limits=LIMITS,
    )
    try:
        summary = json.loads((folder / OUTPUT / "summary.json").read_text(encoding="utf-8"))
        cases = {str(case["name"]): dict(case) for case in summary["cases"]}
    except (OSError, ValueError, KeyError, TypeError):
        cases = {}
    return ProjectRun(
        folder / OUTPUT, cases, outcome.stopped, outcome.seconds, outcome.peak_memory_mb
    )


def last_first(outputs: Mapping[str, object], record: RunRecord) -> list[Output]:
    """A project's outputs, those of its last step first."""
    specifications = [step.specification for step in record.steps if step.specification]
    names = [p.name for specification in reversed(specifications) for p in specification.outputs]
    return [(name, outputs[name]) for name in dict.fromkeys(names) if name in outputs]

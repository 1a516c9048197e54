"""Ten tasks beside heartbeat detection: what `gpiot new` makes of each, and the model alone.

Which recordings a task has and when an answer is right: `applications.toml`, `application_data.py`
and `judging.py`. Projects are made on the first recording and judged on the others.
"""

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from gpiot_cli.bench import alone
from gpiot_cli.bench.application_data import Case, cases
from gpiot_cli.bench.judging import Judge, failing
from gpiot_cli.bench.programs import Answer, run_program, write_inputs
from gpiot_cli.bench.projects import (
    ProjectRun,
    last_first,
    project_line,
    run_project,
    write_recording,
)
from gpiot_cli.bench.results import Line, Results
from gpiot_cli.engine.protocol import Engine
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.synthesis.record import RunRecord
from gpiot_cli.synthesis.run import Options
from gpiot_cli.synthesis.specification import Parameter, Specification, parse_parameter

TASKS = Path(__file__).with_name("applications.toml")

Progress = Callable[[str], None]


class Task(BaseModel):
    """One entry of `applications.toml`, where its fields are explained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    topic: str
    recipe: str
    source: str
    statement: str
    function: str
    inputs: tuple[str, ...]
    answer: str
    judge: Judge
    enough: float

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What a recording holds."""
        return tuple(parse_parameter(line) for line in self.inputs)

    @property
    def specification(self) -> Specification:
        """What the model is asked for when it is asked alone."""
        return Specification(
            name=self.function,
            target=self.statement,
            inputs=self.parameters,
            outputs=(parse_parameter(self.answer),),
        )


def load_tasks() -> list[Task]:
    """The tasks in their order."""
    entries = tomllib.loads(TASKS.read_text(encoding="utf-8"))["task"]
    return [Task.model_validate(entry) for entry in entries]


def choose(names: Sequence[str]) -> list[Task]:
    """The named tasks, or all of them; `GpiotError` for a name that is none."""
    tasks = {task.name: task for task in load_tasks()}
    if unknown := set(names) - tasks.keys():
        raise GpiotError(
            f"There is no task {', '.join(sorted(unknown))}.", f"There are {', '.join(tasks)}."
        )
    return [task for name, task in tasks.items() if not names or name in names]


class Bench:
    """One task: its recordings, written where programs can read them, and its truths."""

    def __init__(self, task: Task, signals: Path, folder: Path) -> None:
        self.task = task
        self.folder = folder
        example, *judged = cases(task.name, signals)
        self.judged: Mapping[str, Case] = {case.name: case for case in judged}
        self.example = self._write(example, folder / "example")
        self.data = folder / "data"
        for case in judged:
            self._write(case, self.data)

    def _write(self, case: Case, into: Path) -> Path:
        """Write a recording as users give it; its truth stays here."""
        meanings = {p.name: p.meaning for p in self.task.parameters}
        return write_recording(into / f"{case.name}.npz", case.values, meanings)

    def measure_project(
        self, results: Results, seed: int, candidates: int, engine: Engine, knowledge: Knowledge
    ) -> Line:
        """Make a project with `seed` on the example and judge it on the other recordings."""
        folder = self.folder / "projects" / f"seed-{seed:02d}"
        line = {"task": self.task.name} | project_line(
            Options(self.task.statement, folder, self.example, candidates=candidates, seed=seed),
            engine,
            knowledge,
            partial(self._judge_project, folder),
            lambda reason: self.judge_all(failing(reason)),
        )
        results.add("system", line)
        return line

    def _judge_project(self, folder: Path, record: RunRecord) -> Line:
        run = run_project(folder, self.data)
        line = self.judge_all(partial(self._answer_of, run, record))
        run.drop()
        return line

    def measure_direct(self, results: Results, count: int, engine: Engine, say: Progress) -> None:
        """The model alone: `count` programs for the task's function, at temperature 0.8."""
        name, specification = self.task.name, self.task.specification
        done = {line["index"] for line in results.lines("direct") if line["task"] == name}
        for index, program, line in alone.programs(
            engine, self.task.statement, specification, count, done
        ):
            line["task"] = name
            if program.fault:
                line |= self.judge_all(failing(program.fault))
            else:
                line |= self.judge_program(program.code)
            results.add("direct", line)
            say(f"{name}, program {index} of the model alone: {describe(line)}")

    def judge_program(self, code: str) -> Line:
        """Run a program with the task's function on every judged recording."""
        values = {name: case.values for name, case in self.judged.items()}
        inputs = write_inputs(values, self.folder / "inputs")
        answers = run_program(code, self.task.function, inputs, list(self.judged))
        return self.judge_all(partial(self._returned, answers))

    def judge_all(self, answer: Callable[[str], object]) -> Line:
        """Compare `answer(recording)` with the truths; a `ValueError` of it counts as wrong."""
        verdicts: dict[str, Any] = {}
        for name, case in self.judged.items():
            try:
                found = answer(name)
                right = self.task.judge.is_right(found, case.truth)
                verdicts[name] = {"right": right, "answer": _short(found)}
            except ValueError as error:
                verdicts[name] = {"right": False, "error": str(error)[:300]}
        share = sum(bool(v["right"]) for v in verdicts.values()) / len(verdicts)
        ran = not any("error" in v for v in verdicts.values())
        right = share >= self.task.enough
        return {"ran": ran, "share": round(share, 4), "right": right, "records": verdicts}

    def _answer_of(self, run: ProjectRun, record: RunRecord, name: str) -> object:
        outputs = last_first(run.outputs(name), record)
        return self.task.judge.find(outputs, self.task.specification.outputs[0].name)

    def _returned(self, answers: Mapping[str, Answer], name: str) -> object:
        answer = answers[name]
        if answer.error:
            raise ValueError(answer.error)
        if not self.task.judge.accepts(answer.value):
            kind = type(answer.value).__name__
            raise ValueError(
                f"it returns a {kind}, which is not of the kind {self.task.judge.kind}"
            )
        return answer.value


def measure(
    results: Results,
    benches: Sequence[Bench],
    *,
    projects: int,
    programs: int,
    candidates: int,
    engine: Engine,
    knowledge: Knowledge,
    say: Progress,
) -> None:
    """Every task: `programs` of the model alone, then one project per seed below `projects`."""
    for bench in benches:
        bench.measure_direct(results, programs, engine, say)
    for seed in range(projects):  # seed by seed: a measurement that is cut short covers all tasks
        for bench in benches:
            name = bench.task.name
            if any((old["task"], old["seed"]) == (name, seed) for old in results.lines("system")):
                continue
            line = bench.measure_project(results, seed, candidates, engine, knowledge)
            say(f"{name}, project {seed}: {describe(line)}")


def describe(line: Line) -> str:
    """A line in words."""
    verdicts = line["records"].values()
    words = f"right on {sum(bool(v['right']) for v in verdicts)} of {len(line['records'])}"
    errors = [v["error"] for v in verdicts if "error" in v]
    return f"{words}; failed on {len(errors)}: {errors[0]}" if errors else words


def settings(benches: Sequence[Bench], candidates: int) -> dict[str, object]:
    """What must be equal for two measurements to be one."""
    return {
        "candidates": candidates,
        "tasks": {bench.task.name: bench.task.model_dump() for bench in benches},
        "data": {bench.task.name: _hash(bench) for bench in benches},
        "split": "projects are made on the first recording of a task and judged on all others",
    }


def _hash(bench: Bench) -> str:
    digest = hashlib.sha256()
    for name, case in bench.judged.items():
        digest.update(name.encode())
        for value in [*case.values.values(), case.truth]:
            digest.update(np.asarray(value).tobytes())
    return digest.hexdigest()


def _short(found: object) -> object:
    """The answer as it is kept: numbers and short texts."""
    array = np.asarray(found)
    if array.size == 1 and array.dtype.kind in "iuf":
        return round(float(array.reshape(-1)[0]), 4)
    return found[:80] if isinstance(found, str) else f"{array.size} items"

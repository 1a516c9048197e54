"""Tasks that learn from labelled recordings and name what new ones show (GPIoT, Fig. 15, 16, 19(a)).

Every program gets labelled examples and unlabelled ones, and gives the class of each of the latter;
their labels stay with the judge, so no program reports its own accuracy. Projects are made as
`gpiot new` makes them, on an example of which the task's facts say what it shares with what is judged.
Measured are accuracy, the time of learning and recognising together, and the most memory that the
process held. What fails has accuracy 0.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gpiot_cli.bench import alone
from gpiot_cli.bench.application_data import Case
from gpiot_cli.bench.judging import Judge, failing, is_late
from gpiot_cli.bench.programs import run_program, write_inputs
from gpiot_cli.bench.projects import (
    last_first,
    options_under,
    project_line,
    run_project,
    write_recording,
)
from gpiot_cli.bench.results import Line, Results, commit
from gpiot_cli.engine.protocol import Engine
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.synthesis.record import Ablation, RunRecord
from gpiot_cli.synthesis.specification import Specification

SECONDS = 600.0
"""For learning and recognising one split."""

CLASSES = Judge(kind="classes")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """What is to be recognised, in one or several wordings, and the recordings."""

    name: str
    statements: Mapping[str, str]
    """Name of a wording to what `gpiot new` gets. The model alone gets it with what is known of
    inputs and outputs, which projects read from the data."""
    specification: Specification
    """What the model is asked for when it is asked alone: one output, the classes of the new items."""
    example: Case
    """What projects are made on."""
    splits: Mapping[str, Case]
    """Name of a split to what is learnt from and recognised; its truth are the new items' labels."""
    reference: str
    """A plain program of the specification, which a person wrote."""
    facts: str
    """What the data and the splits are."""

    def settings(self, candidates: int, ablation: Ablation) -> dict[str, object]:
        """What must be equal for two measurements to be one."""
        return {
            "statements": dict(self.statements),
            "signature": self.specification.signature,
            "candidates": candidates,
            "ablation": ablation,
            "data": {"sha256": self._hash()},
            "splits": {name: int(np.size(case.truth)) for name, case in self.splits.items()},
            "chance": {
                name: round(_commonest(case.truth), 4) for name, case in self.splits.items()
            },
            "split": self.facts,
        }

    def _hash(self) -> str:
        digest = hashlib.sha256()
        for case in (self.example, *self.splits.values()):
            for value in (*case.values.values(), case.truth):
                digest.update(np.ascontiguousarray(value).tobytes())
        return digest.hexdigest()


class Bench:
    """One task with its recordings on the disk, and the results that its programs go to."""

    def __init__(self, task: Task, results: Results) -> None:
        self.task = task
        self.results = results
        self.folder = results.folder
        self._example = self._write(task.example, self.folder / "example")
        self._data = {
            name: self._write(case, self.folder / "data" / name).parent
            for name, case in task.splits.items()
        }

    def measure_reference(self, say: Progress) -> None:
        """The plain program."""
        if not self.results.lines("reference"):
            line = {"code": self.task.reference, "commit": commit()}
            line |= self.judge_program(self.task.reference)
            self.results.add("reference", line)
            say(f"the plain program: {describe(line)}")

    def measure_direct(self, count: int, engine: Engine, say: Progress) -> None:
        """The model alone: `count` programs for each wording, at temperature 0.8."""
        for wording, statement in self.task.statements.items():
            done = {x["index"] for x in self.results.lines("direct") if x["wording"] == wording}
            specification = self.task.specification.model_copy(update={"target": statement})
            for index, program, line in alone.programs(
                engine, specification.markdown, specification, count, done
            ):
                line["wording"] = wording
                failed = self.judge(failing(program.fault)) if program.fault else None
                line |= failed or self.judge_program(program.code)
                self.results.add("direct", line)
                say(f"{wording}, program {index} of the model alone: {describe(line)}")

    def measure_projects(
        self,
        seeds: Sequence[int],
        engine: Engine,
        knowledge: Knowledge,
        say: Progress,
    ) -> None:
        """The whole system: for each wording one project per seed, as `gpiot new` makes it."""
        for seed in seeds:  # seed by seed: a measurement that is cut short covers all wordings
            for wording in self.task.statements:
                done = {(x["wording"], x["seed"]) for x in self.results.lines("system")}
                if (wording, seed) not in done:
                    line = self._project(wording, seed, engine, knowledge)
                    self.results.add("system", line)
                    say(f"{wording}, project {seed}: {describe(line)}")

    def _project(self, wording: str, seed: int, engine: Engine, knowledge: Knowledge) -> Line:
        folder = self.folder / "projects" / wording / f"seed-{seed:02d}"
        facts, statement = self.results.facts["settings"], self.task.statements[wording]
        return {"wording": wording} | project_line(
            options_under(facts, statement, folder, self._example, seed),
            engine,
            knowledge,
            partial(self._judge_project, folder),
            lambda reason: self.judge(failing(reason)),
        )

    def _judge_project(self, folder: Path, record: RunRecord) -> Line:
        def answer(split: str) -> "Answer":
            run = run_project(folder, self._data[split])
            try:
                name = self.task.splits[split].name
                outputs = last_first(run.outputs(name), record)
                seconds = float(run.cases[name]["seconds"])
                return Answer(self._classes(split, outputs), seconds, run.memory_mb)
            finally:
                run.drop()

        return self.judge(answer)

    def judge_program(self, code: str) -> Line:
        """Run a program with the task's function on each split, each in its own process."""
        values = {name: case.values for name, case in self.task.splits.items()}
        inputs = write_inputs(values, self.folder / "inputs")

        def answer(split: str) -> "Answer":
            function = self.task.specification.name
            found = run_program(code, function, inputs, [split], record_seconds=SECONDS)[split]
            if found.error:
                raise ValueError(found.error)
            return Answer(self._classes(split, [("", found.value)]), found.seconds, found.memory_mb)

        return self.judge(answer)

    def judge(self, answer: Callable[[str], "Answer"]) -> Line:
        """Compare what `answer` gives for each split with the truth; its `ValueError` is accuracy 0."""
        records: dict[str, Any] = {}
        for split, case in self.task.splits.items():
            try:
                found = answer(split)
                records[split] = {
                    **accuracies(found.classes, np.asarray(case.truth)),
                    "run seconds": round(found.seconds, 2),
                    "memory MB": round(found.memory_mb),
                }
            except ValueError as error:
                records[split] = {
                    "accuracy": 0.0,
                    "balanced accuracy": 0.0,
                    "error": str(error)[:300],
                    "timed out": is_late(str(error)),
                }
        return {"ran": not any("error" in r for r in records.values()), "records": records}

    def _classes(self, split: str, outputs: Sequence[tuple[str, object]]) -> np.ndarray[Any, Any]:
        """The output with a class for each new item: of several the one that is called so."""
        size = np.size(self.task.splits[split].truth)
        fitting = [(n, v) for n, v in outputs if CLASSES.accepts(v) and _size(v) == size]
        if not fitting:
            raise ValueError(f"no result is a class for each of {size} new items")
        found: Any = CLASSES.find(fitting, self.task.specification.outputs[0].name)
        return np.asarray(found).ravel()

    def _write(self, case: Case, folder: Path) -> Path:
        meanings = {p.name: p.meaning for p in self.task.specification.inputs}
        return write_recording(folder / f"{case.name}.npz", case.values, meanings)


@dataclass(frozen=True)
class Answer:
    """What a program recognised, and what it took."""

    classes: np.ndarray[Any, Any]
    seconds: float
    memory_mb: float
    """Peak of the process, with its interpreter, packages and data."""


def accuracies(found: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> dict[str, float]:
    """The share of right classes, and the mean over the classes of the share that is found."""
    right = found == truth
    recalls = [np.mean(right[truth == label]) for label in np.unique(truth)]
    return {
        "accuracy": round(float(np.mean(right)), 4),
        "balanced accuracy": round(float(np.mean(recalls)), 4),
    }


def describe(line: Line) -> str:
    """A line in words."""
    return "; ".join(
        f"{split} {record['error']}" if "error" in record else f"{split} {record['accuracy']:.3f}"
        for split, record in line["records"].items()
    )


def _size(value: Any) -> int:
    return int(np.size(value))


def _commonest(truth: Any) -> float:
    """The share of the commonest class, which always naming it would reach."""
    return float(np.unique(truth, return_counts=True)[1].max() / np.size(truth))

"""The story of `gpiot new`: one sentence becomes a verified project.

Every finished piece is saved to the record inside the project folder before the next begins, so a
run that was killed goes on from there (`carry_on`).
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from gpiot_cli import __version__
from gpiot_cli.engine.protocol import Candidate, Engine, Request
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.sandbox import run as sandbox
from gpiot_cli.synthesis import retrieve
from gpiot_cli.synthesis.at_once import specify_at_once, steps_stand
from gpiot_cli.synthesis.chain import missing_inputs, says_again, unneeded
from gpiot_cli.synthesis.data import Data, files_read, located, open_data
from gpiot_cli.synthesis.decompose import decompose
from gpiot_cli.synthesis.display import Display
from gpiot_cli.synthesis.goal import find_goal
from gpiot_cli.synthesis.project import prepare, write_project, write_step
from gpiot_cli.synthesis.project_files.values import summarize
from gpiot_cli.synthesis.record import RECORD, Ablation, PromptRecord, RunRecord, StepRecord
from gpiot_cli.synthesis.repository import Repository
from gpiot_cli.synthesis.solve import Solution, solve
from gpiot_cli.synthesis.specification import Parameter, Specification
from gpiot_cli.synthesis.transform import transform, untransformed
from gpiot_cli.synthesis.trial import Trial, Trials, recipes_used

ASSEMBLED = "Assemble the project"
WHOLE_RUN = sandbox.Limits(seconds=600)


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    task: str
    out: Path
    data: Path | None = None
    candidates: int = 4
    """Programs drawn per step."""
    seed: int = 0
    budget_minutes: float | None = None
    """When it is used up, the remaining steps get tested recipes only."""
    git: bool = True
    ablation: Ablation = "none"
    dry_run: bool = False
    """The engine gives canned answers: for the record."""
    model: str | None = None
    endpoint: str | None = None
    """What chose the engine, where something did: for `gpiot resume`."""


def new(options: Options, engine: Engine, knowledge: Knowledge, display: Display) -> RunRecord:
    """Make the project `options.out`, which must not exist yet."""
    check(options)
    return start(options, engine, knowledge, display)


def check(options: Options) -> None:
    """Raise `GpiotError` for what cannot become a project, before a model is loaded."""
    if not options.task.strip():
        raise GpiotError("The task is empty.", 'Say what you need, as in "ECG R-peak detection".')
    if options.out.exists():
        raise GpiotError(
            f"{options.out} exists already.",
            "Choose another folder with --out, or go on with `gpiot resume`.",
        )
    if options.data is not None:
        if options.out.resolve().is_relative_to(options.data.expanduser().resolve()):
            raise GpiotError(
                f"{options.out} would lie in the data, {options.data}, and become part of them.",
                "Choose another folder with --out.",
            )
        open_data(options.data, options.task, options.out)


def start(options: Options, engine: Engine, knowledge: Knowledge, display: Display) -> RunRecord:
    """Begin the project of checked options and finish it.

    What fails before there is anything to go on from leaves no folder behind.
    """
    record = RunRecord(
        gpiot_version=__version__,
        task=" ".join(options.task.split()),
        seed=options.seed,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        candidates_per_step=options.candidates,
        budget_minutes=options.budget_minutes,
        git=options.git,
        ablation=options.ablation,
        dry_run=options.dry_run,
        model=model_facts(engine),
        asked_model=_from_anywhere(options.model),
        asked_endpoint=options.endpoint,
        data=str(located(options.data)) if options.data else "",
    )
    _make_folder(options.out, record)
    try:
        return carry_on(options.out, engine, knowledge, display)
    except Exception:
        if not load_record(options.out).subtasks:
            shutil.rmtree(options.out)
        raise


def _from_anywhere(model: str | None) -> str | None:
    """The model as it was named; a file by its whole path, for a run may go on from elsewhere."""
    path = Path(model or "").expanduser()
    return str(path.absolute()) if path.is_file() else model


def _make_folder(folder: Path, record: RunRecord) -> None:
    """Make the project's folder with its record in it, or nothing: it is renamed into place."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
            made = Path(temporary) / "project"
            prepare(made)
            record.save(made)
            made.rename(folder)
    except OSError as error:
        raise GpiotError(
            f"{folder} cannot be made: {error.strerror}.", "Choose another folder with --out."
        ) from error


def carry_on(folder: Path, engine: Engine, knowledge: Knowledge, display: Display) -> RunRecord:
    """Do whatever the record in `folder` says is not done yet."""
    with _alone(folder):
        return _Run(folder, engine, knowledge, display).finish()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the project's folder: two runs in it would undo each other's work."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise GpiotError(
            f"Another gpiot is at work in {folder}.", "Wait until it has ended, or stop it."
        ) from error
    finally:
        os.close(handle)


def settle(folder: Path, record: RunRecord) -> None:
    """Make the last commit of a complete project, should a kill have come between."""
    if record.git:
        with _alone(folder):
            repository = Repository.open_or_create(folder)
            if not repository.holds(RECORD):
                repository.commit(ASSEMBLED)


def load_record(folder: Path) -> RunRecord:
    """The record of a project; a `GpiotError` when the folder is not one."""
    try:
        return RunRecord.load(folder)
    except (OSError, ValueError) as error:
        raise GpiotError(
            f"{folder} is not a gpiot project: its {RECORD} is missing or damaged.",
            "Name the folder that `gpiot new` made.",
        ) from error


def model_facts(engine: Engine) -> dict[str, str]:
    """What a record keeps of the model."""
    info = engine.info
    facts = {"name": info.name, "sha256": info.sha256, "device": info.device}
    return facts | ({"adapters": info.adapters} if info.adapters else {})


def _adapters(facts: dict[str, str]) -> str:
    return f"the adapters {facts['adapters']}" if "adapters" in facts else "no adapters"


def _with_level(levels: str) -> str:
    """The levels of the sandbox that a record names, and the one of this machine."""
    return " and ".join(dict.fromkeys([*filter(None, levels.split(" and ")), sandbox.level().name]))


def _again(number: int, trial: Trial) -> Mapping[str, object]:
    """What the program of a finished step gives once more."""
    if trial.outputs[0] is None:
        raise GpiotError(
            f"Step {number} passed before the interruption and fails now: {trial.reason}.",
            "Try again when the machine is less busy, or begin a new project.",
        )
    return trial.outputs[0]


class _Run:
    """One run's state: the record, the data, and who answers."""

    def __init__(
        self, folder: Path, engine: Engine, knowledge: Knowledge, display: Display
    ) -> None:
        self.folder = folder
        self.engine = engine
        self.knowledge = knowledge
        self.display = display
        self.record = load_record(folder)
        begun_with, facts = self.record.model, model_facts(engine)
        if (begun_with["name"], begun_with["sha256"]) != (facts["name"], facts["sha256"]):
            raise GpiotError(
                f"{folder} was begun with {begun_with['name']}, not with {facts['name']}.",
                "Give the same --model or --endpoint, or begin a new project.",
            )
        if begun_with.get("adapters") != facts.get("adapters"):
            raise GpiotError(
                f"{folder} was begun with {_adapters(begun_with)}, not with {_adapters(facts)}.",
                "Set GPIOT_ADAPTERS to those, or to none, or begin a new project.",
            )
        self.record.sandbox = _with_level(self.record.sandbox)
        self._stage_began: float | None = None
        self.repository = Repository.open_or_create(folder) if self.record.git else None

    def finish(self) -> RunRecord:
        """The stages in order; each is skipped when the record says that it is done."""
        data = self._open_data()
        self.shared = retrieve.for_task(self.knowledge, self.record.task)
        self.record.recipes |= {recipe.name: recipe.sha256 for recipe in self.shared}
        self._decompose(data)
        self._transform(data)
        self._generate_and_verify(data)
        self._assemble(data)
        return self.record

    @property
    def _verifies(self) -> bool:
        return self.record.ablation != "verification"

    # -- stages -------------------------------------------------------------------------------

    def _open_data(self) -> Data:
        path = Path(self.record.data) if self.record.data else None
        if path is not None and self.record.data_is_sample:
            path = self.folder / "data" / path.name  # the project may have been moved
        data = open_data(path, self.record.task, self.folder)
        if self.record.data_sha256 and self.record.data_sha256 != data.sha256:
            raise GpiotError(
                f"{data.path} has changed since this project was begun.",
                "Put the old data back, or begin a new project.",
            )
        self.record.data = str(data.path)
        self.record.data_sha256 = data.sha256
        self.record.data_is_sample = data.is_sample
        self.record.data_parameters = data.parameters
        self._save("data" if data.is_sample else None, "Add sample data")
        return data

    def _decompose(self, data: Data) -> None:
        if self.record.subtasks:
            return
        with self._stage("decompose", "Task decomposition"):
            self.record.goal = find_goal(
                self.record.task, data.parameters, self.shared, self._ask, seed=self.record.seed
            )
            if self.record.goal:
                self.display.note(f"It asks for {self.record.goal}")
            self.record.subtasks = decompose(
                self.record.task,
                self.record.goal,
                data.parameters,
                self.shared,
                cache(partial(retrieve.nearest, self.knowledge)),
                self.knowledge.likeness,
                self._ask,
                seed=self.record.seed,
            )
            self.record.steps = [StepRecord(subtask=text) for text in self.record.subtasks]
        self._save("decompose", "Decompose the task into sub-tasks")

    def _transform(self, data: Data) -> None:
        steps = self.record.steps
        number = 0
        while number < len(steps):
            step = steps[number]
            number += 1
            if step.specification is not None:
                continue
            done = f"Specify step {number}"
            with self._stage("transform", f"Requirement transformation {number}: {step.subtask}"):
                earlier = self._specified(number)
                step.specification = self._specification(number, step, earlier, data)
                if again := says_again(step.specification, earlier):
                    done = f"Leave out a step that gives {again} again"
                    self.display.note(done)
                    number -= 1
                    del steps[number], self.record.subtasks[number]
            self._save("transform", done)
        self._leave_out_unneeded()

    def _leave_out_unneeded(self) -> None:
        """Drop the steps on which what the task asks for does not depend, before any is generated."""
        steps = self.record.steps
        if any(step.candidates for step in steps):
            return
        for index in unneeded(self._specified(len(steps) + 1), self.record.goal):
            done = f"Leave out a step that nothing after it takes: {steps[index].subtask}"
            self.display.note(done)
            del steps[index], self.record.subtasks[index]
            self._save("transform", done)

    def _specification(
        self, number: int, step: StepRecord, earlier: Sequence[Specification], data: Data
    ) -> Specification:
        """The specification of step `number`, which may take what the `earlier` ones give."""
        goal = self.record.goal if number == len(self.record.steps) else None
        if self.record.ablation == "transform":
            return untransformed(step.subtask, data.parameters, earlier, goal)
        near = retrieve.near(self.knowledge, step.subtask)
        specification = transform(
            self.record.task,
            self.record.subtasks,
            number,
            data=data.parameters,
            earlier=earlier,
            recipes=self.shared,
            fitting=near.fitting[0] if near.fitting else None,
            context=near.passage,
            goal=goal,
            ask=self._ask,
            seed=self.record.seed,
        )
        self.display.note(specification.signature)
        return specification

    def _generate_and_verify(self, data: Data) -> None:
        values: dict[str, object] = dict(data.records[0].values)
        steps = self.record.steps
        for number in range(1, len(steps) + 1):
            self._make_step(number, values, data)
        last, goal = steps[-1], self.record.goal
        stands = last.recipe_passed or not self._verifies
        if goal and not self.record.at_once and not stands and not self._over_budget():
            self._try_at_once(goal, values, data)

    def _try_at_once(self, goal: Parameter, values: Mapping[str, object], data: Data) -> None:
        """Do the task in one step too; that step takes the place of the others if it wins."""
        record = self.record
        specification = specify_at_once(record.task, goal, data.parameters)
        step = StepRecord(subtask=record.task, specification=specification)
        inputs = data.records[0].values
        with (
            Trials.on([{p.name: inputs[p.name] for p in specification.inputs}]) as trials,
            self._stage("generate", "The whole task at once"),
        ):
            solution = self._solve(step, specification, trials, data)
        given = record.steps[-1].specification
        answer = values.get(given.outputs[0].name) if given else None
        record.at_once = step
        if steps_stand(answer, solution, goal):
            done = "Keep the steps: the task done at once gives nothing better"
        else:
            record.given_up, record.steps, record.subtasks = record.steps, [step], [step.subtask]
            done = "Do the task at once: its steps do not agree with what that gives"
        self.display.note(done)
        self._save("generate", done)

    def _make_step(self, number: int, values: dict[str, object], data: Data) -> None:
        """Find the program of a step that has none yet, and add what it gives to `values`."""
        step = self.record.steps[number - 1]
        if step.reason and step.code is None:
            return
        specification = step.specification
        assert specification is not None
        if missing := missing_inputs(specification, values):
            if self._over_budget():
                step.reason = f"not tried: an earlier step does not give {missing}"
                return
            # The step may well work on what there is: a filter that failed is not all of a task.
            title = f"Requirement transformation {number}, without {missing}: {step.subtask}"
            with self._stage("transform", title):
                working = self._specified(number, working=True)
                specification = self._specification(number, step, working, data)
            step.specification = specification
            self._save("transform", f"Specify step {number} again, without {missing}")
        with Trials.on([{p.name: values[p.name] for p in specification.inputs}]) as trials:
            if step.code is not None:  # resumed: its values are computed again
                values |= _again(number, trials.run(specification, step.code))
                return
            with self._stage("generate", f"Code generation {number}: {specification.name}"):
                values |= self._solve(step, specification, trials, data).outputs
        write_step(self.folder, self.record, number - 1)
        self._save("generate", f"Write and verify step {number}: {specification.name}")

    def _specified(self, number: int, *, working: bool = False) -> list[Specification]:
        """The specifications of the steps before `number`, or of those that have a program."""
        return [
            step.specification
            for step in self.record.steps[: number - 1]
            if step.specification and (step.code is not None or not working)
        ]

    def _solve(
        self, step: StepRecord, specification: Specification, trials: Trials, data: Data
    ) -> Solution:
        """Solve a step and record what was tried."""
        near = retrieve.near(self.knowledge, f"{step.subtask} {specification.target}")
        step.recipes = [recipe.name for recipe in (*near.fitting, *near.extra)]
        solution = solve(
            specification,
            trials,
            task=self.record.task,
            data=data.parameters,
            shared=self.shared,
            near=near,
            n=self.record.candidates_per_step if self._verifies else 1,
            verify=self._verifies,
            ask=self._ask,
            seed=self.record.seed,
            on_verdict=self.display.verdict,
            out_of_time=self._over_budget,
        )
        step.candidates, step.chosen = solution.candidates, solution.chosen
        step.reason = solution.reason
        step.outputs = {name: summarize(value) for name, value in solution.outputs.items()}
        used = recipes_used(solution.code or "")
        self.record.recipes |= {recipe.name: recipe.sha256 for recipe in used}
        self.display.note(step.reason)
        return solution

    def _assemble(self, data: Data) -> None:
        if self.record.complete:
            return
        with self._stage("assemble", "Project"):
            write_project(self.folder, self.record)
            self.record.whole_run = self._run_whole(data)
            self.display.note(f"The whole project, run in the sandbox: {self.record.whole_run}")
            write_project(self.folder, self.record)
        self.record.complete = True
        self._save("assemble", ASSEMBLED)

    def _run_whole(self, data: Data) -> str:
        """Run `main.py` in a copy of the project; its results come back, "passed" or how it failed.

        In the project itself the program could write `.git`, whose settings git would obey later.
        """
        with TemporaryDirectory(prefix="gpiot-whole-") as temporary:
            copy = Path(temporary) / self.folder.absolute().name
            hidden = shutil.ignore_patterns(".git", ".gpiot", "results", "data")
            shutil.copytree(self.folder, copy, ignore=hidden)
            outcome = sandbox.run(
                [sandbox.python(), "main.py", "--input", str(data.path), "--output", "results"],
                copy,
                read_only=files_read(data.path),
                limits=WHOLE_RUN,
            )
            results = self.folder / "results"
            shutil.rmtree(results, ignore_errors=True)
            if (copy / "results").is_dir():  # without a .git that git would obey
                hidden = shutil.ignore_patterns(".*")
                shutil.copytree(copy / "results", results, ignore=hidden, dirs_exist_ok=True)
        if outcome.returncode == 0 and not outcome.stopped:
            return "passed"
        if outcome.stopped:
            return f"failed: stopped by the {outcome.stopped} limit"
        last = (outcome.stderr or outcome.stdout).strip().splitlines()[-1:] or ["no output"]
        return f"failed: {last[0]}"[:400]

    # -- helpers ------------------------------------------------------------------------------

    def _ask(self, request: Request) -> list[Candidate]:
        started = time.monotonic()
        candidates = self.engine.generate(request, self.display.text)
        self.display.text(0, "\n")  # a reply's end is the end of a line
        self.record.prompts.append(
            PromptRecord(
                stage=request.stage,
                system=request.prompt.system,
                user=request.prompt.user,
                replies=[candidate.text for candidate in candidates],
                tokens=sum(candidate.tokens for candidate in candidates),
                seconds=round(time.monotonic() - started, 2),
            )
        )
        return candidates

    def _over_budget(self) -> bool:
        budget = self.record.budget_minutes
        running = 0.0 if self._stage_began is None else time.monotonic() - self._stage_began
        return budget is not None and sum(self.record.timings.values()) + running > budget * 60

    @contextmanager
    def _stage(self, name: str, title: str) -> Iterator[None]:
        self.display.stage(title)
        began = self._stage_began = time.monotonic()
        yield
        taken = self.record.timings.get(name, 0.0) + time.monotonic() - began
        self.record.timings[name] = round(taken, 2)
        self._stage_began = None

    def _save(self, stage: str | None, message: str) -> None:
        self.record.save(self.folder)
        if self.repository is not None and stage is not None:
            self.repository.commit(message)

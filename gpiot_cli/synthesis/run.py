"""The story of `gpiot new`: one sentence becomes a verified project.

Every finished piece is saved to the record inside the project folder before the next begins, so a
run that was killed goes on from there (`carry_on`).
"""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from gpiot_cli import __version__
from gpiot_cli.engine.protocol import Candidate, Engine, Request
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.recipe import Recipe, load_recipes
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.sandbox import run as sandbox
from gpiot_cli.synthesis.data import Data, open_data
from gpiot_cli.synthesis.decompose import decompose
from gpiot_cli.synthesis.generate import generate, repair
from gpiot_cli.synthesis.project import prepare, write_project, write_step
from gpiot_cli.synthesis.project_files.values import summarize
from gpiot_cli.synthesis.record import RECORD, CandidateRecord, PromptRecord, RunRecord, StepRecord
from gpiot_cli.synthesis.repository import Repository
from gpiot_cli.synthesis.specification import Specification
from gpiot_cli.synthesis.transform import transform
from gpiot_cli.synthesis.trial import Trials, recipes_used
from gpiot_cli.synthesis.verify import Verifier

SHARED_RECIPES = 6
"""Recipes shown to every stage: nearest to the task as a whole."""

FITTING = 0.5
"""Cosine similarity from which a recipe counts as fitting a sub-task."""

REPAIR_ROUNDS = 2
REPAIRS = 2
WHOLE_RUN = sandbox.Limits(seconds=600)


class Display(Protocol):
    """What watches a run: a terminal, or nothing."""

    def stage(self, title: str) -> None:
        """A stage begins."""

    def text(self, candidate: int, piece: str) -> None:
        """The model wrote a piece of a candidate's text."""

    def verdict(self, candidate: CandidateRecord) -> None:
        """A candidate was run."""

    def note(self, sentence: str) -> None:
        """Something worth knowing happened."""


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
    dry_run: bool = False
    """The engine gives canned answers: for the record."""


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
        dry_run=options.dry_run,
        model=model_facts(engine),
        sandbox=sandbox.level().name,
        data=str(options.data.expanduser().resolve()) if options.data else "",
    )
    _make_folder(options.out, record)
    try:
        return carry_on(options.out, engine, knowledge, display)
    except Exception:
        if not load_record(options.out).subtasks:
            shutil.rmtree(options.out)
        raise


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
    return _Run(folder, engine, knowledge, display).finish()


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
    return {"name": info.name, "sha256": info.sha256, "device": info.device}


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
        self.repository = Repository.open_or_create(folder) if self.record.git else None
        self.started = time.monotonic()

    def finish(self) -> RunRecord:
        """The stages in order; each is skipped when the record says that it is done."""
        data = self._open_data()
        self.shared = self._recipes_for_task()
        self._decompose(data)
        self._transform(data)
        self._generate_and_verify(data)
        self._assemble(data)
        return self.record

    # -- stages -------------------------------------------------------------------------------

    def _open_data(self) -> Data:
        path = Path(self.record.data) if self.record.data else None
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

    def _recipes_for_task(self) -> list[Recipe]:
        passages = self.knowledge.search(self.record.task, SHARED_RECIPES, kind="recipe")
        recipes = load_recipes()
        found = [recipes[p.recipe] for p in passages if p.recipe in recipes]
        self.record.recipes |= {recipe.name: recipe.sha256 for recipe in found}
        return found

    def _decompose(self, data: Data) -> None:
        if self.record.subtasks:
            return
        with self._stage("decompose", "Task decomposition"):
            self.record.subtasks = decompose(
                self.record.task,
                data.parameters,
                self.shared,
                self._nearest,
                self._ask,
                seed=self.record.seed,
            )
            self.record.steps = [StepRecord(subtask=text) for text in self.record.subtasks]
        self._save("decompose", "Decompose the task into sub-tasks")

    def _transform(self, data: Data) -> None:
        for number, step in enumerate(self.record.steps, start=1):
            if step.specification is not None:
                continue
            with self._stage("transform", f"Requirement transformation {number}: {step.subtask}"):
                fitting, extra, context = self._context(step.subtask)
                step.recipes = [recipe.name for recipe in [*fitting, *extra]]
                step.specification = transform(
                    self.record.task,
                    self.record.subtasks,
                    number,
                    data=data.parameters,
                    earlier=[s.specification for s in self.record.steps if s.specification],
                    recipes=self.shared,
                    fitting=fitting[0] if fitting else None,
                    context=context,
                    ask=self._ask,
                    seed=self.record.seed,
                )
                self.display.note(step.specification.signature)
            self._save("transform", f"Specify step {number}")

    def _generate_and_verify(self, data: Data) -> None:
        values: dict[str, object] = dict(data.records[0].values)
        for number, step in enumerate(self.record.steps, start=1):
            specification = step.specification
            assert specification is not None
            missing = [p.name for p in specification.inputs if p.name not in values]
            if missing:
                step.reason = f"not tried: an earlier step does not give {', '.join(missing)}"
                continue
            inputs = {p.name: values[p.name] for p in specification.inputs}
            with Trials.on(inputs) as trials:
                if step.code is not None:  # resumed: its values are computed again
                    values |= trials.run(specification, step.code).outputs
                    continue
                if step.reason:
                    continue
                with self._stage("generate", f"Code generation {number}: {specification.name}"):
                    values |= self._solve(step, specification, inputs, trials, data)
            write_step(self.folder, self.record, number - 1)
            self._save("generate", f"Write and verify step {number}: {specification.name}")

    def _solve(
        self,
        step: StepRecord,
        specification: Specification,
        inputs: Mapping[str, object],
        trials: Trials,
        data: Data,
    ) -> dict[str, object]:
        """Candidates, repairs where none survives, and the choice; the chosen one's outputs."""
        verifier = Verifier(specification, inputs, trials, self.display.verdict)
        summaries = {name: summarize(value) for name, value in inputs.items()}
        fitting, extra, context = self._context(f"{step.subtask} {specification.target}")
        known = {recipe.name for recipe in self.shared}
        if not self._over_budget():
            programs = generate(
                self.record.task,
                specification,
                data=data.parameters,
                recipes=self.shared,
                extra=[recipe for recipe in [*fitting, *extra] if recipe.name not in known],
                values=summaries,
                context=context,
                n=self.record.candidates_per_step,
                ask=self._ask,
                seed=self.record.seed,
            )
            verifier.add(programs, "model")
        for recipe in fitting:
            verifier.add_recipe(recipe)
        for attempt in range(REPAIR_ROUNDS):
            failed = verifier.worst()
            if verifier.model_survives or failed is None or self._over_budget():
                break
            repairs = repair(
                self.record.task,
                specification,
                data=data.parameters,
                recipes=self.shared,
                values=summaries,
                code=failed[0],
                failure=failed[1],
                n=REPAIRS,
                ask=self._ask,
                seed=self.record.seed + attempt,
            )
            verifier.add(repairs, "repair")
        step.candidates = verifier.candidates
        step.chosen, step.reason = verifier.choose()
        self.display.note(step.reason)
        if step.chosen is None:
            return {}
        outputs = verifier.outputs(step.chosen)
        step.outputs = {name: summarize(value) for name, value in outputs.items()}
        used = recipes_used(step.candidates[step.chosen].code)
        self.record.recipes |= {recipe.name: recipe.sha256 for recipe in used}
        return outputs

    def _assemble(self, data: Data) -> None:
        if self.record.complete:
            return
        used = {
            recipe.name: recipe.path
            for step in self.record.steps
            if step.code is not None
            for recipe in recipes_used(step.code)
        }
        with self._stage("assemble", "Project"):
            write_project(self.folder, self.record, used)
            outcome = sandbox.run(
                [sandbox.python(), "main.py", "--input", str(data.path), "--output", "results"],
                self.folder,
                read_only=[data.path if data.path.is_dir() else data.path.parent],
                limits=WHOLE_RUN,
            )
            passed = outcome.returncode == 0 and not outcome.stopped
            last = (outcome.stderr or outcome.stdout).strip().splitlines()[-1:] or [""]
            self.record.whole_run = "passed" if passed else f"failed: {last[0]}"[:400]
            self.display.note(f"The whole project, run in the sandbox: {self.record.whole_run}")
            write_project(self.folder, self.record, used)
        self.record.complete = True
        self._save("assemble", "Assemble the project")

    # -- helpers ------------------------------------------------------------------------------

    def _ask(self, request: Request) -> list[Candidate]:
        started = time.monotonic()
        candidates = self.engine.generate(request, self.display.text)
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

    def _nearest(self, text: str) -> float:
        passages = self.knowledge.search(text, 1, kind="recipe")
        return passages[0].similarity if passages else 0.0

    def _context(self, text: str) -> tuple[list[Recipe], list[Recipe], str]:
        """For a sub-task: recipes that fit it, others near it, and the user's own passage."""
        recipes = load_recipes()
        near = [
            (recipes[p.recipe], p.similarity)
            for p in self.knowledge.search(text, 2, kind="recipe")
            if p.recipe in recipes
        ]
        fitting = [recipe for recipe, similarity in near[:1] if similarity >= FITTING]
        extra = [recipe for recipe, _ in near if recipe not in fitting]
        documents = self.knowledge.search(text, 1, kind="document")
        return fitting, extra, documents[0].text if documents else ""

    def _over_budget(self) -> bool:
        budget = self.record.budget_minutes
        return budget is not None and sum(self.record.timings.values()) > budget * 60

    @contextmanager
    def _stage(self, name: str, title: str) -> Iterator[None]:
        self.display.stage(title)
        started = time.monotonic()
        yield
        taken = self.record.timings.get(name, 0.0) + time.monotonic() - started
        self.record.timings[name] = round(taken, 2)

    def _save(self, stage: str | None, message: str) -> None:
        self.record.save(self.folder)
        if self.repository is not None and stage is not None:
            self.repository.commit(message)

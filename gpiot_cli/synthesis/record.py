"""The machine-readable record of a run: `.gpiot/run.json` inside every project.

It is saved after every finished step, so a killed run resumes from it; `complete` is set last.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from gpiot_cli.files import write_atomic
from gpiot_cli.synthesis.specification import Parameter, Specification

RECORD = Path(".gpiot") / "run.json"


class CandidateRecord(BaseModel):
    """One program that was tried for a step, and the verdict on it."""

    code: str
    origin: Literal["model", "repair", "recipe"]
    verdict: str
    """"passed", or the sentence that says why it was rejected."""
    agreement: float = 0.0
    """Weighted share of the survivors, itself among them, whose outputs equal its own, 0 to 1."""
    warnings: list[str] = Field(default_factory=list)
    """Static findings and implausible values: they cost it rank, not its life."""
    seconds: float = 0.0


class StepRecord(BaseModel):
    """One sub-task from its description to its chosen program."""

    subtask: str
    specification: Specification | None = None
    recipes: list[str] = Field(default_factory=list)
    """Names of the recipes shown to the model for this step's programs, best first."""
    candidates: list[CandidateRecord] = Field(default_factory=list)
    chosen: int | None = None
    """Index into `candidates`; None when none survived."""
    reason: str = ""
    """Why this candidate was chosen, or why there is none."""
    outputs: dict[str, str] = Field(default_factory=dict)
    """Output name to a one-line summary of the real value: type, shape, range."""

    @property
    def code(self) -> str | None:
        """The chosen program."""
        return None if self.chosen is None else self.candidates[self.chosen].code

    @property
    def recipe_passed(self) -> bool:
        """Whether a tested recipe that does the whole step is among what passed."""
        return any(c.origin == "recipe" and c.verdict == "passed" for c in self.candidates)


class PromptRecord(BaseModel):
    """One exchange with the model."""

    stage: str
    system: str
    user: str
    replies: list[str]
    tokens: int
    seconds: float


Ablation = Literal["none", "knowledge", "transform", "adapters", "verification"]
"""What `gpiot bench` leaves out of a project, to measure what it adds (Fig. 19 to 22). Knowledge and
adapters are left out by who opens them."""


class RunRecord(BaseModel):
    """Everything needed to explain a project, or to go on with it."""

    gpiot_version: str
    task: str
    seed: int
    created: str
    candidates_per_step: int
    budget_minutes: float | None = None
    git: bool = True
    ablation: Ablation = "none"
    dry_run: bool = False
    """Made with canned answers instead of a language model's."""
    model: dict[str, str] = Field(default_factory=dict)
    """`name`, `sha256` and `device` of what answers, and the `adapters` it answers with, if any."""
    asked_model: str | None = None
    asked_endpoint: str | None = None
    """The --model and --endpoint that it was begun with."""
    recipes: dict[str, str] = Field(default_factory=dict)
    """Every recipe used, name to sha256."""
    data: str = ""
    """Path of the user's data, or of the sample data inside the project."""
    data_sha256: str = ""
    data_is_sample: bool = False
    data_parameters: tuple[Parameter, ...] = ()
    goal: Parameter | None = None
    """What the task asks for; None where the model could not say."""
    subtasks: list[str] = Field(default_factory=list)
    steps: list[StepRecord] = Field(default_factory=list)
    at_once: StepRecord | None = None
    """The whole task as one step, where it was tried beside the steps."""
    given_up: list[StepRecord] = Field(default_factory=list)
    """The steps that the task done at once has taken the place of."""
    prompts: list[PromptRecord] = Field(default_factory=list)
    timings: dict[str, float] = Field(default_factory=dict)
    """Stage to seconds."""
    sandbox: str = ""
    """The level of the sandbox; all of them where it was gone on with at another."""
    whole_run: str = ""
    """"passed", or how `main.py` failed when the finished project was run on the data."""
    complete: bool = False

    def save(self, project: Path) -> None:
        """Write the record atomically into the project folder."""
        write_atomic(project / RECORD, self.model_dump_json(indent=1))

    @classmethod
    def load(cls, project: Path) -> "RunRecord":
        """Read the record of a project; raises `OSError` or `pydantic.ValidationError`."""
        return cls.model_validate_json((project / RECORD).read_text(encoding="utf-8"))

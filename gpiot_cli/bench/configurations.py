"""The configurations that `gpiot bench iotbench` compares: the whole system, and each part left out.

| ablation | what is left out |
|---|---|
| none | nothing: what `gpiot generate --spec` and `gpiot decompose` do |
| knowledge | recipes, in the prompts and as candidates |
| transform | the structure of the specification: the model gets the same facts as one paragraph |
| adapters | LoRA adapters (the engine is opened without; so it is for `direct`) |
| verification | example inputs, running, repairing and choosing: the first program that the model writes is the answer |
| direct | all of it: the model alone, asked in one prompt |

Transform and verification have no part in decomposition. Without the structure the inputs that rules
make come from names and types alone, since nothing else is told of a parameter by itself.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from gpiot_cli.bench.alone import BATCH
from gpiot_cli.bench.tasks import CodeTask, DecompositionTask
from gpiot_cli.engine.protocol import Candidate, Engine, Request, Sampling
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.prompts import render
from gpiot_cli.synthesis import retrieve
from gpiot_cli.synthesis.ask import Ask
from gpiot_cli.synthesis.data import open_data
from gpiot_cli.synthesis.decompose import decompose
from gpiot_cli.synthesis.generate import Program, direct, generate, generation_prompt
from gpiot_cli.synthesis.goal import find_goal
from gpiot_cli.synthesis.solve import recipes_for, solve_specification
from gpiot_cli.synthesis.specification import Parameter, Specification

Ablation = Literal["none", "knowledge", "transform", "adapters", "verification", "direct"]

DECOMPOSES: tuple[Ablation, ...] = ("none", "knowledge", "adapters", "direct")
"""The ablations that change how a task is decomposed."""

OUT_OF_TIME = "stopped by the time limit"

MARKS = re.compile(r"^(?:#+ |[-*•] |\d{1,2}[.)] )+|\*\*")
"""Headings, bullets and numbers before a sub-task, and bold type."""

Draw = Callable[[Ask, int, int], list[Program]]
"""Draws so many programs with a seed."""


@dataclass(frozen=True)
class Exchange:
    """A request's stage and raw replies, and what they took."""

    stage: str
    replies: list[str]
    tokens: int
    seconds: float


class Recorder:
    """Asks an engine and remembers the exchanges."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._exchanges: list[Exchange] = []
        self.broken = False
        """Whether the last request raised: such an error is the engine's, not a program's."""

    def ask(self, request: Request) -> list[Candidate]:
        """The engine's answer."""
        self.broken = True
        started = time.monotonic()
        candidates = self._engine.generate(request)
        seconds = round(time.monotonic() - started, 2)
        self.broken = False
        tokens = sum(candidate.tokens for candidate in candidates)
        replies = [candidate.text for candidate in candidates]
        self._exchanges.append(Exchange(request.stage, replies, tokens, seconds))
        return candidates

    def take(self) -> list[Exchange]:
        """The exchanges since the last call."""
        taken, self._exchanges = self._exchanges, []
        return taken


@dataclass(frozen=True)
class Sample:
    """One independent answer to a task."""

    index: int
    seed: int
    seconds: float
    """To make it; of a batch, its share."""
    tokens: int
    exchanges: list[Exchange]


@dataclass(frozen=True)
class CodeSample(Sample):
    """A program; `code` is empty where there is none, for the reason `fault`."""

    code: str = ""
    origin: str = ""
    """"model", "repair" or "recipe": what the chosen program is."""
    verified: bool = False
    """Whether it ran on inputs made from the specification and was chosen by its outputs."""
    fault: str = ""
    timed_out: bool = False


@dataclass(frozen=True)
class DecompositionSample(Sample):
    """The sub-tasks without their marks, and the text whose format is judged; empty without any."""

    subtasks: list[str] = field(default_factory=list)
    text: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Configuration:
    """One way to answer: an ablation, and what answers. `knowledge` is None where it is left out."""

    ablation: Ablation
    recorder: Recorder
    knowledge: Knowledge | None
    embedder: Embedder
    candidates: int = 4

    def programs(self, task: CodeTask, wanted: Sequence[int]) -> Iterator[CodeSample]:
        """The samples of a code task with the indices `wanted`."""
        if self.ablation == "direct":
            specification = task.specification
            yield from self._batches(wanted, partial(_alone, task.statement, specification))
        elif self.ablation == "verification":
            yield from self._batches(wanted, partial(self._unverified, with_problem(task)))
        else:
            flat = self.ablation == "transform"
            specification = as_prose(task) if flat else with_problem(task)
            for index in wanted:
                yield self._solved(specification, index)

    def decompositions(
        self, task: DecompositionTask, wanted: Sequence[int]
    ) -> Iterator[DecompositionSample]:
        """The samples of a decomposition task with the indices `wanted`."""
        problem = " ".join(task.problem.split())
        if self.ablation == "direct":
            yield from self._decomposed_alone(problem, wanted)
        else:
            for index in wanted:
                yield self._decomposed(problem, index)

    # -- programs -----------------------------------------------------------------------------

    def _solved(self, specification: Specification, index: int) -> CodeSample:
        """One run of the system, as `gpiot generate --spec` makes it with this seed."""
        started = time.monotonic()
        solution = solve_specification(
            specification,
            n=self.candidates,
            ask=self.recorder.ask,
            seed=index,
            knowledge=self.knowledge,
        )
        seconds = round(time.monotonic() - started, 1)
        exchanges = self.recorder.take()
        tokens = sum(exchange.tokens for exchange in exchanges)
        if solution.chosen is None:
            verdicts = [candidate.verdict for candidate in solution.candidates]
            fault = f"{solution.reason}: {verdicts[-1]}" if verdicts else solution.reason
            late = any(verdict.startswith(OUT_OF_TIME) for verdict in verdicts)
            return CodeSample(index, index, seconds, tokens, exchanges, fault=fault, timed_out=late)
        chosen = solution.candidates[solution.chosen]
        return CodeSample(
            *(index, index, seconds, tokens, exchanges),
            code=chosen.code,
            origin=chosen.origin,
            verified=chosen.verdict == "passed",
        )

    def _unverified(
        self, specification: Specification, ask: Ask, n: int, seed: int
    ) -> list[Program]:
        """What the model writes first, given all that the system gives it without running anything."""
        assert self.knowledge is not None
        near = retrieve.near(self.knowledge, specification.target)
        fitting, others = recipes_for(specification, near)
        prompt = generation_prompt(
            specification.target,
            specification,
            data=specification.inputs,
            recipes=retrieve.for_task(self.knowledge, specification.target),
            fitting=fitting,
            extra=others,
            context=near.passage,
        )
        return generate(prompt, specification, n=n, ask=ask, seed=seed)

    def _batches(self, wanted: Sequence[int], draw: Draw) -> Iterator[CodeSample]:
        """Independent programs of one prompt, decoded together; a batch has one seed."""
        for first in range(0, len(wanted), BATCH):
            batch = wanted[first : first + BATCH]
            started = time.monotonic()
            drawn: list[Candidate] = []
            programs = draw(partial(_remember, self.recorder, drawn), len(batch), batch[0])
            seconds = round((time.monotonic() - started) / len(batch), 1)
            (exchange,) = self.recorder.take()
            for index, program, reply in zip(batch, programs, drawn, strict=True):
                own = replace(exchange, replies=[reply.text], tokens=reply.tokens)
                yield CodeSample(
                    index,
                    batch[0],
                    seconds,
                    reply.tokens,
                    [own],
                    code=program.code,
                    origin="model",
                    fault=program.fault,
                )

    # -- decompositions -----------------------------------------------------------------------

    def _decomposed(self, problem: str, index: int) -> DecompositionSample:
        """Stage 1 as the product runs it on a problem without data, with this seed."""
        recipes, nearest = [], lambda _: 0.0
        if self.knowledge is not None:
            recipes = retrieve.for_task(self.knowledge, problem)
            nearest = cache(partial(retrieve.nearest, self.knowledge))
        with TemporaryDirectory(prefix="gpiot-bench-") as folder:
            data = open_data(None, problem, Path(folder)).parameters
        started = time.monotonic()
        fault, subtasks = "", []
        try:
            goal = find_goal(problem, data, recipes, self.recorder.ask, seed=index)
            subtasks = decompose(
                problem,
                goal,
                data,
                recipes,
                nearest,
                self._likeness,
                self.recorder.ask,
                seed=index,
            )
        except GpiotError as error:
            if self.recorder.broken:
                raise
            fault = error.message
        seconds = round(time.monotonic() - started, 1)
        exchanges = self.recorder.take()
        tokens = sum(exchange.tokens for exchange in exchanges)
        return DecompositionSample(
            index, index, seconds, tokens, exchanges, subtasks, "\n\n".join(subtasks), fault
        )

    def _likeness(self, one: str, other: str) -> float:
        first, second = self.embedder([one, other])
        return sum(a * b for a, b in zip(first, second, strict=True))

    def _decomposed_alone(
        self, problem: str, wanted: Sequence[int]
    ) -> Iterator[DecompositionSample]:
        """The model's own words for a plain request, without grammar and without a choice."""
        for first in range(0, len(wanted), BATCH):
            batch = wanted[first : first + BATCH]
            started = time.monotonic()
            replies = self.recorder.ask(
                Request(
                    render("direct_decompose", task=problem),
                    stage="direct_decompose",
                    n=len(batch),
                    max_tokens=700,
                    sampling=Sampling(temperature=0.8, seed=batch[0]),
                )
            )
            seconds = round((time.monotonic() - started) / len(batch), 1)
            (exchange,) = self.recorder.take()
            for index, reply in zip(batch, replies, strict=True):
                own = replace(exchange, replies=[reply.text], tokens=reply.tokens)
                text = reply.text.strip()
                fault = "the reply was cut off" if reply.finish == "length" else ""
                subtasks = read_subtasks(text)
                yield DecompositionSample(
                    index, batch[0], seconds, reply.tokens, [own], subtasks, text, fault
                )


def read_subtasks(text: str) -> list[str]:
    """The sub-tasks in a model's own words: paragraphs, or lines where it left none blank."""
    parts = re.split(r"\n\s*\n", text.strip())
    if len(parts) == 1:
        parts = text.splitlines()
    cleaned = (" ".join(MARKS.sub("", part.strip()).split()) for part in parts)
    return [part for part in cleaned if part]


def with_problem(task: CodeTask) -> Specification:
    """The task's specification with its problem in front of the target, as a user would put it.

    The signature is given, as a user gives it to `gpiot generate --spec`: so the shapes that the
    specification states are checked.
    """
    specification = task.specification
    target = f"{task.problem}\n\n{specification.target}"
    return specification.model_copy(update={"target": target, "given_signature": task.signature})


def as_prose(task: CodeTask) -> Specification:
    """The same facts as one paragraph; of inputs and outputs only names and types stay apart."""
    specification = task.specification
    parameters = (*specification.inputs, *specification.outputs)
    facts = " ".join(f"{p.name}: {p.meaning}." for p in parameters)
    target = " ".join(f"{task.problem} {specification.target} {facts}".split())
    bare = {
        "inputs": tuple(_bare(p) for p in specification.inputs),
        "outputs": tuple(_bare(p) for p in specification.outputs),
    }
    return specification.model_copy(update={"target": target, **bare})


def _alone(
    statement: str, specification: Specification, ask: Ask, n: int, seed: int
) -> list[Program]:
    return direct(statement, specification, n=n, ask=ask, seed=seed)


def _remember(recorder: Recorder, drawn: list[Candidate], request: Request) -> list[Candidate]:
    drawn += recorder.ask(request)
    return drawn


def _bare(parameter: Parameter) -> Parameter:
    return parameter.model_copy(update={"meaning": parameter.name})

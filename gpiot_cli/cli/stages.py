"""`gpiot decompose | transform | generate`: the stages one by one, joined by JSON in pipes.

Each reads what the one before wrote and adds its own part:
{"task", "source", "data", "goal", "subtasks", "specifications", "programs"}.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gpiot_cli.cli.asking import (
    Candidates,
    Endpoint,
    Model,
    Seed,
    open_asked,
    open_knowledge,
    tell_sandbox,
)
from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.errors import GpiotError, first_fault

if TYPE_CHECKING:
    from gpiot_cli.synthesis.ask import Ask
    from gpiot_cli.synthesis.chain import Chain
    from gpiot_cli.synthesis.data import Data
    from gpiot_cli.synthesis.generate import Program
    from gpiot_cli.synthesis.record import CandidateRecord
    from gpiot_cli.synthesis.solve import Solution
    from gpiot_cli.synthesis.specification import Specification

DryRun = Annotated[bool, typer.Option("--dry-run", help="Use canned answers, no model.")]
NoKnowledge = Annotated[bool, typer.Option("--no-knowledge", help="Give the model no recipes.")]
Before = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="JSON of the stage before. Default: stdin.")
]


def decompose(
    task: Annotated[str, typer.Argument(help="What you need, in a sentence.")],
    data: Annotated[
        Path | None, typer.Option(help="A recording or a folder. Default: like the sample data.")
    ] = None,
    seed: Seed = 0,
    model: Model = None,
    endpoint: Endpoint = None,
    no_knowledge: NoKnowledge = False,
    dry_run: DryRun = False,
) -> None:
    """Split a task into sub-tasks; JSON on stdout.

    \b
    Examples:
      gpiot decompose "ECG R-peak detection"
      gpiot decompose "Count steps" --data walk.csv | gpiot transform | gpiot generate
    """
    from gpiot_cli.synthesis import retrieve
    from gpiot_cli.synthesis.data import located
    from gpiot_cli.synthesis.decompose import decompose as stage
    from gpiot_cli.synthesis.goal import find_goal

    if not task.strip():
        raise GpiotError("The task is empty.", 'Say what you need, as in "ECG R-peak detection".')
    with _data(data, task) as opened:
        parameters = opened.parameters
    ask = open_asked(model, endpoint, dry_run=dry_run).generate
    recipes, nearest, likeness = [], lambda _: 0.0, lambda _one, _other: 0.0
    if not no_knowledge:
        knowledge = open_knowledge()
        recipes, likeness = retrieve.for_task(knowledge, task), knowledge.likeness
        nearest = cache(partial(retrieve.nearest, knowledge))
    goal = find_goal(task, parameters, recipes, ask, seed=seed)
    subtasks = stage(task, goal, parameters, recipes, nearest, likeness, ask, seed=seed)
    print_json(
        {
            "task": task,
            "source": str(located(data)) if data else None,
            "data": _dumped(parameters),
            "goal": goal and goal.model_dump(),
            "subtasks": subtasks,
        }
    )


def transform(
    before: Before = None,
    seed: Seed = 0,
    model: Model = None,
    endpoint: Endpoint = None,
    no_knowledge: NoKnowledge = False,
    dry_run: DryRun = False,
) -> None:
    """Turn sub-tasks into specifications: target, inputs, outputs; JSON on stdout.

    \b
    Example:
      gpiot decompose "ECG R-peak detection" | gpiot transform
    """
    from gpiot_cli.synthesis import retrieve
    from gpiot_cli.synthesis.chain import says_again, unneeded
    from gpiot_cli.synthesis.transform import transform as stage

    chain = _read(before, "subtasks")
    task, subtasks = chain.task, list(chain.subtasks)
    ask = open_asked(model, endpoint, dry_run=dry_run).generate
    knowledge = None if no_knowledge else open_knowledge()
    shared = retrieve.for_task(knowledge, task) if knowledge else []
    specifications: list[Specification] = []
    while len(specifications) < len(subtasks):
        number = len(specifications) + 1
        subtask = subtasks[number - 1]
        near = retrieve.near(knowledge, subtask) if knowledge else retrieve.Near()
        specification = stage(
            task,
            subtasks,
            number,
            data=chain.data,
            earlier=specifications,
            recipes=shared,
            fitting=near.fitting[0] if near.fitting else None,
            context=near.passage,
            goal=chain.goal if number == len(subtasks) else None,
            ask=ask,
            seed=seed,
        )
        if again := says_again(specification, specifications):
            talk.print(f"Left out: {specification.name} gives {again} again", markup=False)
            del subtasks[number - 1]
        else:
            specifications.append(specification)
    for index in unneeded(specifications, chain.goal):
        left_out = specifications.pop(index)
        talk.print(f"Left out: nothing takes what {left_out.name} gives", markup=False)
        del subtasks[index]
    print_json(_with(chain, subtasks=subtasks, specifications=specifications))


def generate(
    before: Before = None,
    spec: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="A specification that you wrote.")
    ] = None,
    direct: Annotated[
        bool, typer.Option("--direct", help="The model's first answer, unchecked: a baseline.")
    ] = False,
    candidates: Candidates = 4,
    seed: Seed = 0,
    model: Model = None,
    endpoint: Endpoint = None,
    no_knowledge: NoKnowledge = False,
    dry_run: DryRun = False,
    json: Annotated[
        bool, typer.Option("--json", help="With --spec: all candidates and verdicts as JSON.")
    ] = False,
) -> None:
    """Write programs for specifications, and choose by running them.

    From JSON, the steps run in order on the data, each on what the ones before gave; JSON on
    stdout. `gpiot new` does more: a step that misses what a failed one should give is specified
    again, and the whole task may be tried in one step. With --spec, one program on stdout, run on
    examples that the model writes and on inputs made from the specification:

    \b
      def find_steps(acceleration: np.ndarray, fs: float) -> np.ndarray:
      ## Target
      Find the steps of a walking person.
      ## Inputs
      - acceleration (numpy.ndarray): in m/s^2, shape (n, 3)
      - fs (float): sampling rate in Hz
      ## Outputs
      - steps (numpy.ndarray): positions of the steps in samples

    \b
    Examples:
      gpiot generate --spec steps.md --candidates 8 > steps.py
      gpiot decompose "Count steps" | gpiot transform | gpiot generate
    """
    if not direct:
        tell_sandbox()
    if spec is not None:
        specification = _specification(spec)
        ask = open_asked(model, endpoint, dry_run=dry_run).generate
        _generate_one(specification, ask, candidates, seed, direct, no_knowledge, json)
        return
    chain = _read(before, "specifications")
    ask = open_asked(model, endpoint, dry_run=dry_run).generate
    _generate_chain(chain, ask, candidates, seed, direct, no_knowledge)


def _generate_one(
    specification: "Specification",
    ask: "Ask",
    candidates: int,
    seed: int,
    direct: bool,
    no_knowledge: bool,
    json: bool,
) -> None:
    from gpiot_cli.synthesis.solve import solve_specification

    if direct:
        program = _direct(specification, ask, seed)
        if program.fault:
            raise _nothing(f"{specification.name}: {program.fault}", "Try another --seed.")
        print_json({"program": program.code}) if json else print(program.code, end="")
        return
    solution = solve_specification(
        specification,
        n=candidates,
        ask=ask,
        seed=seed,
        knowledge=None if no_knowledge else open_knowledge(),
        on_verdict=_tell,
    )
    if json:
        print_json(_facts(specification, solution))
    elif solution.program is not None:
        talk.print(solution.reason, markup=False, soft_wrap=True)
        print(solution.program, end="")
    if solution.chosen is None:
        raise _nothing(f"{specification.name}: {solution.reason}")


def _generate_chain(
    chain: "Chain",
    ask: "Ask",
    candidates: int,
    seed: int,
    direct: bool,
    no_knowledge: bool,
) -> None:
    from gpiot_cli.synthesis import retrieve
    from gpiot_cli.synthesis.chain import missing_inputs
    from gpiot_cli.synthesis.solve import solve
    from gpiot_cli.synthesis.trial import Trials

    if direct:
        _generate_directly(chain, ask, seed)
        return
    task = chain.task
    knowledge = None if no_knowledge else open_knowledge()
    shared = retrieve.for_task(knowledge, task) if knowledge else []
    programs: list[dict[str, Any]] = []
    failed = []
    with _data(Path(chain.source) if chain.source else None, task) as data:
        values = dict(data.records[0].values)
        for specification in chain.specifications:
            talk.print(specification.signature, markup=False, soft_wrap=True)
            if missing := missing_inputs(specification, values):
                reason = f"not tried: an earlier step does not give {missing}"
                programs.append({"name": specification.name, "program": None, "reason": reason})
                failed.append(f"{specification.name}: {reason}")
                continue
            with Trials.on([{p.name: values[p.name] for p in specification.inputs}]) as trials:
                near = retrieve.near(knowledge, specification.target) if knowledge else None
                solution = solve(
                    specification,
                    trials,
                    task=task,
                    data=chain.data,
                    shared=shared,
                    near=near or retrieve.Near(),
                    n=candidates,
                    ask=ask,
                    seed=seed,
                    on_verdict=_tell,
                )
            values |= solution.outputs
            programs.append(_facts(specification, solution))
            if solution.chosen is None:
                failed.append(f"{specification.name}: {solution.reason}")
    print_json(_with(chain, programs=programs))
    if failed:
        raise _nothing("; ".join(failed))


def _generate_directly(chain: "Chain", ask: "Ask", seed: int) -> None:
    """The baseline: each step's first answer, whether it can be run or not."""
    programs = []
    for specification in chain.specifications:
        answer = _direct(specification, ask, seed)
        code = None if answer.fault else answer.code
        programs.append({"name": specification.name, "program": code, "reason": answer.fault})
    print_json(_with(chain, programs=programs))
    if failed := [f"{p['name']}: {p['reason']}" for p in programs if p["reason"]]:
        raise _nothing("; ".join(failed), "Try another --seed.")


def _direct(specification: "Specification", ask: "Ask", seed: int) -> "Program":
    from gpiot_cli.synthesis.generate import direct

    (program,) = direct(specification.markdown, specification, n=1, ask=ask, seed=seed)
    return program


def _facts(specification: "Specification", solution: "Solution") -> dict[str, Any]:
    return {
        "name": specification.name,
        "program": solution.program,
        "reason": solution.reason,
        "chosen": solution.chosen,
        "candidates": _dumped(solution.candidates),
    }


def _nothing(
    what: str, remedy: str = "Try more --candidates, another --seed, or a larger --model."
) -> GpiotError:
    return GpiotError(f"There is no working program for {what.rstrip('.')}.", remedy)


def _tell(candidate: "CandidateRecord") -> None:
    from gpiot_cli.cli.display import describe

    talk.print(f"  {describe(candidate)}", markup=False, soft_wrap=True)


@contextmanager
def _data(path: Path | None, task: str) -> "Iterator[Data]":
    """The user's data, or sample data that goes away afterwards."""
    from gpiot_cli.synthesis.data import open_data

    with TemporaryDirectory(prefix="gpiot-data-") as folder:
        yield open_data(path, task, Path(folder))


def _read(before: Path | None, needed: str) -> "Chain":
    """What the stage before wrote; a `GpiotError` when its part is not there."""
    from gpiot_cli.synthesis.chain import Chain

    if before is None and sys.stdin.isatty():
        raise GpiotError(
            "There is nothing on standard input.",
            "Pipe the output of the stage before into this one, or name its file.",
        )
    try:
        text = sys.stdin.read() if before is None else before.read_text(encoding="utf-8")
        chain = Chain.model_validate_json(text)
        if not getattr(chain, needed):
            raise ValueError(f"it lacks '{needed}'")
    except (OSError, ValueError) as error:
        raise GpiotError(
            f"{before or 'Standard input'} is not what the stage before writes: {_fault(error)}.",
            "Run `gpiot decompose`, then `gpiot transform`, then `gpiot generate`.",
        ) from error
    return chain


def _with(chain: "Chain", **added: Any) -> dict[str, Any]:
    """The chain and what a stage adds to it, as JSON."""
    return chain.model_copy(update=added).model_dump(mode="json", exclude_unset=True)


def _specification(path: Path) -> "Specification":
    from gpiot_cli.synthesis.specification import Specification

    try:
        # Editors on Windows put a byte order mark before the first line.
        return Specification.from_markdown(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise GpiotError(
            f"{path} is not a specification: {_fault(error)}.", "See `gpiot generate --help`."
        ) from error


def _fault(error: Exception) -> str:
    """What is wrong, on one line."""
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        return first_fault(error)
    words = error.strerror if isinstance(error, OSError) else str(error)
    return " ".join((words or type(error).__name__).split())


def _dumped(models: Any) -> list[dict[str, Any]]:
    return [model.model_dump(mode="json") for model in models]

"""`gpiot bench iotbench`: one configuration on IoTBench's code and decomposition tasks (Fig. 17-22).

A line of `code.jsonl` or `decomposition.jsonl` is one sample of one task, with all its metrics; the
model's raw replies are in `raw/KIND/TASK-SAMPLE.json`. The tasks are taken one after the other, each
with all of its samples, so that the prompt stays in the engine's cache. A first run with fewer
samples, gone on with later with more, covers all tasks early.
"""

import json
import resource
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Literal

from gpiot_cli.bench.configurations import (
    DECOMPOSES,
    Ablation,
    CodeSample,
    Configuration,
    DecompositionSample,
    Sample,
)
from gpiot_cli.bench.metrics import (
    bleu_counts,
    code_quality,
    completeness,
    defines,
    is_decomposition,
    similarity,
)
from gpiot_cli.bench.results import Line, Results, commit
from gpiot_cli.bench.tasks import (
    IOTBENCH,
    CodeTask,
    DecompositionTask,
    digest,
    judge,
    load_code_tasks,
    load_decomposition_tasks,
)
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic

Kind = Literal["code", "decomposition"]
KINDS: tuple[Kind, ...] = ("code", "decomposition")
Progress = Callable[[str], None]

TOOLS = ("sacrebleu", "ruff", "bandit")
"""What the metrics count with."""

PATIENCE = 3
"""So many tasks in a row may raise."""


def choose(
    kinds: Sequence[Kind], ids: Sequence[str], ablation: Ablation
) -> tuple[list[CodeTask], list[DecompositionTask]]:
    """The tasks of the kinds, all or those named; `GpiotError` for a name that is none of them.

    An ablation that has no part in decomposition leaves these tasks out, unless nothing is left.
    """
    code = load_code_tasks() if "code" in kinds else []
    decomposition = load_decomposition_tasks() if "decomposition" in kinds else []
    if unknown := set(ids) - {task.id for task in (*code, *decomposition)}:
        raise GpiotError(
            f"IoTBench has no task {', '.join(sorted(unknown))} of this kind.",
            f"The tasks are the names in {IOTBENCH}.",
        )
    code = [task for task in code if not ids or task.id in ids]
    decomposition = [task for task in decomposition if not ids or task.id in ids]
    if ablation in DECOMPOSES:
        return code, decomposition
    if not code:
        raise GpiotError(
            f"Decomposition has no {ablation} to leave out.",
            f"Choose tasks of the kind code, or --ablation {', '.join(DECOMPOSES)}.",
        )
    return code, []


def settings(ablation: Ablation, candidates: int) -> dict[str, object]:
    """What must be equal for two samples to stand in the same row."""
    return {
        "ablation": ablation,
        "candidates": candidates,
        "data": {"sha256": digest()},
        "tools": {name: version(name) for name in TOOLS},
        "split": "no task is in recipes, prompts or training data (tests/test_iotbench.py)",
    }


def measure(
    results: Results,
    configuration: Configuration,
    code: Sequence[CodeTask],
    decomposition: Sequence[DecompositionTask],
    samples: int,
    say: Progress,
) -> None:
    """Make and judge those of `samples` samples of each task that are not in the results yet.

    A task that raises is left, and the next one is taken; `GpiotError` in the end names such tasks.
    What a third in a row raises is raised at once: it is no single task's fault.
    """
    measured_by = commit()
    todo: list[CodeTask | DecompositionTask] = [*code, *decomposition]
    failed: list[str] = []
    in_a_row = 0
    for number, task in enumerate(todo, start=1):
        row = "code" if isinstance(task, CodeTask) else "decomposition"
        wanted = _missing(results, row, task.id, samples)
        try:
            for sample in _samples(task, wanted, configuration):
                _keep_raw(results, row, task.id, sample)
                line = _line(task, sample, measured_by) | _judged(task, sample, configuration)
                results.add(row, line)
                say(f"{number} of {len(todo)}, {describe(line)}")
            in_a_row = 0 if wanted else in_a_row
        except Exception as error:
            failed.append(task.id)
            in_a_row += 1
            if in_a_row == PATIENCE:
                raise
            configuration.recorder.take()
            say(f"{number} of {len(todo)}, {task.id} is left: {type(error).__name__}: {error}")
    if failed:
        raise GpiotError(
            f"{', '.join(failed)} could not be measured to the end.",
            "The same command tries them again.",
        )


def _samples(
    task: CodeTask | DecompositionTask, wanted: Sequence[int], configuration: Configuration
) -> Iterator[Sample]:
    if isinstance(task, CodeTask):
        return configuration.programs(task, wanted)
    return configuration.decompositions(task, wanted)


def _judged(
    task: CodeTask | DecompositionTask, sample: Sample, configuration: Configuration
) -> Line:
    if isinstance(task, CodeTask):
        assert isinstance(sample, CodeSample)
        return judge_code(task, sample, configuration)
    assert isinstance(sample, DecompositionSample)
    return judge_decomposition(task, sample, configuration)


def judge_code(task: CodeTask, sample: CodeSample, configuration: Configuration) -> Line:
    """Run the task's tests on a program, and measure what Fig. 18 and 19(b) show."""
    line: Line = {"code": sample.code, "origin": sample.origin, "verified": sample.verified}
    if sample.fault:
        line |= {"passed": False, "reason": sample.fault, "timed out": sample.timed_out}
    else:
        line |= tested(task, sample.code)
    return {
        **line,
        "format": not sample.fault and defines(sample.code, task.specification.name),
        "similarity": round(similarity(sample.code, task.reference, configuration.embedder), 4),
        "quality": code_quality(sample.code) if sample.code else None,
    }


def tested(task: CodeTask, code: str) -> Line:
    """What the task's tests say of a program."""
    verdict = judge(task, code)
    return {
        "passed": verdict.passed,
        "reason": verdict.reason,
        "timed out": verdict.timed_out,
        "test seconds": round(verdict.seconds, 1),
    }


def judge_decomposition(
    task: DecompositionTask, sample: DecompositionSample, configuration: Configuration
) -> Line:
    """Measure what Fig. 17 shows; completeness by its proxy."""
    covered = completeness(sample.subtasks, task.subtasks, configuration.embedder)
    return {
        "subtasks": sample.subtasks,
        "reason": sample.fault,
        "format": not sample.fault and is_decomposition(sample.text),
        "bleu": asdict(bleu_counts("\n\n".join(sample.subtasks), task.reference)),
        "completeness": round(covered, 4),
    }


def describe(line: Line) -> str:
    """A line in words."""
    words = f"{line['task']}, sample {line['sample']} ({line['seconds']:.0f} s): "
    if "passed" in line:
        return words + ("passed" if line["passed"] else line["reason"])
    found = "" if line["format"] else f", format wrong {line['reason']}".rstrip()
    return f"{words}completeness {line['completeness']:.2f}{found}"


def _missing(results: Results, row: str, task: str, samples: int) -> list[int]:
    done = {line["sample"] for line in results.lines(row) if line["task"] == task}
    return [index for index in range(samples) if index not in done]


def _line(task: CodeTask | DecompositionTask, sample: Sample, measured_by: str) -> Line:
    """What every sample's line has; the peak memory is this process', up to now."""
    return {
        "task": task.id,
        "topic": task.topic,
        "difficulty": task.difficulty,
        "sample": sample.index,
        "seed": sample.seed,
        "commit": measured_by,
        "seconds": sample.seconds,
        "tokens": sample.tokens,
        "requests": len(sample.exchanges),
        "peak memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _keep_raw(results: Results, row: str, task: str, sample: Sample) -> None:
    path = results.folder / "raw" / row / f"{task}-{sample.index:02d}.json"
    write_atomic(path, json.dumps([asdict(exchange) for exchange in sample.exchanges], indent=1))

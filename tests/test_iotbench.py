"""IoTBench: its tasks are complete and fair, its judge is right, and nothing of it leaks."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from gpiot_cli.bench import tasks
from gpiot_cli.bench.contamination import contamination, protect, protected_tasks
from gpiot_cli.bench.tasks import (
    EXAMINE,
    IOTBENCH,
    CodeTask,
    Topic,
    judge,
    load_code_tasks,
    load_decomposition_tasks,
)
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.embedder import MiniLM
from gpiot_cli.knowledge.recipe import RECIPES, load_recipes
from gpiot_cli.paths import shipped
from gpiot_cli.sandbox.run import Limits, python, run

CODE = load_code_tasks()
DECOMPOSITION = load_decomposition_tasks()

each = pytest.mark.parametrize("task", CODE, ids=lambda task: task.id)
each_decomposition = pytest.mark.parametrize("task", DECOMPOSITION, ids=lambda task: task.id)


def task_named(name: str) -> CodeTask:
    return next(task for task in CODE if task.id == name)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Path of a program to its verdict; one sandbox for all, to be quick."""
    folder = tmp_path_factory.mktemp("iotbench")
    shutil.copy(EXAMINE, folder)
    argv = [python(), EXAMINE.name]
    for task in CODE:
        for program in ("reference.py", "wrong.py"):
            argv += [task.specification.name, str(task.tests.with_name(program)), str(task.tests)]
    outcome = run(argv, folder, read_only=[IOTBENCH], limits=Limits(seconds=600))
    assert outcome.returncode == 0, outcome
    lines = (folder / "verdicts.jsonl").read_text().splitlines()
    return {verdict["program"]: verdict for verdict in map(json.loads, lines)}


@each
def test_the_reference_passes(task: CodeTask, verdicts: dict[str, dict]):
    verdict = verdicts[str(task.tests.with_name("reference.py"))]
    assert verdict["reason"] == ""
    assert verdict["cpu_seconds"] < 5


@each
def test_the_wrong_solution_runs_and_is_found_wrong(task: CodeTask, verdicts: dict[str, dict]):
    assert verdicts[str(task.tests.with_name("wrong.py"))]["reason"].startswith("wrong result: ")


@each
def test_the_specification_is_printed_as_it_is_passed_on(task: CodeTask):
    text = task.tests.with_name("task.md").read_text()
    assert task.specification.markdown in text
    assert task.signature == task.specification.signature
    assert task.id == task.specification.name.replace("_", "-")


@each_decomposition
def test_subtasks_are_titled_sentences(task: tasks.DecompositionTask):
    for subtask in task.subtasks:
        title, colon, sentence = subtask.partition(": ")
        assert colon
        assert title[0].isupper()
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "\n" not in subtask
    assert task.reference.split("\n\n") == list(task.subtasks)
    assert all([task.modality, task.representation, task.resources])


@pytest.mark.parametrize("kind", [CODE, DECOMPOSITION], ids=["code", "decomposition"])
def test_there_are_fifty_over_all_topics_and_difficulties(kind: list[tasks.Task]):
    assert len({task.id for task in kind}) == len(kind) == 50
    assert Counter(task.topic for task in kind) == dict.fromkeys(get_args(Topic), 5)
    difficulties = Counter(task.difficulty for task in kind)
    assert sorted(difficulties) == [1, 2, 3]
    assert min(difficulties.values()) >= 8


def test_the_judge_tells_right_from_wrong():
    task = task_named("noise-dose")
    assert judge(task, task.reference).passed
    judgement = judge(task, task.wrong)
    assert not judgement.passed
    assert judgement.reason.startswith("wrong result: dose ")
    assert not judgement.timed_out


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("def other():\n    pass\n", "it defines no function noise_dose"),
        ("noise_dose = (", "SyntaxError"),
        ("import os\nos._exit(0)\n", "the program ended early"),
        ("raise SystemExit(0)\n", "SystemExit"),
        ("def noise_dose(levels, hours):\n    return levels[99]\n", "line 2: return levels[99]"),
    ],
    ids=["missing", "syntax", "killed", "exit", "crash"],
)
def test_the_judge_says_why_a_program_fails(program: str, reason: str):
    judgement = judge(task_named("noise-dose"), program)
    assert not judgement.passed
    assert reason in judgement.reason


def test_a_timeout_is_told_from_a_wrong_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "LIMITS", Limits(seconds=2))
    judgement = judge(task_named("noise-dose"), "while True:\n    pass\n")
    assert judgement.timed_out
    assert not judgement.passed


def test_a_program_can_import_recipes():
    task = task_named("noise-dose")
    program = f"from recipes.debounce_signal import debounce_signal\n{task.reference}"
    assert judge(task, program).passed


def test_a_faulty_task_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(IOTBENCH / "code" / "noise-dose", tmp_path / "code" / "noise-dose")
    faulty = tmp_path / "code" / "noise-dose" / "task.md"
    faulty.write_text(faulty.read_text().replace("## Outputs", "## Output"))
    monkeypatch.setattr(tasks, "IOTBENCH", tmp_path)
    with pytest.raises(GpiotError, match=r"noise-dose/task\.md .*no heading '## Outputs'"):
        load_code_tasks()


PROTECTED = protected_tasks()


def shown_to_the_model() -> dict[str, str]:
    """Recipes and prompts by file name."""
    files = [*RECIPES.glob("*/*.py"), *shipped("prompts").glob("*.j2")]
    assert len(files) > 100
    return {file.name: file.read_text() for file in files}


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    minilm = MiniLM(offline=True)
    try:
        minilm(["is it there?"])
    except GpiotError as error:
        pytest.skip(str(error))
    return minilm


def test_recipes_and_prompts_hold_no_task():
    assert contamination(PROTECTED, shown_to_the_model()) == []


def test_recipes_and_prompts_mean_no_task(embedder: MiniLM):
    """Their prose says what recipes are about; embedding their code as well takes minutes."""
    texts = {recipe.name: recipe.prose for recipe in load_recipes().values()}
    texts |= {path.name: path.read_text() for path in shipped("prompts").glob("*.j2")}
    assert contamination(PROTECTED, texts, embedder=embedder) == []


RENAMED = '''
def shift_report(loudness, durations):
    """Sum up a day."""
    allowed: float = 8 / 2 ** ((np.asarray(loudness, dtype=float) - 85) / 3)
    used = np.where(np.asarray(loudness) >= 80, durations, 0)
    share = float(100 * np.sum(used / allowed))
    return share, float(85 + 3 * np.log2(share / 100)) if share > 0 else 0.0
'''


@each
def test_the_guard_finds_a_reference_under_other_names(task: CodeTask):
    """Short ones, too, which have no run of sixteen words."""
    inputs = [parameter.name for parameter in task.specification.inputs]
    copy = task.reference
    for number, name in enumerate([task.specification.name, *inputs]):
        copy = re.sub(rf"(?<!\.)\b{name}\b(?!=\w)", f"other_{number}", copy)
    found = contamination([protect(task)], {"sample": copy})
    assert "code" in {finding.kind for finding in found}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Now call noise_dose(levels) on the shift.", "name"),
        ("see `noise-dose`", "name"),
        ("Every 3 dB more halve the permitted\nsum. Next", None),
        ("the limit for a working day is 85 dB(A) for 8 hours", "words"),
        (RENAMED, "code"),
        (f"Here it is:\n```python\n{RENAMED}```\nThat is all.", "code"),
        ("Noise makes a dose. The dose of noise adds up.", None),
        ("", None),
    ],
    ids=["call", "id", "seven words", "words", "renamed", "fenced", "unrelated", "empty"],
)
def test_the_guard_finds_a_copy(text: str, kind: str | None):
    found = contamination([protect(task_named("noise-dose"))], {"sample": text})
    assert {finding.kind for finding in found} == ({kind} if kind else set())


def test_the_guard_finds_subtasks():
    task = next(task for task in DECOMPOSITION if task.id == "cough-counter-phone")
    found = contamination(PROTECTED, {"sample": f"Solution: {task.subtasks[1]}"})
    assert {(finding.task, finding.kind) for finding in found} == {(task.id, "words")}


def test_the_guard_finds_the_same_meaning_in_other_words(embedder: MiniLM):
    paraphrase = (
        "A badge that a worker wears logs noise levels over the working day. From the levels and "
        "how long each lasted, calculate the daily noise exposure dose in percent, with 85 dB(A) "
        "over 8 hours as 100 % and an exchange rate of 3 dB, and the 8-hour equivalent level."
    )
    texts = {"paraphrase": paraphrase, "other": "Measure the sound level in octave bands."}
    near = [protect(task_named(name)) for name in ("noise-dose", "day-evening-night-level")]
    found = contamination(near, texts, embedder=embedder)
    assert [(f.task, f.text, f.kind) for f in found] == [("noise-dose", "paraphrase", "meaning")]

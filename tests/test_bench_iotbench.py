"""`gpiot bench iotbench`: every configuration on two tasks, with a scripted model."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from scripted import make_home
from typer.testing import CliRunner

from gpiot_cli.bench import iotbench_run
from gpiot_cli.bench.configurations import as_prose, read_subtasks, with_problem
from gpiot_cli.bench.metrics import bleu_counts
from gpiot_cli.bench.results import Results
from gpiot_cli.bench.tasks import load_code_tasks, load_decomposition_tasks
from gpiot_cli.cli.bench import app
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError

TASK = next(task for task in load_code_tasks() if task.id == "vote-on-labels")
PROBLEM = "pipe-leak-correlator"
REFERENCE = next(task for task in load_decomposition_tasks() if task.id == PROBLEM).reference
RIGHT = f"It works.\n\n```python\n{TASK.reference}```"
WRONG = f"It does not.\n\n```python\n{TASK.wrong}```"
SPLIT = "1. Filter the sound: Keep the band.\n\n2. Find the leak: Correlate the two sensors now."

runner = CliRunner()


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One home for all tests: its recipes take a while to embed."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        make_home(tmp_path_factory.mktemp("home"), monkeypatch)
        yield


@pytest.fixture
def opened() -> dict[str, str | None]:
    """With which adapters the engine was opened."""
    return {}


@pytest.fixture
def engine(opened: dict[str, str | None], monkeypatch: pytest.MonkeyPatch) -> ScriptedEngine:
    engine = ScriptedEngine(
        {
            "direct": [RIGHT, WRONG, "no code"],
            "direct_decompose": [SPLIT, "no code"],
            "generate": [RIGHT],
            "decompose": [SPLIT],
        }
    )

    def open_engine(*_: object) -> ScriptedEngine:
        opened["adapters"] = os.environ.get("GPIOT_ADAPTERS")
        return engine

    monkeypatch.setattr("gpiot_cli.engine.open.open_engine", open_engine)
    return engine


def bench(folder: Path, *options: str) -> Results:
    done = runner.invoke(app, ["iotbench", "--out", str(folder), *options])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return Results(folder)


def test_the_model_alone_is_drawn_in_one_batch(engine: ScriptedEngine, tmp_path: Path) -> None:
    folder = tmp_path / "direct"
    options = ["--ablation", "direct", "--kind", "code", "--tasks", TASK.id]
    results = bench(folder, *options, "--samples", "3")
    lines = results.lines("code")
    assert [line["passed"] for line in lines] == [True, False, False]
    assert [line["format"] for line in lines] == [True, True, False]
    assert lines[0]["similarity"] == pytest.approx(1, abs=1e-3)
    assert "wrong result" in lines[1]["reason"]
    assert "holds no function" in lines[2]["reason"]
    assert [(request.stage, request.n) for request in engine.requests] == [("direct", 3)]
    assert TASK.specification.target in engine.requests[0].prompt.user
    facts = results.facts
    assert set(facts["settings"]["tools"]) == {"sacrebleu", "ruff", "bandit"}
    assert facts["sandbox"]
    raw = json.loads((folder / "raw" / "code" / f"{TASK.id}-01.json").read_text())
    assert raw[0]["replies"] == [WRONG]
    bench(folder, *options, "--samples", "4")
    assert [request.n for request in engine.requests] == [3, 1]
    assert [line["sample"] for line in results.lines("code")] == [0, 1, 2, 3]


def test_the_system_is_judged_on_what_it_chose(engine: ScriptedEngine, tmp_path: Path) -> None:
    options = ["--tasks", TASK.id, "--tasks", PROBLEM, "--samples", "1", "--candidates", "2"]
    results = bench(tmp_path / "system", *options)
    (program,) = results.lines("code")
    assert program["passed"], program
    assert program["origin"] == "model"
    assert program["quality"]["lines"] > 5
    (answer,) = results.lines("decomposition")
    assert answer["format"]
    assert answer["subtasks"][0] == "Filter the sound: Keep the band."
    assert 0.2 < answer["completeness"] < 1
    assert [(request.stage, request.n) for request in engine.requests] == [
        ("examples", 1),
        ("generate", 1),
        ("generate", 1),
        ("goal", 5),
        ("decompose", 4),
    ]
    assert "Tested functions at hand" in engine.requests[0].prompt.system
    assert results.facts["own documents"] == "none"


def test_the_shapes_that_a_task_states_are_checked() -> None:
    assert all(with_problem(t).given_signature == t.signature for t in load_code_tasks())


def test_what_raises_is_left_and_the_others_are_measured(
    engine: ScriptedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = iotbench_run.judge_code

    def broken(task, *rest):
        if task.id == TASK.id and not (tmp_path / "mended").exists():
            raise RuntimeError("a fault of ours")
        return judge(task, *rest)

    monkeypatch.setattr(iotbench_run, "judge_code", broken)
    folder = tmp_path / "direct"
    options = ["--ablation", "direct", "--tasks", TASK.id, "--tasks", PROBLEM, "--samples", "1"]
    with pytest.raises(GpiotError, match=f"^{TASK.id} could not be measured"):
        bench(folder, *options)
    results = Results(folder)
    assert results.lines("code") == []
    assert (folder / "raw" / "code" / f"{TASK.id}-00.json").exists()
    (line,) = results.lines("decomposition")
    assert line["requests"] == 1  # that of the task that raised is not counted here
    (tmp_path / "mended").touch()
    bench(folder, *options)
    assert [len(results.lines(row)) for row in ("code", "decomposition")] == [1, 1]


def test_what_raises_again_and_again_ends_the_run(
    engine: ScriptedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise GpiotError("The server does not answer.")

    monkeypatch.setattr(engine, "generate", down)
    with pytest.raises(GpiotError, match="The server does not answer"):
        bench(tmp_path, "--ablation", "direct")
    assert Results(tmp_path).lines("code") == []


@pytest.mark.parametrize("ablation", ["knowledge", "transform", "adapters", "verification"])
def test_an_ablation_leaves_its_part_out(
    ablation: str, engine: ScriptedEngine, opened: dict[str, str | None], tmp_path: Path
) -> None:
    options = ["--ablation", ablation, "--tasks", TASK.id, "--kind", "code", "--samples", "2"]
    (line, _) = bench(tmp_path / ablation, *options, "--candidates", "2").lines("code")
    assert line["passed"], line
    prompt = engine.requests[0].prompt
    assert ("Tested functions at hand" in prompt.system) == (ablation != "knowledge")
    assert (str(TASK.specification.inputs[0]) in prompt.user) == (ablation != "transform")
    assert len(engine.requests) == (1 if ablation == "verification" else 6)
    assert opened["adapters"] == ("none" if ablation == "adapters" else None)


def test_without_structure_no_fact_is_lost() -> None:
    for task in load_code_tasks():
        prose, whole = as_prose(task).target, " ".join(with_problem(task).markdown.split())
        assert len(prose.splitlines()) == 1
        for parameter in (*task.specification.inputs, *task.specification.outputs):
            assert parameter.meaning in prose
            assert parameter.meaning in whole
        assert " ".join(task.specification.target.split()) in prose


def test_the_model_alone_decomposes_in_its_own_words(
    engine: ScriptedEngine, tmp_path: Path
) -> None:
    options = ["--ablation", "direct", "--kind", "decomposition", "--tasks", PROBLEM]
    lines = bench(tmp_path / "direct", *options, "--samples", "2").lines("decomposition")
    assert [line["format"] for line in lines] == [True, False]
    assert lines[0]["subtasks"] == [part[3:] for part in SPLIT.split("\n\n")]
    counts = bleu_counts("\n\n".join(lines[0]["subtasks"]), REFERENCE)
    assert lines[0]["bleu"] == json.loads(json.dumps(asdict(counts)))
    assert lines[1]["subtasks"] == ["no code"]
    assert all(line["bleu"]["reference_length"] > 20 for line in lines)
    assert [(request.stage, request.grammar) for request in engine.requests] == [
        ("direct_decompose", None)
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "1. **Load it:** Read the log.\n\n2. **Find peaks**: Take the high ones.",
        "- Load it: Read the log.\n- Find peaks: Take the high ones.\n",
        "### 1. Load it: Read the log.\n \n### 2. Find peaks: Take the high ones.",
    ],
)
def test_marks_do_not_count_as_words_of_a_subtask(reply: str) -> None:
    assert read_subtasks(reply) == ["Load it: Read the log.", "Find peaks: Take the high ones."]


def test_what_cannot_be_measured_is_refused(engine: ScriptedEngine, tmp_path: Path) -> None:
    def refused(*options: str) -> str:
        with pytest.raises(GpiotError) as caught:
            bench(tmp_path / "out", *options)
        return str(caught.value)

    assert "has no task nonsense" in refused("--tasks", "nonsense")
    leaves_out = refused("--ablation", "verification", "--kind", "decomposition")
    assert "Decomposition has no verification to leave out" in leaves_out
    assert "has no transform to" in refused("--ablation", "transform", "--tasks", PROBLEM)
    assert "There are adapters to use" in refused("--ablation", "adapters", "--adapter", "mine")
    assert not (tmp_path / "out").exists()
    assert engine.requests == []
    options = ["--ablation", "direct", "--kind", "code", "--tasks", TASK.id, "--samples", "1"]
    bench(tmp_path / "out", *options)
    assert "another ablation" in refused("--kind", "code", "--tasks", TASK.id)

"""`gpiot bench iotbench`: every configuration on two tasks, with a scripted model."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted import make_home
from typer.testing import CliRunner

from gpiot_cli.bench.configurations import as_prose, with_problem
from gpiot_cli.bench.results import Results
from gpiot_cli.bench.tasks import load_code_tasks
from gpiot_cli.cli.bench import app
from gpiot_cli.engine.adapters import ROLES
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError

TASK = next(task for task in load_code_tasks() if task.id == "vote-on-labels")
PROBLEM = "pipe-leak-correlator"
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
        {"direct": [RIGHT, WRONG, "no code"], "generate": [RIGHT], "decompose": [SPLIT]}
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
        ("generate", 2),
        ("decompose", 4),
    ]
    assert "Tested functions at hand" in engine.requests[0].prompt.system


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
    assert len(engine.requests) == (1 if ablation == "verification" else 2)
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
    assert [line["format"] for line in lines] == [False, False]  # the replies are programs
    assert all(line["bleu"]["reference_length"] > 20 for line in lines)
    assert engine.requests[0].grammar is None
    assert ROLES[engine.requests[0].stage] == "decomposition"


def test_what_cannot_be_measured_is_refused(engine: ScriptedEngine, tmp_path: Path) -> None:
    def refused(*options: str) -> str:
        with pytest.raises(GpiotError) as caught:
            bench(tmp_path / "out", *options)
        return str(caught.value)

    assert "has no task nonsense" in refused("--tasks", "nonsense")
    leaves_out = refused("--ablation", "verification", "--kind", "decomposition")
    assert "Decomposition has no verification to leave out" in leaves_out
    assert "There are adapters to use" in refused("--ablation", "adapters", "--adapter", "mine")
    assert not (tmp_path / "out").exists()
    assert engine.requests == []
    options = ["--ablation", "direct", "--kind", "code", "--tasks", TASK.id, "--samples", "1"]
    bench(tmp_path / "out", *options)
    assert "another ablation" in refused("--kind", "code", "--tasks", TASK.id)

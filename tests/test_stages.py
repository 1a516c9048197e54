"""The stages one by one: JSON in pipes, and a specification that a person wrote."""

import ast
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted import make_home, program, reply

from gpiot_cli.cli import stages
from gpiot_cli.cli.gpiot import app
from gpiot_cli.cli.main import run
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.synthesis.specification import Specification

SPECIFICATION = """\
## Target
Find the R-peaks of an
ECG recording.

## Inputs
- signal (np.ndarray): raw ECG in mV, shape (n,)
- fs (float): sampling rate in Hz,
  at least 100

## Outputs
- r_peaks (numpy.ndarray): R-peak positions in samples
"""
SIGNATURE = "def find_beats(signal: np.ndarray, fs: float = 360.0) -> np.ndarray:"


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        yield make_home(tmp_path_factory.mktemp("home"), patch)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.md"
    path.write_text(f"```python\n{SIGNATURE}\n```\n{SPECIFICATION}")
    return path


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Replies by stage, used by the commands."""
    replies: dict[str, list[str]] = {}
    monkeypatch.setattr("gpiot_cli.cli.stages.open_asked", lambda *_, **__: ScriptedEngine(replies))
    return replies


def gpiot(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = run(app, "gpiot", [str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def test_the_stages_in_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "walk.csv"
    data.write_text("time_s,force\n" + "".join(f"{i / 50},{i % 25}\n" for i in range(500)))
    code, out, _ = gpiot(capsys, "decompose", "Count steps", "--data", data, "--dry-run")
    assert code == 0
    first = json.loads(out)
    assert first["task"] == "Count steps"
    assert first["source"] == str(data)
    assert {parameter["name"] for parameter in first["data"]} == {"signal", "fs"}
    assert len(first["subtasks"]) == 2

    monkeypatch.setattr("sys.stdin", io.StringIO(out))
    code, out, _ = gpiot(capsys, "transform", "--dry-run")
    assert code == 0
    second = json.loads(out)
    assert {key: second[key] for key in first} == first
    assert len(second["specifications"]) == 2

    (tmp_path / "second.json").write_text(out)
    code, out, err = gpiot(
        capsys, "generate", tmp_path / "second.json", "--dry-run", "--candidates", 1
    )
    assert code == 0
    programs = json.loads(out)["programs"]
    assert [p["candidates"][p["chosen"]]["verdict"] for p in programs] == ["passed", "passed"]
    for made in programs:
        ast.parse(made["program"])
    assert "model: passed" in err


def test_a_step_without_a_program_ends_the_chain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answers: dict[str, list[str]]
) -> None:
    fs = {"name": "fs", "type": "float", "meaning": "sampling rate in Hz"}
    half = {**fs, "name": "half"}
    steps = [
        {"name": "first", "target": "Halve it.", "inputs": [fs], "outputs": [half]},
        {
            "name": "second",
            "target": "Keep it.",
            "inputs": [half],
            "outputs": [{**fs, "name": "x"}],
        },
    ]
    chain = tmp_path / "chain.json"
    chain.write_text(json.dumps({"task": "ECG", "data": [fs], "specifications": steps}))
    answers |= {"generate": ["no code"], "repair": ["no code"]}
    code, out, err = gpiot(capsys, "generate", chain, "--candidates", 1, "--no-knowledge")
    assert code == 1
    assert [p["program"] for p in json.loads(out)["programs"]] == [None, None]
    assert "There is no working program for first: none of 3 candidates passed; second: not" in err


def test_a_specification_by_a_person_gives_one_program(
    spec: Path, capsys: pytest.CaptureFixture[str], answers: dict[str, list[str]]
) -> None:
    code = (
        f"import numpy as np\nfrom recipes.pan_tompkins import pan_tompkins\n\n\n{SIGNATURE}\n"
        '    """Find them."""\n    return pan_tompkins(signal, fs)\n'
    )
    answers["generate"] = [reply(program("return signal", "find_beats")), reply(code)]
    exit_code, out, err = gpiot(capsys, "generate", "--spec", spec, "--candidates", 2)
    assert exit_code == 0
    assert SIGNATURE in out
    assert "def pan_tompkins(" in out
    assert "recipes" not in out
    assert "passed" in err
    space: dict = {}
    exec(compile(out, "made", "exec"), space)
    assert callable(space["find_beats"])


def test_a_specification_may_name_its_function_in_capitals(
    spec: Path, capsys: pytest.CaptureFixture[str], answers: dict[str, list[str]]
) -> None:
    spec.write_text(spec.read_text().replace("find_beats", "find_R_peaks"))
    answers["generate"] = [reply(program("return np.arange(3)", "find_R_peaks"))]
    code, out, _ = gpiot(capsys, "generate", "--spec", spec, "--candidates", 1, "--no-knowledge")
    assert code == 0
    assert "def find_R_peaks(" in out
    spec.write_text(spec.read_text().replace("find_R_peaks", "äpfel"), encoding="utf-8")
    code, _, err = gpiot(capsys, "generate", "--spec", spec, "--no-knowledge")
    assert code == 1
    assert "spec.md is not a specification: name: String should match pattern" in err
    assert "validation error" not in err


def test_direct_asks_the_model_alone(
    spec: Path, capsys: pytest.CaptureFixture[str], answers: dict[str, list[str]]
) -> None:
    answers["direct"] = [reply(program("return undefined", "find_beats"))]
    code, out, _ = gpiot(capsys, "generate", "--spec", spec, "--direct")
    assert code == 0
    assert "return undefined" in out
    answers["direct"] = ["I cannot."]
    code, out, err = gpiot(capsys, "generate", "--spec", spec, "--direct")
    assert (code, out) == (1, "")
    assert "the reply holds no function find_beats" in err


def test_nothing_that_works_prints_nothing(
    spec: Path, capsys: pytest.CaptureFixture[str], answers: dict[str, list[str]]
) -> None:
    bad = reply(program("return undefined", "find_beats"))
    answers |= {"generate": [bad], "repair": [bad]}
    arguments = ("--spec", spec, "--candidates", 1, "--no-knowledge")
    code, out, err = gpiot(capsys, "generate", *arguments)
    assert (code, out) == (1, "")
    assert "There is no working program for find_beats" in err
    code, out, _ = gpiot(capsys, "generate", *arguments, "--json")
    assert code == 1
    facts = json.loads(out)
    assert facts["program"] is None
    assert "NameError" in facts["candidates"][0]["verdict"]


@pytest.mark.parametrize(
    ("stage", "text", "said"),
    [
        ("transform", "", "is not what the stage before writes"),
        ("transform", "[]", "is not what the stage before writes"),
        ("transform", '{"task": "x", "subtasks": ["a"]}', "data: Field required"),
        ("transform", '{"task": "x", "data": [], "subtasks": []}', "it lacks 'subtasks'"),
        ("transform", '{"task": "x", "data": [], "subtasks": "abc"}', "subtasks: Input should be"),
        ("generate", '{"task": "x", "data": [], "specifications": 5}', "specifications: Input"),
        (
            "generate",
            '{"task": "x", "data": [], "source": 5, "specifications": []}',
            "source: Input should be",
        ),
        ("generate", '{"task": "x", "data": [], "subtasks": ["a"]}', "'specifications'"),
        (
            "generate",
            '{"task": "x", "data": [], "specifications": [1]}',
            "specifications.0: Input should be",
        ),
    ],
)
def test_what_is_not_from_the_stage_before(
    stage: str, text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "chain.json"
    path.write_text(text)
    code, out, err = gpiot(capsys, stage, path, "--dry-run")
    assert (code, out) == (1, "")
    assert said in err


def test_an_absent_file_and_an_empty_task(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = gpiot(capsys, "generate", "--spec", tmp_path / "absent.md")
    assert code == 1
    assert "No such file" in err
    assert gpiot(capsys, "decompose", " ")[0] == 1


def test_markdown_is_read_back_as_it_was_written() -> None:
    read = Specification.from_markdown(SPECIFICATION, name="find")
    assert read.signature == "def find(signal: np.ndarray, fs: float) -> np.ndarray:"
    assert read.target == "Find the R-peaks of an ECG recording."
    assert read.inputs[1].meaning == "sampling rate in Hz, at least 100"
    assert Specification.from_markdown(read.markdown, name="find") == read
    given = Specification.from_markdown(f"{SIGNATURE}\n{SPECIFICATION}")
    assert (given.name, given.signature) == ("find_beats", SIGNATURE)


def test_a_byte_order_mark_hides_no_name(tmp_path: Path) -> None:
    file = tmp_path / "notepad.md"
    file.write_text(f"{SIGNATURE}\n{SPECIFICATION}", encoding="utf-8-sig")
    assert stages._specification(file).name == "find_beats"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## Target", "## Goal", "'## Target' is missing"),
        ("- fs (float): sampling rate in Hz,\n  at least 100\n", "", "are not the arguments of"),
        ("(float)", "(double)", "double is not one of the types"),
        ("- fs (float)", "- fs: float", "not of the form 'name \\(type\\): meaning'"),
        ("fs: float = 360.0", "fs: float =", "is not Python"),
        ("def find_beats", "def find beats", "is not of the form 'def name"),
        ("- r_peaks", "- class", "class has a meaning of its own"),
        ("- r_peaks", "- np", "np has a meaning of its own"),
        ("- r_peaks", "- a (float): one\n- a", "a stands there twice"),
    ],
)
def test_a_faulty_specification_is_named(old: str, new: str, said: str) -> None:
    text = f"{SIGNATURE}\n{SPECIFICATION}"
    assert old in text
    with pytest.raises(ValueError, match=said):
        Specification.from_markdown(text.replace(old, new, 1))

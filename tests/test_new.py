"""`gpiot new` and `gpiot resume`: the whole story with scripted answers."""

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from scripted import make_home, program, record_without_times, reply

from gpiot_cli.cli.gpiot import app
from gpiot_cli.cli.main import run
from gpiot_cli.cli.new import slug
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.sandbox.run import Level, level
from gpiot_cli.synthesis.display import Silent
from gpiot_cli.synthesis.record import RECORD
from gpiot_cli.synthesis.run import Options, carry_on, load_record, new

TASK = "ECG R-peak detection"
GOAL = "Return value: mean heart rate in beats per minute; type: float; name: heart_rate"
SUBTASKS = (
    "Detect the peaks: Detect the R-peaks of the raw ECG with an adaptive threshold.\n\n"
    "Detect the rate: Compute the mean heart rate from the detected R-peaks."
)
PEAKS = (
    "Inputs:\n- signal\n- fs\nOutputs:\n- r_peaks (numpy.ndarray): R-peak positions in samples\n"
)
RATE = "Inputs:\n- r_peaks\n- fs\nOutputs:\n- heart_rate (float): mean heart rate in beats per minute\n"
FIND = reply(
    program(
        "from recipes.pan_tompkins import pan_tompkins\nreturn pan_tompkins(signal, fs)"
    ).replace("solve_it", "detect_the_peaks")
)
MEAN = reply(
    "import numpy as np\n\n\ndef detect_the_rate(r_peaks, fs):\n"
    "    return float(60 * fs / np.mean(np.diff(r_peaks)))\n"
)
BAD = reply(program("return undefined", "detect_the_peaks"))


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        yield make_home(tmp_path_factory.mktemp("home"), patch)


def canned(*programs: str, **replies: list[str]) -> dict[str, list[str]]:
    return {
        "goal": [GOAL],
        "decompose": [SUBTASKS],
        "parameters": [PEAKS, RATE],
        "generate": list(programs),
        **replies,
    }


def engine(*programs: str, **replies: list[str]) -> ScriptedEngine:
    return ScriptedEngine(canned(*programs, **replies))


class Gone(ScriptedEngine):
    """A server that ends before the program of `function` is written, the first if it is empty."""

    function = ""

    def generate(self, request, on_text=None):
        if request.stage == "generate" and f"def {self.function}" in request.grammar:
            raise GpiotError("The server ended its reply in the middle.", "See its log.")
        return super().generate(request, on_text)


def make(folder: Path, answers: ScriptedEngine) -> int:
    """A project with these answers; 1 where its record tells of a step without a program."""
    options = Options(task=TASK, out=folder, candidates=1)
    record = new(options, answers, Knowledge.open(), Silent())
    return int(any(step.code is None for step in record.steps))


def test_a_task_becomes_a_project_that_finds_the_beats(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    assert make(folder, engine(FIND, MEAN)) == 0
    record = load_record(folder)
    assert record.complete
    assert record.whole_run == "passed"
    assert [step.chosen for step in record.steps] == [0, 1]  # the second: the tested recipe itself
    assert "pan_tompkins" in record.recipes
    for step, prompt in zip(record.steps, record.prompts[-2:], strict=True):
        assert step.recipes == re.findall(r"^from recipes\.(\w+) import", prompt.user, re.MULTILINE)
    summary = json.loads((folder / "results" / "summary.json").read_text())
    assert summary["cases"][0]["score"]["recall"] > 0.98
    assert summary["cases"][0]["results"].keys() == {"heart_rate"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    log = subprocess.run(
        ["git", "log", "--format=%s"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert log.stdout.splitlines()[::-1] == [
        "Add sample data",
        "Decompose the task into sub-tasks",
        "Specify step 1",
        "Specify step 2",
        "Write and verify step 1: detect_the_peaks",
        "Write and verify step 2: detect_the_rate",
        "Assemble the project",
    ]
    status = subprocess.run(
        ["git", "status", "--short"], cwd=folder, capture_output=True, check=True
    )
    assert status.stdout == b""


def test_where_nothing_survives_the_project_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    peaks = PEAKS.replace("numpy.ndarray", "dict")  # so that no recipe fits
    rate = RATE
    again = rate.replace("r_peaks", "signal")
    goal = GOAL.replace("float", "dict")
    answers = engine(BAD, repair=[BAD], parameters=[peaks, rate, again], goal=[goal])
    assert make(folder, answers) == 1
    record = load_record(folder)
    assert record.complete
    assert [step.chosen for step in record.steps] == [None, None]
    assert record.at_once is not None
    assert record.at_once.chosen is None
    assert record.given_up == []
    assert all(step.reason.startswith("none of ") for step in record.steps)
    assert record.whole_run.startswith("failed: ")
    readme = (folder / "README.md").read_text()
    assert "Step 1 (detect_the_peaks) has no working program" in readme


def test_what_a_failed_step_would_have_given_is_done_without(tmp_path: Path) -> None:
    """The first step finds no program; the second can work on the data themselves."""
    folder = tmp_path / "ecg"
    peaks = PEAKS.replace("numpy.ndarray", "dict")  # so that no recipe fits
    again = RATE.replace("r_peaks", "signal")
    mean = reply(program("return 72.0", "detect_the_rate"))
    assert make(folder, engine(BAD, mean, repair=[BAD], parameters=[peaks, RATE, again])) == 1
    record = load_record(folder)
    assert [step.code is None for step in record.steps] == [True, False]
    assert record.whole_run.startswith("failed: Step 1 ")
    summary = json.loads((folder / "results" / "summary.json").read_text())
    assert summary["cases"][0]["results"].keys() == {"heart_rate"}


def test_where_the_steps_fail_the_task_is_done_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    peaks = PEAKS.replace("numpy.ndarray", "dict")  # so that no recipe fits
    again = RATE.replace("r_peaks", "signal")
    goal = GOAL.replace("float", "dict")
    at_once = reply(program('return {"mean": 72.0}', "ecg_r_peak_detection"))
    answers = engine(BAD, BAD, at_once, repair=[BAD], parameters=[peaks, RATE, again], goal=[goal])
    assert make(folder, answers) == 0
    record = load_record(folder)
    assert record.steps == [record.at_once]
    assert record.subtasks == [TASK]
    assert [step.chosen for step in record.given_up] == [None, None]
    assert record.whole_run == "passed"
    summary = json.loads((folder / "results" / "summary.json").read_text())
    assert summary["cases"][0]["results"].keys() == {"heart_rate"}
    readme = (folder / "README.md").read_text()
    assert "is not finished" not in readme
    assert f"- {record.given_up[0].subtask}" in readme


def test_a_step_behind_the_answer_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    beyond = SUBTASKS + "\n\nConvert the rate: Convert the heart rate into beats per minute."
    again = RATE.replace("r_peaks", "signal").replace("heart_rate", "heart_rate_bpm")
    answers = engine(FIND, MEAN, decompose=[beyond], parameters=[PEAKS, RATE, again])
    assert make(folder, answers) == 0
    record = load_record(folder)
    assert len(record.steps) == len(record.subtasks) == 2
    assert record.whole_run == "passed"


def test_a_step_that_nothing_takes_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    rate = RATE.replace("r_peaks", "signal")
    mean = reply(program("return 72.0", "detect_the_rate"))
    answers = engine(mean, parameters=[PEAKS, rate])
    assert make(folder, answers) == 0
    record = load_record(folder)
    assert record.subtasks == [SUBTASKS.split("\n\n")[1].removeprefix("2. ")]
    assert [step.specification.name for step in record.steps] == ["detect_the_rate"]
    assert record.whole_run == "passed"


def test_another_model_does_not_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"

    with pytest.raises(GpiotError, match="in the middle"):
        make(folder, Gone({"decompose": [SUBTASKS], "parameters": [PEAKS, RATE]}))
    assert len(load_record(folder).subtasks) == 2
    other = engine()
    other.info = other.info.__class__("another", "", "cpu", 1)
    with pytest.raises(GpiotError, match="was begun with scripted"):
        carry_on(folder, other, Knowledge.open(), Silent())
    record = carry_on(folder, engine(FIND, MEAN), Knowledge.open(), Silent())
    assert record.complete
    assert record.whole_run == "passed"


def test_the_budget_ends_within_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("gpiot_cli.synthesis.run.time", SimpleNamespace(monotonic=lambda: now))

    class Slow(ScriptedEngine):
        def generate(self, request, on_text=None):
            nonlocal now
            now += 61 * (request.stage == "generate")
            return super().generate(request, on_text)

    peaks = PEAKS.replace("numpy.ndarray", "dict")  # so that no recipe fits
    slow = Slow({"decompose": [SUBTASKS], "parameters": [peaks, RATE], "generate": [BAD]})
    options = Options(task=TASK, out=tmp_path / "ecg", candidates=1, budget_minutes=1)
    record = new(options, slow, Knowledge.open(), Silent())
    assert record.timings["generate"] == 61
    assert "repair" not in [request.stage for request in slow.requests]


PLANTS = """from pathlib import Path
results = Path("results")
if Path("main.py").exists() and not results.exists():  # the run of the whole project
    (results / ".git").mkdir(parents=True)
    (results / ".git" / "config").write_text("[core]")
    (results / "inside").symlink_to("../steps")
    (results / "summary.png").symlink_to("/etc/passwd")
    import os
    os.mkfifo(results / "pipe")
from recipes.pan_tompkins import pan_tompkins
return pan_tompkins(signal, fs)"""


def test_the_whole_run_leaves_plain_results_only(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    assert make(folder, engine(reply(program(PLANTS, "detect_the_peaks")), MEAN)) == 0
    assert load_record(folder).whole_run == "passed"
    left = {path.name for path in (folder / "results").iterdir()}
    assert "summary.json" in left
    assert not left & {".git", "inside", "summary.png", "pipe"}


def test_results_that_are_a_link_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    link = (
        "import os, shutil\n"
        "if os.path.exists('main.py'):\n"
        "    shutil.rmtree('results', ignore_errors=True)\n"
        "    os.symlink('steps', 'results')\n"
    )
    peaks = "from recipes.pan_tompkins import pan_tompkins\nreturn pan_tompkins(signal, fs)"
    make(folder, engine(reply(program(link + peaks, "detect_the_peaks")), MEAN))
    assert load_record(folder).complete
    assert not (folder / "results").exists()


def test_what_fails_at_once_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(GpiotError, match="sub-tasks"):
        make(tmp_path / "ecg", engine(decompose=["One: thing."]))
    assert list(tmp_path.iterdir()) == []


# -- the command line --


def gpiot(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = run(app, "gpiot", [str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def test_dry_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = gpiot(capsys, "new", TASK, "--dry-run", "--candidates", 1, "--no-git")
    assert code == 0
    folder = tmp_path / "ecg-r-peak-detection"
    assert load_record(folder).dry_run
    assert not (folder / ".git").exists()
    assert "Run it:  python ecg-r-peak-detection/main.py" in out
    assert "Dry run: canned answers" in err
    assert "Task decomposition" in err
    assert "model: passed" in err

    code, out, err = gpiot(capsys, "resume", folder)
    assert (code, out) == (0, "")
    assert "is complete" in err.replace("\n", "")


def test_json_and_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "ecg"
    code, out, err = gpiot(
        capsys, "new", TASK, "--dry-run", "--out", folder, "--candidates", 1, "--json", "--quiet"
    )
    assert code == 0
    facts = json.loads(out)
    assert facts["project"] == str(folder)
    assert facts["complete"]
    assert "prompts" not in facts
    assert "Dry run: " in err
    assert "Task decomposition" not in err


def test_a_step_without_a_program_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> ScriptedEngine:
        return engine(BAD, repair=[BAD], parameters=[PEAKS.replace("numpy.ndarray", "dict"), RATE])

    monkeypatch.setattr("gpiot_cli.cli.new.open_asked", fails)
    code, out, err = gpiot(capsys, "new", TASK, "--out", tmp_path / "ecg", "--candidates", 1)
    assert code == 1
    assert "step 1 (detect_the_peaks) has no working program" in err
    assert "README.md says what was tried" in err
    assert "1. detect_the_peaks: none of" in out
    code, _, err = gpiot(capsys, "resume", tmp_path / "ecg")
    assert code == 1
    assert "step 1 (detect_the_peaks) has no working program" in err


WEAK = Level("limits only", "limits on time; nothing else", "bwrap was not found", "Install it.")
TOLD = "Sandbox: limits only (bwrap was not found): limits on time; nothing else.\nInstall it.\n"


def test_a_weaker_sandbox_is_told_however_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gpiot_cli.sandbox.run.level", lambda: WEAK)
    nobody = ("--out", tmp_path / "ecg", "--endpoint", "nowhere", "--quiet")
    assert gpiot(capsys, "new", TASK, *nobody)[2].startswith(TOLD)
    absent = tmp_path / "absent.md"
    assert gpiot(capsys, "generate", "--spec", absent)[2].startswith(TOLD)
    assert not gpiot(capsys, "generate", "--spec", absent, "--direct")[2].startswith(TOLD)


def test_it_goes_on_with_its_model_and_server_and_names_each_sandbox(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ecg"
    engines = [Gone({"decompose": [SUBTASKS], "parameters": [PEAKS, RATE]}), engine(FIND, MEAN)]
    asked: list[tuple[str | None, str | None]] = []

    def opened(model: str | None, endpoint: str | None, **_: object) -> ScriptedEngine:
        asked.append((model, endpoint))
        return engines.pop(0)

    monkeypatch.setattr("gpiot_cli.cli.new.open_asked", opened)
    server = ("--model", "a-model", "--endpoint", "http://one")
    assert gpiot(capsys, "new", TASK, "--out", folder, "--candidates", 1, *server)[0] == 1
    here = level().name
    monkeypatch.setattr("gpiot_cli.sandbox.run.level", lambda: WEAK)
    code, _, err = gpiot(capsys, "resume", folder, "--endpoint", "http://two")
    assert code == 0
    assert err.startswith(TOLD)
    assert asked == [("a-model", "http://one"), ("a-model", "http://two")]
    record = load_record(folder)
    assert record.sandbox == " and ".join(dict.fromkeys([here, "limits only"]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["   "], "The task is empty. "),
        ([TASK, "--data", "absent.csv"], "absent.csv"),
        ([TASK, "--data", "empty.csv"], "empty.csv is empty"),
        ([TASK, "--out", "there"], "there exists already. Choose another folder with --out"),
        ([TASK, "--model", "nonsense"], "There is no model 'nonsense'"),
        ([TASK, "--endpoint", "http://127.0.0.1:9"], "does not answer"),
        ([TASK, "--candidates", "0"], "candidates"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.csv").touch()
    Path("there").mkdir()
    code, out, err = gpiot(capsys, "new", *arguments)
    assert (code, out) == (1, "")
    assert said in " ".join(err.split())
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.csv", "there"]


def test_resume_wants_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = gpiot(capsys, "resume", tmp_path)
    assert (code, out) == (1, "")
    assert "is not a gpiot project" in err


def test_slug() -> None:
    assert slug("ECG R-peak detection") == "ecg-r-peak-detection"
    assert slug("Détecter les chutes!") == "detecter-les-chutes"
    assert slug("心跳") == "project"
    assert len(slug("a very long task " * 9)) <= 40


# -- interruptions --


def begin(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gpiot_cli.cli.gpiot", *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def stop_after(process: subprocess.Popen[str], lines: int, how: signal.Signals) -> str:
    """Read some lines of a run's stderr, then send it a signal; what it says after that."""
    assert process.stderr is not None
    for _ in range(lines):
        process.stderr.readline()
    process.send_signal(how)
    rest = process.stderr.read()
    process.wait()
    return rest


def test_killed_at_any_moment_it_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The project is the same as one that was not interrupted."""
    monkeypatch.chdir(tmp_path)
    options = ["--dry-run", "--candidates", "2", "--seed", "5", "--out", "ecg"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    monkeypatch.chdir(whole)
    assert gpiot(capsys, "new", TASK, *options)[0] == 0

    monkeypatch.chdir(killed)
    random.seed(4)
    stop_after(begin("new", TASK, *options), random.randint(2, 5), signal.SIGKILL)
    for first, last in ((3, 5), (6, 9)):
        if not load_record(Path("ecg")).complete:
            stop_after(begin("resume", "ecg"), random.randint(first, last), signal.SIGKILL)
    assert gpiot(capsys, "resume", "ecg")[0] == 0

    mine, its = (
        record_without_times((folder / "ecg" / RECORD).read_text()).replace(str(folder), "")
        for folder in (whole, killed)
    )
    assert its == mine
    files = [
        sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if ".git" not in f.parts)
        for folder in (whole, killed)
    ]
    assert files[0] == files[1]
    status = subprocess.run(
        ["git", "status", "--short"], cwd="ecg", capture_output=True, check=True
    )
    assert status.stdout == b""


def test_it_goes_on_where_only_the_task_at_once_was_left(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    peaks = PEAKS.replace("numpy.ndarray", "dict")  # so that no recipe fits
    again = RATE.replace("r_peaks", "signal")
    goal = GOAL.replace("float", "dict")
    gone = Gone(canned(BAD, BAD, repair=[BAD], parameters=[peaks, RATE, again], goal=[goal]))
    gone.function = "ecg_r_peak_detection"
    with pytest.raises(GpiotError, match="in the middle"):
        make(folder, gone)
    begun = load_record(folder)
    assert begun.at_once is None
    assert all(step.reason for step in begun.steps)
    at_once = reply(program('return {"mean": 72.0}', "ecg_r_peak_detection"))
    record = carry_on(folder, ScriptedEngine({"generate": [at_once]}), Knowledge.open(), Silent())
    assert record.complete
    assert record.at_once is not None


def test_what_passed_before_and_fails_now_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    gone = Gone(canned(FIND))
    gone.function = "detect_the_rate"
    with pytest.raises(GpiotError, match="in the middle"):
        make(folder, gone)
    record = load_record(folder)
    step = record.steps[0]
    assert step.chosen is not None
    step.candidates[step.chosen].code = program("raise OSError('busy')", "detect_the_peaks")
    record.save(folder)
    with pytest.raises(GpiotError, match=r"Step 1 passed before .* and fails now: OSError: busy"):
        carry_on(folder, engine(FIND, MEAN), Knowledge.open(), Silent())


def test_a_project_inside_its_data_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("v\n1\n2\n")
    arguments = ("--data", tmp_path, "--out", tmp_path / "ecg", "--dry-run")
    code, _, err = gpiot(capsys, "new", TASK, *arguments)
    assert code == 1
    assert "would lie in the data" in err
    assert not (tmp_path / "ecg").exists()


def test_interrupted_it_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"
    running = begin("new", TASK, "--dry-run", "--out", folder)
    said = stop_after(running, 4, signal.SIGINT)
    assert running.returncode == 130
    assert f"gpiot resume {folder} goes on" in said.replace("`", "")
    assert "Traceback" not in said
    assert load_record(folder).subtasks


def test_two_runs_in_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "ecg"

    class Rival(ScriptedEngine):
        def generate(self, request, on_text=None):
            with pytest.raises(GpiotError, match="Another gpiot is at work"):
                carry_on(folder, ScriptedEngine(), Knowledge.open(), Silent())
            raise GpiotError("Enough.")

    with pytest.raises(GpiotError, match="Enough"):
        make(folder, Rival())

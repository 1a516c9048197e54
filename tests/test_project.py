"""The project folder: it runs without gpiot, says honestly what it is, and is its own repository."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gpiot_cli.errors import GpiotError
from gpiot_cli.synthesis.data import open_data
from gpiot_cli.synthesis.project import prepare, write_project, write_step
from gpiot_cli.synthesis.record import CandidateRecord, RunRecord, StepRecord
from gpiot_cli.synthesis.repository import Repository
from gpiot_cli.synthesis.specification import Parameter, Specification

WITHOUT_GPIOT = (
    "import runpy, sys; sys.modules['gpiot_cli'] = None; sys.path.insert(0, '.'); "
    "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)
"""Run by `python -I`: neither PYTHONPATH nor an installed gpiot can help."""

SIGNAL = Parameter(name="signal", type="numpy.ndarray", meaning="raw ECG in mV, shape (n,)")
FS = Parameter(name="fs", type="float", meaning="sampling rate in Hz")
PEAKS = Parameter(name="r_peaks", type="numpy.ndarray", meaning="R-peak positions in samples")
RATE = Parameter(name="heart_rate", type="float", meaning="mean heart rate in beats per minute")

DETECT = '''import numpy as np
from recipes.pan_tompkins import pan_tompkins


def detect_r_peaks(signal: np.ndarray, fs: float) -> np.ndarray:
    """Find the R-peaks with the algorithm of Pan and Tompkins."""
    return pan_tompkins(signal, fs)
'''
HEART_RATE = '''import numpy as np

def heart_rate_from_peaks(r_peaks: np.ndarray, fs: float) -> float:
    """Sixty over the mean interval."""
    return float(60 * fs / np.mean(np.diff(r_peaks)))
'''


def step(name: str, code: str | None, inputs: tuple, outputs: tuple) -> StepRecord:
    candidates = [
        CandidateRecord(code="import nothing_like_it", origin="model", verdict="it fails")
    ]
    if code is not None:
        candidates.append(CandidateRecord(code=code, origin="model", verdict="passed", agreement=1))
    return StepRecord(
        subtask=f"Do {name}.",
        specification=Specification(
            name=name, target=f'{name}: a "target".', inputs=inputs, outputs=outputs
        ),
        recipes=["pan_tompkins"],
        candidates=candidates,
        chosen=None if code is None else 1,
        reason="1 of 2 candidates passed." if code else "none of 1 candidates passed",
    )


def make(folder: Path, heart_rate: str | None = HEART_RATE, data: Path | None = None) -> RunRecord:
    prepare(folder)
    opened = open_data(data, "ECG R-peak detection", folder)
    record = RunRecord(
        gpiot_version="0.1.0",
        task='ECG "R-peak" detection',
        seed=3,
        created="2025-01-01T00:00:00+00:00",
        candidates_per_step=2,
        model={"name": "a-model", "sha256": "0", "device": "cpu"},
        data=str(opened.path),
        data_sha256=opened.sha256,
        data_is_sample=opened.is_sample,
        data_parameters=opened.parameters,
        steps=[
            step("detect_r_peaks", DETECT, (SIGNAL, FS), (PEAKS,)),
            step("heart_rate_from_peaks", heart_rate, (PEAKS, FS), (RATE,)),
        ],
        sandbox="bubblewrap",
    )
    write(folder, record)
    return record


def write(folder: Path, record: RunRecord) -> None:
    write_project(folder, record)
    record.save(folder)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", WITHOUT_GPIOT, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "ecg"
    record = make(folder)
    done = run(folder, "main.py", "--output", "results")
    assert done.returncode == 0, done.stderr
    (folder / "stdout").write_text(done.stdout)
    write(folder, record)
    return folder


def test_main_runs_without_gpiot_and_scores_the_beats(project: Path) -> None:
    line = (project / "stdout").read_text().strip()
    assert line.startswith("Case mitdb_119 Detection accuracy: ")
    summary = json.loads((project / "results" / "summary.json").read_text())
    score = summary["cases"][0]["score"]
    assert score["recall"] > 0.95
    assert score["precision"] > 0.95
    assert "heart_rate: " in line


def test_outputs_are_saved_for_machines_and_people(project: Path) -> None:
    results = project / "results"
    assert (results / "mitdb_119" / "r_peaks.npy").exists()
    peaks = (results / "mitdb_119" / "r_peaks.csv").read_text().split()
    assert all(peak.isdigit() for peak in peaks)
    assert (results / "mitdb_119.png").read_bytes().startswith(b"\x89PNG")


def test_readme_tells_result_data_and_verification(project: Path) -> None:
    readme = (project / "README.md").read_text()
    assert "](results/mitdb_119.png)" in readme
    assert "**Sample data**" in readme
    assert "not finished" not in readme
    assert "a-model" in readme
    assert "seed 3" in readme
    page = (project / "docs" / "step1_detect_r_peaks.md").read_text()
    assert "Pan" in page
    assert "it fails" in page
    assert "(chosen)" in page


@pytest.mark.parametrize(
    "summary",
    ["[]", '{"cases": 3}', '{"cases": [{}]}', '{"cases": [{"name": 1}]}', "[" * 9_999],
    ids=["list", "number", "nameless", "named by a number", "deep"],
)
def test_a_summary_of_another_shape_is_as_none(summary: str, tmp_path: Path) -> None:
    record = make(tmp_path / "p")
    (tmp_path / "p" / "results").mkdir()
    (tmp_path / "p" / "results" / "summary.json").write_text(summary)
    write(tmp_path / "p", record)
    assert "| recording |" not in (tmp_path / "p" / "README.md").read_text()


def test_the_adapters_are_named(tmp_path: Path) -> None:
    record = make(tmp_path / "p")
    record.model["adapters"] = "mine 0123"
    write(tmp_path / "p", record)
    assert "a-model with the adapters mine 0123." in (tmp_path / "p" / "README.md").read_text()


def test_the_projects_test_passes_and_can_fail(project: Path) -> None:
    done = run(project, "tests/test_project.py")
    assert done.returncode == 0, done.stderr
    assert "Ran 4 tests" in done.stderr
    module = project / "steps" / "step2_heart_rate_from_peaks.py"
    good = module.read_text()
    try:
        module.write_text(good.replace("60 * fs", "np.nan * fs"))
        done = run(project, "tests/test_project.py")
        assert done.returncode == 1
        assert "NaN" in done.stderr
    finally:
        module.write_text(good)


def test_requirements_are_pinned_and_complete(project: Path) -> None:
    pins = dict(line.split("==") for line in (project / "requirements.txt").read_text().split())
    assert set(pins) == {"matplotlib", "numpy", "pandas", "scipy", "wfdb"}
    assert all(pins.values())


def test_generated_files_pass_ruff(project: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E4,E7,E9,F", "."]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_writing_again_changes_nothing_and_removes_what_is_stale(tmp_path: Path) -> None:
    record = make(tmp_path / "p")
    before = contents(tmp_path / "p")
    stale = tmp_path / "p" / "steps" / "step2_old_name.py"
    stale.write_text("")
    write(tmp_path / "p", record)
    assert contents(tmp_path / "p") == before


def test_a_failed_step_is_said_and_the_others_run(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    make(folder, heart_rate=None)
    assert "not finished" in (folder / "README.md").read_text()
    done = run(folder, "main.py", "--output", "out")
    assert done.returncode == 1
    assert "Step 2 (heart_rate_from_peaks) has no working program" in done.stderr
    assert (folder / "out" / "mitdb_119" / "r_peaks.npy").exists()
    assert run(folder, "tests/test_project.py").returncode == 1


def test_a_bad_recording_does_not_stop_the_others(project: Path, tmp_path: Path) -> None:
    data = tmp_path / "many"
    data.mkdir()
    (data / "a.csv").write_text("time_s,ecg\n" + "\n".join(f"{i / 100},0.1" for i in range(20)))
    for file in (project / "data" / "ecg").glob("mitdb*"):
        (data / file.name).write_bytes(file.read_bytes())
    done = run(project, "main.py", "--input", str(data), "--output", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "Case a failed: ValueError" in done.stderr
    assert "Case mitdb_119 Detection accuracy" in done.stdout


def test_unreadable_input_is_one_sentence(project: Path) -> None:
    done = run(project, "main.py", "--input", "nowhere.csv")
    assert done.returncode == 1
    assert done.stderr.strip() == "There is no file or folder nowhere.csv."


def test_what_no_recording_is_is_said_of_itself_alone(project: Path, tmp_path: Path) -> None:
    data = tmp_path / "many"
    (data / "sub").mkdir(parents=True)
    (data / "sub" / "a.csv").write_bytes(b"v,\0")
    for file in (project / "data" / "ecg").glob("mitdb*"):
        (data / file.name).write_bytes(file.read_bytes())
    done = run(project, "main.py", "--input", str(data), "--output", str(tmp_path / "out"))
    assert done.returncode == 1
    assert done.stderr.startswith("Case sub/a failed: sub/a: a.csv is not UTF-8 text")
    assert "Case mitdb_119 Detection accuracy" in done.stdout
    done = run(project, "main.py", "--input", str(data), "--output", str(data / "out"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("out lies in the data: give another folder with --output.\n")
    (tmp_path / "file").touch()
    done = run(project, "main.py", "--input", str(data), "--output", str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "File exists" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_users_data_are_not_copied(tmp_path: Path) -> None:
    data = tmp_path / "ecg.csv"
    data.write_text("time_s,ecg\n" + "\n".join(f"{i / 100},{i % 7}" for i in range(2000)))
    make(tmp_path / "p", data=data)
    assert not (tmp_path / "p" / "data").exists()
    assert str(data) in (tmp_path / "p" / "main.py").read_text()
    assert "wfdb" not in (tmp_path / "p" / "requirements.txt").read_text()


def test_an_existing_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GpiotError, match="exists already"):
        prepare(tmp_path)


def test_write_step_stands_alone(tmp_path: Path) -> None:
    record = make(tmp_path / "whole")
    write_step(tmp_path / "part", record, 0)
    assert (tmp_path / "part" / "steps" / "step1_detect_r_peaks.py").exists()
    assert (tmp_path / "part" / "recipes" / "pan_tompkins.py").exists()


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_repository_is_the_projects_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    git(tmp_path, "init", "-q", ".")
    before = contents(tmp_path / ".git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))  # as inside a hook of that repository
    folder = tmp_path / "p"
    make(folder)
    Repository.open_or_create(folder).commit("Assemble")
    repository = Repository.open_or_create(folder)
    repository.commit("Nothing new")
    (folder / "note").write_text("")
    repository.commit("Add a note")
    monkeypatch.delenv("GIT_DIR")
    assert contents(tmp_path / ".git") == before
    assert git(folder, "log", "--format=%an %s").split("\n")[:-1] == [
        "gpiot Add a note",
        "gpiot Assemble",
    ]
    assert ".gpiot/run.json" in git(folder, "ls-files")
    assert git(folder, "status", "--porcelain") == ""

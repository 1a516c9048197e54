"""`gpiot bench hd`: the judge's arithmetic, the baselines and resuming, on the shipped recording."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gpiot_cli.bench import heartbeat
from gpiot_cli.bench.heartbeat import SAMPLE, Beats, judge, open_beats
from gpiot_cli.bench.results import Results, interval
from gpiot_cli.cli.bench import app
from gpiot_cli.engine.adapted import Adapted
from gpiot_cli.engine.adapters import AdapterFile, AdapterSet, Base, Card
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.synthesis.record import Ablation, RunRecord
from gpiot_cli.synthesis.run import load_record

FIND_PEAKS = """Peaks.

```python
import numpy as np
from scipy.signal import find_peaks


def detect_r_peaks(signal: np.ndarray, fs: float) -> np.ndarray:
    return find_peaks(signal, distance=0.3 * fs, height=0.2)[0]
```"""

RAISES = FIND_PEAKS.replace("return find_peaks", "print('x' * 100)\n    return no_such")


@pytest.fixture
def beats(tmp_path: Path) -> Beats:
    data = tmp_path / "data"
    data.mkdir()
    for suffix in (".dat", ".hea", ".atr"):
        shutil.copy(SAMPLE.with_suffix(suffix), data)
    return open_beats(data, tmp_path / "results" / "records")


@pytest.fixture
def results(beats: Beats, tmp_path: Path) -> Results:
    return Results.open(tmp_path / "results", "hd", heartbeat.settings("short", beats, 2, "none"))


def test_programs_do_not_see_the_labels(beats: Beats) -> None:
    assert sorted(path.suffix for path in beats.folder.iterdir()) == [".dat", ".hea"]


def test_precision_and_recall_are_those_of_a_known_answer(beats: Beats) -> None:
    known = np.asarray(beats.records["mitdb_119"].reference["beats"])
    fs = 360
    exact = judge(beats, lambda _: known)
    assert (exact["precision"], exact["recall"], exact["ran"]) == (1.0, 1.0, True)
    late = judge(beats, lambda _: known + int(0.16 * fs))
    assert late["precision"] == 0.0
    half = judge(beats, lambda _: list(known[::2]))
    assert (half["precision"], half["recall"]) == (1.0, round(33 / 65, 5))
    twice = judge(beats, lambda _: np.repeat(known, 2))
    assert (twice["precision"], twice["recall"]) == (0.5, 1.0)
    for nonsense in (None, np.zeros((3, 2)), np.array([np.nan]), "beats"):
        failed = judge(beats, lambda _, found=nonsense: found)  # type: ignore[misc]
        assert (failed["ran"], failed["recall"]) == (False, 0.0)


def test_the_model_alone_and_the_recipe(beats: Beats, results: Results) -> None:
    engine = ScriptedEngine({"direct": [FIND_PEAKS, RAISES, "I cannot."]})
    heartbeat.measure_direct(results, beats, 3, engine, lambda _: None)
    works, raises, empty = results.lines("direct")
    assert works["ran"]
    assert works["recall"] > 0.5
    assert "no_such" in raises["records"]["mitdb_119"]["error"]
    assert "no function" in empty["records"]["mitdb_119"]["error"]
    assert raises["precision"] == empty["precision"] == 0
    heartbeat.measure_direct(results, beats, 3, engine, lambda _: None)
    assert len(engine.requests) == 1
    heartbeat.measure_recipe(results, beats, lambda _: None)
    assert results.lines("recipe")[0]["recall"] > 0.97


def test_a_project_is_made_once_and_judged(beats: Beats, results: Results, tmp_path: Path) -> None:
    engine = ScriptedEngine()
    knowledge = Knowledge.open(tmp_path / "knowledge")
    for _ in range(2):
        heartbeat.measure_projects(results, beats, [0], engine, knowledge, lambda _: None)
    (line,) = results.lines("system")
    assert line["whole run on the example"] == "passed"
    assert line["recall"] == 0  # the scripted model copies the signal
    assert "no output can be" in line["records"]["mitdb_119"]["error"]
    assert (results.folder / "projects" / "seed-00" / "main.py").exists()


def made_without(
    part: Ablation, beats: Beats, folder: Path, replies: dict[str, list[str]]
) -> tuple[ScriptedEngine, RunRecord]:
    """The engine's requests and the record of a project with a part left out."""
    results = Results.open(folder / part, "hd", heartbeat.settings("short", beats, 2, part))
    engine = ScriptedEngine(replies)
    knowledge = Knowledge.open(folder / "knowledge")
    heartbeat.measure_projects(results, beats, [0], engine, knowledge, lambda _: None)
    return engine, load_record(results.folder / "projects" / "seed-00")


def test_without_verification_the_first_program_is_the_answer(beats: Beats, tmp_path: Path) -> None:
    engine, record = made_without("verification", beats, tmp_path, {"generate": ["I cannot."]})
    asked = [request.stage for request in engine.requests]
    assert asked.count("generate") == len(record.steps)
    assert "repair" not in asked
    assert {request.n for request in engine.requests if request.stage == "generate"} == {1}
    assert all(len(step.candidates) == 1 and step.chosen is None for step in record.steps)
    assert record.at_once is None


def test_without_transformation_a_step_gets_everything_and_gives_a_dictionary(
    beats: Beats, tmp_path: Path
) -> None:
    both = (
        "Both.\n\n```python\ndef prepare_the_data(signal, fs):\n    return {'first': fs}\n\n\n"
        "def describe_the_result(signal, fs, result):\n    return {'second': result['first']}\n```"
    )
    replies = {"goal": ["I cannot say."], "generate": [both]}
    engine, record = made_without("transform", beats, tmp_path, replies)
    assert not {"target", "parameters"} & {request.stage for request in engine.requests}
    first, second = (step.specification for step in record.steps)
    assert first is not None
    assert second is not None
    assert first.target == record.subtasks[0]
    assert [p.name for p in first.inputs] == [p.name for p in record.data_parameters]
    assert [str(p.type) for p in (*first.outputs, *second.outputs)] == ["dict", "dict"]
    assert second.inputs == (*first.inputs, *first.outputs)
    assert record.whole_run == "passed"


def test_an_engine_that_fails_is_no_result(beats: Beats, results: Results, tmp_path: Path) -> None:
    class Down(ScriptedEngine):
        def generate(self, request, on_text=None):
            raise GpiotError("The server does not answer.")

    knowledge = Knowledge.open(tmp_path / "knowledge")
    with pytest.raises(GpiotError, match="The server does not answer"):
        heartbeat.measure_projects(results, beats, [0], Down(), knowledge, lambda _: None)
    assert results.lines("system") == []
    heartbeat.measure_projects(results, beats, [0], ScriptedEngine(), knowledge, lambda _: None)
    assert results.lines("system")[0]["whole run on the example"] == "passed"


def test_the_model_alone_has_no_adapters(beats: Beats, results: Results, tmp_path: Path) -> None:
    files = {"cg": AdapterFile(file="cg.gguf", sha256="0", size=1)}
    base = Base(name="base", sha256="0")
    mixes = {"generation": {"cg": 1.0}}
    card = Card(name="tuned", base=base, method="LoRA", adapters=files, mixes=mixes)
    alone = ScriptedEngine({"direct": [FIND_PEAKS]})
    engine = Adapted(alone, {"generation": AdapterSet(card, tmp_path)})
    heartbeat.measure_direct(results, beats, 1, engine, lambda _: None)
    assert [dict(request.adapters) for request in alone.requests] == [{}]
    (line,) = results.lines("direct")
    assert line["reply"] == FIND_PEAKS


def test_an_ablation_has_results_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for suffix in (".dat", ".hea", ".atr"):
        shutil.copy(SAMPLE.with_suffix(suffix), data)
    monkeypatch.chdir(tmp_path)
    words = ["hd", "--data", str(data), "--projects", "0", "--direct", "0", "--no-xqrs"]
    done = CliRunner().invoke(app, [*words, "--ablation", "knowledge"])
    assert done.exit_code == 0, done.output
    facts = Results(tmp_path / "bench" / "hd-short-without-knowledge").facts
    assert facts["settings"]["ablation"] == "knowledge"
    refused = CliRunner().invoke(app, [*words, "--ablation", "adapters", "--adapter", "mine"])
    assert isinstance(refused.exception, GpiotError)


def test_two_processes_do_not_measure_into_one_folder(results: Results) -> None:
    code = (
        "import sys; from pathlib import Path; from gpiot_cli.bench.results import Results\n"
        "Results.open(Path(sys.argv[1]), 'hd', {})"
    )
    argv = [sys.executable, "-c", code, str(results.folder)]
    other = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert "Another gpiot measures into" in other.stderr


def test_results_of_other_settings_are_not_mixed(beats: Beats, results: Results) -> None:
    with pytest.raises(GpiotError, match="another candidates"):
        Results.open(results.folder, "hd", heartbeat.settings("short", beats, 8, "none"))
    results.note("model", {"sha256": "1"})
    with pytest.raises(GpiotError, match="another model"):
        results.note("model", {"sha256": "2"})


def test_data_without_labels_are_refused(tmp_path: Path) -> None:
    for suffix in (".dat", ".hea"):
        shutil.copy(SAMPLE.with_suffix(suffix), tmp_path)
    with pytest.raises(GpiotError, match="no beat labels"):
        open_beats(tmp_path, tmp_path / "out")


def test_the_interval_covers_both_programs_and_records() -> None:
    rng = np.random.default_rng(1)
    low, high = interval(rng.normal(0.5, 0.1, (20, 22)))
    assert 0.47 < low < 0.5 < high < 0.53
    assert interval([[0.7] * 5]) == (pytest.approx(0.7), pytest.approx(0.7))
    by_record = np.tile([0.0, 1.0], (20, 10))  # equal programs, unequal records
    assert np.ptp(interval(by_record)) > 0.3

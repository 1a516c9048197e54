"""`gpiot bench har | multimodal | resources`: the judge, the rows and the data."""

from pathlib import Path

import numpy as np
import pytest
from scripted import make_home
from typer.testing import CliRunner

from gpiot_cli.bench import activity, multimodal, recognition, resources
from gpiot_cli.bench.application_data import Case
from gpiot_cli.bench.recognition import Bench, Task, accuracies
from gpiot_cli.bench.results import Results
from gpiot_cli.cli.bench import app
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.synthesis.specification import Specification, parse_parameter

SIGNALS = Path(__file__).parents[2] / "shared" / "data" / "signals"
with_data = pytest.mark.skipif(not SIGNALS.is_dir(), reason="the data sets are not here")

SPECIFICATION = Specification(
    name="classify",
    target="Tell high from low.",
    inputs=(
        parse_parameter("levels (numpy.ndarray): labelled levels, shape (n,)"),
        parse_parameter("labels (numpy.ndarray): class of each level, shape (n,)"),
        parse_parameter("new_levels (numpy.ndarray): levels to classify, shape (m,)"),
    ),
    outputs=(parse_parameter("classes (numpy.ndarray): class of each new level, shape (m,)"),),
)
RIGHT = """import numpy as np


def classify(levels, labels, new_levels):
    middle = (levels[labels == 0].mean() + levels[labels == 1].mean()) / 2
    return (new_levels > middle).astype(int)
"""
ALWAYS_LOW = "def classify(levels, labels, new_levels):\n    return [0] * len(new_levels)\n"
TOO_FEW = "def classify(levels, labels, new_levels):\n    return [0]\n"


def case(name: str, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    labels = np.array([0, 1] * 20)
    levels = labels + rng.uniform(-0.3, 0.3, 40)
    values = {"levels": levels[:20], "labels": labels[:20], "new_levels": levels[20:]}
    return Case(name, values, labels[20:])


def small_task(*wordings: str) -> Task:
    return Task(
        name="har",
        statements={name: f"Tell high from low {name}" for name in wordings},
        specification=SPECIFICATION,
        example=case("example", 0),
        splits={"later": case("later", 1), "random": case("random", 2)},
        reference=RIGHT,
        facts="twenty and twenty",
    )


def bench(folder: Path, *wordings: str) -> Bench:
    task = small_task(*(wordings or ("quickly",)))
    return Bench(task, Results.open(folder / "har", "har", task.settings(2, "none")))


def reply(code: str) -> str:
    return f"It does it.\n\n```python\n{code}```"


def test_accuracy_counts_items_and_balanced_accuracy_classes() -> None:
    found = accuracies(np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 1]))
    assert found == {"accuracy": 0.8, "balanced accuracy": 0.75}


def test_programs_are_judged_on_labels_that_they_never_had(tmp_path: Path) -> None:
    judged = bench(tmp_path)
    right = judged.judge_program(RIGHT)
    assert right["ran"]
    assert [record["accuracy"] for record in right["records"].values()] == [1.0, 1.0]
    assert 10 < right["records"]["later"]["memory MB"] < 500
    low = judged.judge_program(ALWAYS_LOW)
    assert [record["accuracy"] for record in low["records"].values()] == [0.5, 0.5]
    few = judged.judge_program(TOO_FEW)
    assert not few["ran"]
    assert "a class for each of 20 new items" in few["records"]["later"]["error"]
    recordings = np.load(tmp_path / "har" / "data" / "later" / "later.npz")
    assert set(recordings.files) == {"levels", "labels", "new_levels"}


def test_time_outs_are_counted_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "SECONDS", 3.0)
    judged = bench(tmp_path)
    endless = "def classify(levels, labels, new_levels):\n    while True:\n        pass\n"
    raises = "def classify(levels, labels, new_levels):\n    raise ValueError('too long')\n"
    for code, late in ((endless, True), (raises, False)):
        records = judged.judge_program(code)["records"]
        assert [record["timed out"] for record in records.values()] == [late, late]


def test_rows_go_on_where_they_stopped_and_become_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_home(tmp_path / "home", monkeypatch)
    replies = {"direct": [reply(RIGHT), reply(ALWAYS_LOW), "no code"]}
    engine = ScriptedEngine(replies)
    measured = bench(tmp_path / "bench", "P1", "P2")
    measured.results.note("model", {"name": "tiny", "sha256": "1", "device": "cpu"})
    said: list[str] = []
    measured.measure_reference(said.append)
    measured.measure_direct(2, engine, said.append)
    direct = measured.results.lines("direct")
    assert [line["records"]["later"]["accuracy"] for line in direct] == [1.0, 0.5, 0.0, 0.0]
    assert [line["wording"] for line in direct] == ["P1", "P1", "P2", "P2"]
    for request, wording in zip(engine.requests, ("P1", "P2"), strict=True):
        assert f"Tell high from low {wording}\n" in request.prompt.user
        assert "- new_levels (numpy.ndarray): levels to classify, shape (m,)" in request.prompt.user
    knowledge = Knowledge.open()
    measured.measure_projects([0], engine, knowledge, said.append)
    asked = len(engine.requests)
    measured.measure_reference(said.append)
    measured.measure_direct(2, engine, said.append)
    measured.measure_projects([0], engine, knowledge, said.append)
    assert len(engine.requests) == asked
    assert len(said) == 1 + 4 + 2

    done = CliRunner().invoke(
        app, ["report", "--results", str(tmp_path / "bench"), "--docs", str(tmp_path / "docs")]
    )
    assert done.exit_code == 0, done.output
    page = (tmp_path / "docs" / "har.md").read_text()
    assert "| the same model alone, P1 | 2 of 2 | 0 | 0.750 [0.500, 1.000] |" in page
    assert "| the same model alone, P2 | 0 of 2 | 0 | 0.000 [0.000, 0.000] |" in page
    assert "| a plain program that a person wrote | 1 of 1 | 0 | 1.000 | 1.000 |" in page
    assert "accuracy of 0.500 (later), 0.500 (random)" in page
    assert (tmp_path / "docs" / "images" / "har.png").exists()


def test_data_that_are_missing_are_named(tmp_path: Path) -> None:
    for name in ("har", "multimodal", "resources"):
        done = CliRunner().invoke(
            app, [name, "--signals", str(tmp_path), "--out", str(tmp_path / "out")]
        )
        assert isinstance(done.exception, GpiotError)
        assert "are not there" in str(done.exception)
    assert not (tmp_path / "out").exists()


@with_data
def test_wiar_is_split_by_repetition_and_at_random() -> None:
    task = activity.task(SIGNALS)
    for split in task.splits.values():
        assert split.values["csi"].shape == (300, 90, 250)
        assert split.values["new_csi"].shape == (150, 90, 250)
        assert np.array_equal(np.unique(split.truth, return_counts=True)[1], [10] * 15)
    whole = np.load(SIGNALS / "wiar" / "wiar_450x90x250_float16.npy", mmap_mode="r")
    later, drawn = task.splits["repetitions"].values, task.splits["random"].values
    assert np.array_equal(later["new_csi"][0], whole[20].astype(np.float32))
    assert not np.array_equal(later["new_csi"], drawn["new_csi"])
    example = task.example.values
    judged = {row.tobytes() for row in later["new_csi"]}
    assert not judged & {row.tobytes() for row in (*example["csi"], *example["new_csi"])}


@with_data
def test_the_resource_prompts_are_those_of_the_paper() -> None:
    task = resources.task(SIGNALS)
    assert list(task.statements) == ["P1", "P2", "P3", "P4"]
    assert task.statements["P4"].endswith("The GPU memory should not exceed 50 MB")
    assert list(task.splits) == ["repetitions"]


@with_data
def test_the_plain_program_counts_people(tmp_path: Path) -> None:
    task = multimodal.task(SIGNALS)
    judged = Bench(task, Results.open(tmp_path, "multimodal", task.settings(1, "none")))
    line = judged.judge_program(task.reference)
    assert line["ran"], line["records"]
    assert line["records"]["random"]["accuracy"] > 0.9
    assert len(task.example.truth) < 0.1 * 10129

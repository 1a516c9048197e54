"""`gpiot data augment`: variations are drawn once, sifted, counted, and stay in their split."""

import json
from pathlib import Path

import pytest
from test_data_tdd import GOOD, Topics, numbered, silent
from typer.testing import CliRunner

from gpiot_cli.bench.tasks import load_decomposition_tasks
from gpiot_cli.cli.gpiot import app
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError
from gpiot_cli.training.augment import augment
from gpiot_cli.training.dataset import Example, read_dataset, split_of, write_dataset
from gpiot_cli.training.tdd.decomposition import decomposition, example
from gpiot_cli.training.tdd.written import load_written

ITEMS = [example(item, "written") for item in list(load_written().values())[::12]]
TRAIN = [item for item in ITEMS if split_of(item.group) == "train"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "tdd"
    assert len(TRAIN) < len(ITEMS)
    write_dataset(folder, ITEMS, "# A few")
    return folder


def variation(
    problem: str = "Find the footsteps of a night nurse by the shaking of the floor.",
    subtasks: list[str] | None = None,
    sensor: str = "geophone in the floor",
    data: str = "event list",
    device: str = "node with 8 KB",
) -> str:
    facts = f"Sensor: {sensor}\nData: {data}\nDevice: {device}\n"
    return f"{facts}Problem: {problem}\n\n{numbered(subtasks or GOOD)}"


def both(folder: Path) -> list[Example]:
    return [e for split in ("train", "validation") for e in read_dataset(folder, split)]


def test_variations_are_kept_with_their_source(source: Path, tmp_path: Path):
    others = [
        f"{subtask[:-1]} of the {word}."
        for subtask, word in zip(GOOD, ("door", "lamp", "pump"), strict=True)
    ]
    replies = [
        variation(),
        variation("Tell how many visitors pass a gate from radar spectrograms.", others),
        variation("A toll gate counts lorries with one cheap magnetometer.", others[::-1]),
    ]
    engine = ScriptedEngine({"augment": replies})
    out = tmp_path / "out"
    report = augment(source, out, "iot", engine, Topics(), silent, limit=1)
    assert report.kept == {"modality": 1, "representation": 1, "resources": 1}
    assert report.origins == {"written": len(ITEMS), "augmented": 3}
    assert not report.rejected
    assert report.missing == len(TRAIN) - 1
    new = [e for e in both(out) if e.source["origin"] == "augmented"]
    of = {e.source["of"] for e in new}
    assert len(of) == 1
    (varied,) = [item for item in TRAIN if item.id in of]
    assert {e.group for e in new} == {varied.group}
    assert all(e in read_dataset(out, "train") for e in new)
    first = decomposition(min(new, key=lambda e: e.id))
    assert first.modality == "geophone in the floor"
    assert first.subtasks == tuple(GOOD)
    for request, words in zip(
        engine.requests, ("modality", "representation", "device"), strict=True
    ):
        assert decomposition(varied).answer in request.prompt.user
        assert words in request.prompt.user


def test_what_is_bad_is_rejected_by_reason(source: Path, tmp_path: Path):
    task = load_decomposition_tasks()[0]
    first = min(TRAIN, key=_order)
    item = decomposition(first)
    others = [s.replace("Count", "Sum") for s in GOOD]
    replies = [
        "A preamble.",
        variation(item.problem, list(item.subtasks)),
        variation("Give every customer of the shop a fitting film to watch.", others),
    ]
    out = tmp_path / "out"
    options = {"kind": "iot", "embedder": Topics(), "say": silent, "limit": 1}
    report = augment(source, out, engine=ScriptedEngine({"augment": replies}), **options)
    assert report.rejected == {"malformed": 1, "unchanged": 1, "not IoT": 1}

    longer = " and tell its owner about the result by a message" * 2
    replies = [
        variation(task.problem.replace("\n", " ")),
        variation("Say where the paraphrase of a benchmark stands" + longer + "."),
        variation(),
    ]
    report = augment(source, out, engine=ScriptedEngine({"augment": replies}), **options)
    assert report.rejected == {"malformed": 1, "unchanged": 1, "not IoT": 1, "contaminated": 2}
    assert report.kept == {"resources": 1}

    report = augment(source, out, engine=ScriptedEngine({"augment": [variation()]}), **options)
    assert report.rejected["duplicate"] == 3
    assert report.drawn == 9
    assert sum(report.kept.values()) + sum(report.rejected.values()) == report.drawn
    card = " ".join((out / "README.md").read_text().split())
    assert (
        "Replies: 9; kept: 1 resources; left out: 3 duplicate, 2 contaminated, 1 malformed" in card
    )


def _order(made: Example) -> bytes:
    import hashlib

    return hashlib.sha256(made.id.encode()).digest()


def test_a_killed_run_goes_on_and_asks_nothing_twice(source: Path, tmp_path: Path):
    out = tmp_path / "out"

    class Killed(ScriptedEngine):
        def generate(self, request, on_text=None):
            if len(self.requests) == 5:
                raise KeyboardInterrupt
            return super().generate(request, on_text)

    with pytest.raises(KeyboardInterrupt):
        augment(source, out, "linguistic", Killed({"augment": ["nothing"]}), Topics(), silent)
    engine = ScriptedEngine({"augment": ["nothing"]})
    report = augment(source, out, "linguistic", engine, Topics(), silent)
    assert len(engine.requests) == 3 * (len(TRAIN) - 1)
    assert report.rejected == {"malformed": 3 * len(TRAIN)}
    assert report.missing == 0
    asked = {request.prompt.user for request in engine.requests}
    assert not any(
        e.source["problem"] in prompt
        for e in read_dataset(source, "validation")
        for prompt in asked
    )


def test_other_settings_need_another_folder(source: Path, tmp_path: Path):
    out = tmp_path / "out"
    engine = ScriptedEngine({"augment": ["nothing"]})
    augment(source, out, "iot", engine, Topics(), silent, limit=1)
    with pytest.raises(GpiotError, match="another seed"):
        augment(source, out, "iot", engine, Topics(), silent, limit=1, seed=1)
    with pytest.raises(GpiotError, match="overwrite"):
        augment(source, source, "iot", engine, Topics(), silent)


def test_the_linguistic_arm_keeps_the_facts(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    engine = ScriptedEngine(
        {
            "augment": [
                "Problem: Count the footsteps in a corridor at night.\n\n" + numbered(GOOD),
                "-",
            ]
        }
    )
    monkeypatch.setattr("gpiot_cli.knowledge.embedder.MiniLM", Topics)
    monkeypatch.setattr("gpiot_cli.cli.data_tdd.open_asked", lambda *_: engine)
    out = tmp_path / "out"
    arguments = [
        "data",
        "augment",
        str(source),
        "--out",
        str(out),
        "--kind",
        "linguistic",
        "--limit",
        "1",
        "--json",
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["origins"] == {"written": len(ITEMS), "linguistic": 1}
    assert report["kept"] == {"constrain": 1}
    assert report["rejected"] == {"malformed": 2}
    (made,) = [e for e in both(out) if e.source["origin"] == "linguistic"]
    (of,) = [item for item in TRAIN if item.id == made.source["of"]]
    assert made.source["modality"] == of.source["modality"]

"""Training data: what is written is read again, splits keep groups together, copies go."""

import json
import random
from pathlib import Path

import pytest

from gpiot_cli.errors import GpiotError
from gpiot_cli.training.dataset import (
    SPLITS,
    Example,
    Message,
    read_dataset,
    split_of,
    without_near_duplicates,
    write_dataset,
)


def example(name: str, answer: str = "", **source: str) -> Example:
    messages = (
        Message(role="system", content="You are an engineer."),
        Message(role="user", content=f"Explain {name}."),
        Message(role="assistant", content=answer or f"{name} is what it is called."),
    )
    return Example(id=name, group=name, messages=messages, source={"kind": "D1", **source})


def words(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("abcdefghij", k=6)) for _ in range(count)]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    examples = [
        example(f"object{i}", topic="signal processing" if i % 2 else "") for i in range(40)
    ]
    write_dataset(tmp_path, examples, "# A set\n\nMade for a test.")
    found = [e for split in SPLITS for e in read_dataset(tmp_path, split)]
    assert {e.id: e.messages for e in found} == {e.id: e.messages for e in examples}
    assert {e.source.get("topic") for e in found} == {None, "signal processing"}
    assert {e.id for e in read_dataset(tmp_path, "validation")} == {
        e.id for e in examples if split_of(e.group) == "validation"
    }
    card = (tmp_path / "README.md").read_text()
    assert "Made for a test." in card
    assert "| signal processing |" in card


def test_every_line_has_the_same_columns(tmp_path: Path) -> None:
    write_dataset(tmp_path, [example(f"a{i}", **{f"key{i}": "x"}) for i in range(20)], "# A set")
    rows = [
        json.loads(line)
        for split in SPLITS
        for line in (tmp_path / f"{split}.jsonl").read_text().splitlines()
    ]
    assert len({tuple(row["source"]) for row in rows}) == 1


def test_datasets_reads_the_folder(tmp_path: Path) -> None:
    import datasets

    write_dataset(tmp_path / "set", [example(f"a{i}") for i in range(100)], "# A set")
    found = datasets.load_dataset(str(tmp_path / "set"), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in found.items()} == {
        split: len(read_dataset(tmp_path / "set", split)) for split in SPLITS
    }
    assert found["train"][0]["messages"][-1]["role"] == "assistant"


def test_about_a_tenth_is_for_validation_and_a_group_is_never_cut() -> None:
    splits = [split_of(f"group {i}") for i in range(2000)]
    assert 150 < splits.count("validation") < 250
    assert splits == [split_of(f"group {i}") for i in range(2000)]


def test_near_duplicates_go_and_others_stay() -> None:
    text = words(200, seed=1)
    one_word_changed = [*text[:100], "changed", *text[101:]]
    every_tenth_changed = ["changed" if i % 10 == 0 else word for i, word in enumerate(text)]
    kept, dropped = without_near_duplicates(
        [
            example("first", " ".join(text)),
            example("first", " ".join(one_word_changed)),
            example("first", " ".join(every_tenth_changed)),
            example("other", " ".join(words(200, seed=2))),
            example("short", "Yes."),
            example("short", "No, it never was."),
        ]
    )
    assert dropped == 1
    assert [e.id for e in kept] == ["first", "first", "other", "short", "short"]


@pytest.mark.parametrize("damage", ["missing", "unfinished", "changed", "foreign"])
def test_what_is_no_data_set_is_refused(tmp_path: Path, damage: str) -> None:
    if damage != "missing":
        write_dataset(tmp_path, [example(f"a{i}") for i in range(20)], "# A set")
    if damage == "unfinished":
        (tmp_path / "manifest.json").unlink()
    if damage == "changed":
        (tmp_path / "train.jsonl").write_text("{}\n")
    if damage == "foreign":
        (tmp_path / "manifest.json").write_text("[1]")
    with pytest.raises(GpiotError):
        read_dataset(tmp_path, "train")

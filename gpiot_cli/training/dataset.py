"""Training data: chat examples, their split, near-duplicate removal, and the folder they lie in.

A folder holds `train.jsonl` and `validation.jsonl` (one example a line, readable by
`datasets.load_dataset(FOLDER)`), `README.md` (the data card), and `manifest.json`, which is written
last: a folder without it is not finished. The manifest names the IoTBench that the examples were
compared with; with another one they are not read, since they may hold its tasks.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gpiot_cli.bench.tasks import digest
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of, write_atomic

Split = Literal["train", "validation"]
SPLITS: tuple[Split, ...] = ("train", "validation")

FORMAT = "gpiot-dataset-1"
MANIFEST = "manifest.json"
CARD = "README.md"
COUNTED = ("kind", "origin", "strength", "topic", "licence", "package")
"""What of an example's source the card counts."""

NEAR = 0.8
"""Jaccard similarity of word 5-grams from which two examples count as one."""
GRAM = 5
PERMUTATIONS = 128
PROPOSED = 0.7
"""Estimated similarity from which a pair is compared; lower than `NEAR`, as estimates err."""
WORD = re.compile(r"\w+")


class Message(BaseModel):
    """One turn of a chat."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str = Field(min_length=1)


class Example(BaseModel):
    """A chat that ends with the answer to learn."""

    model_config = ConfigDict(frozen=True)

    id: str
    group: str
    """What must stay in one split: the function or the problem that the example is about."""
    messages: tuple[Message, ...] = Field(min_length=2)
    source: dict[str, str]
    """Where it is from and what is known of it: package, version, licence, object, kind (D1, D2,
    D3, TDD), strength (of verification), origin (raw, written, augmented), topic, ..."""

    @property
    def text(self) -> str:
        """Question and answer, without the system prompt that many examples share."""
        return "\n\n".join(m.content for m in self.messages if m.role != "system")


def split_of(group: str, validation: float = 0.1) -> Split:
    """The split of a group, by its hash: the same in every data set and on every machine."""
    digest = hashlib.sha256(group.encode()).digest()
    return "validation" if int.from_bytes(digest[:8]) < validation * 2**64 else "train"


def without_near_duplicates(examples: Iterable[Example]) -> tuple[list[Example], int]:
    """The examples that are not near-duplicates of an earlier one, and how many were left out.

    Two are near-duplicates when the Jaccard similarity of the word 5-grams of their `text` is at
    least 0.8. Locality-sensitive hashing proposes the pairs; the similarity itself is exact.
    """
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=PROPOSED, num_perm=PERMUTATIONS)
    grams: dict[int, frozenset[bytes]] = {}
    kept, dropped = [], 0
    for number, example in enumerate(examples):
        own = _grams(example.text)
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch(own)
        if any(_jaccard(own, grams[other]) >= NEAR for other in index.query(sketch)):
            dropped += 1
            continue
        index.insert(number, sketch)
        grams[number] = own
        kept.append(example)
    return kept, dropped


def write_dataset(folder: Path, examples: Sequence[Example], card: str) -> None:
    """Write the examples by split, and the data card: `card` (Markdown) with counts below it.

    Every line has the same keys of `source` ("" where an example lacks one), as Arrow wants it.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    keys = sorted({key for example in examples for key in example.source})
    files = {}
    for split in SPLITS:
        lines = [_line(e, keys) for e in examples if split_of(e.group) == split]
        path = folder / f"{split}.jsonl"
        write_atomic(path, "".join(lines))
        files[path.name] = {"examples": len(lines), "sha256": sha256_of(path)}
    write_atomic(folder / CARD, _card(examples, card))
    files[CARD] = {"sha256": sha256_of(folder / CARD)}
    manifest = {"format": FORMAT, "files": files, "iotbench": digest()}
    write_atomic(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n")


def read_dataset(folder: Path, split: Split) -> list[Example]:
    """The examples of a split, as they were written.

    Raises `GpiotError` for a folder that is no finished data set, has been changed since, or was
    compared with another IoTBench.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        known = manifest["format"] == FORMAT
        expected = manifest["files"][f"{split}.jsonl"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise GpiotError(
            f"{folder} is no finished data set.",
            "Make one with `gpiot data`; the same command again goes on with one half made.",
        )
    if manifest.get("iotbench") != digest():
        raise GpiotError(
            f"{folder} was compared with another IoTBench than the one here, and may hold its tasks.",
            "Make the data set again with `gpiot data`.",
        )
    path = folder / f"{split}.jsonl"
    if not path.exists() or sha256_of(path) != expected:
        raise GpiotError(f"{path} is not what was written.", "Make the data set again.")
    with path.open(encoding="utf-8") as lines:
        try:
            return [_example(line) for line in lines]
        except ValidationError as error:
            fault = error.errors()[0]["msg"]
            raise GpiotError(f"{path} holds no examples: {fault}.", "Make it again.") from error


def _line(example: Example, keys: Sequence[str]) -> str:
    data = example.model_dump()
    data["source"] = {key: example.source.get(key, "") for key in keys}
    return json.dumps(data, ensure_ascii=False) + "\n"


def _example(line: str) -> Example:
    example = Example.model_validate_json(line)
    source = {key: value for key, value in example.source.items() if value}
    return example.model_copy(update={"source": source})


def _card(examples: Sequence[Example], card: str) -> str:
    files = [{"split": split, "path": f"{split}.jsonl"} for split in SPLITS]
    header = json.dumps([{"config_name": "default", "data_files": files}])
    parts = [f"---\nconfigs: {header}\n---", card.strip(), "## Counts"]
    parts += [_table(examples, key) for key in COUNTED if any(e.source.get(key) for e in examples)]
    return "\n\n".join(parts) + "\n"


def _table(examples: Sequence[Example], key: str) -> str:
    """How many examples of each value of `source[key]`, most first, by split."""
    counts = Counter((e.source.get(key) or "-", split_of(e.group)) for e in examples)
    values = Counter(e.source.get(key) or "-" for e in examples)
    rows = [f"| {key} | train | validation |", "|---|---:|---:|"]
    rows += [
        f"| {value} | {counts[value, 'train']} | {counts[value, 'validation']} |"
        for value, _ in values.most_common()
    ]
    total = Counter(split_of(e.group) for e in examples)
    return "\n".join([*rows, f"| all | {total['train']} | {total['validation']} |"])


def _grams(text: str) -> frozenset[bytes]:
    words = WORD.findall(text.lower())
    starts = range(max(1, len(words) - GRAM + 1))
    return frozenset(" ".join(words[i : i + GRAM]).encode() for i in starts)


def _jaccard(one: frozenset[bytes], other: frozenset[bytes]) -> float:
    return len(one & other) / len(one | other)

"""The knowledge store: what it finds, what it takes in, and how it survives."""

import hashlib
import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gpiot_cli.cli.knowledge import app
from gpiot_cli.engine import catalog
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge import store
from gpiot_cli.knowledge.embedder import MiniLM
from gpiot_cli.knowledge.recipe import load_recipes
from gpiot_cli.knowledge.store import Knowledge


class WordEmbedder:
    """Counts words: near texts share words. Quick, and exact enough for the store's own tests."""

    def __init__(self, size: int = 384) -> None:
        self.size = size
        self.texts = 0

    @property
    def name(self) -> str:
        return f"words:{self.size}"

    def __call__(self, texts: list[str]) -> list[list[float]]:
        self.texts += len(texts)
        return [self._embed(text) for text in texts]

    def _embed(self, text: str) -> list[float]:
        vector = [1e-6] * self.size
        for word in text.lower().split():
            vector[zlib.crc32(word.encode()) % self.size] += 1
        return vector


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gpiot home of its own, next to the models that are on this machine already."""
    monkeypatch.setenv("GPIOT_MODELS", str(catalog.folders()[0]))
    monkeypatch.setenv("GPIOT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def knowledge(embedder: WordEmbedder) -> Knowledge:
    return Knowledge.open(embedder=embedder)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with something of every kind, readable or not."""
    folder = tmp_path / "notes"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "secret.md").write_text("zebra secret")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "built.py").write_text("zebra = 1")
    (folder / "boiler.md").write_text(
        "# Boiler\nGeneral.\n## Limits\nThe flamingo valve opens at 3 bar.\n"
        "```\n# not a heading\n```\n# Pump\nThe pelican pump runs dry.\n"
    )
    (folder / "firmware.py").write_text(
        'import os\n\n\ndef blink_led():\n    """Blink the ostrich lamp."""\n\n\n'
        "class Motor:\n    def spin(self):\n        return 'kiwi'\n"
    )
    (folder / "driver.c").write_text("/* toucan */\nint read(void) { return 0; }\n")
    (folder / "image.png").write_bytes(b"\x89PNG\0")
    (folder / "binary.txt").write_bytes(b"text\0more")
    (folder / "empty.md").write_text("\n")
    (folder / "huge.txt").write_text("word " * 500_000)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4\nnothing of the kind")
    (folder / "dangling.md").symlink_to(folder / "nowhere.md")
    return folder


# What it finds


def test_the_shipped_recipes_are_there_at_the_first_open(knowledge: Knowledge):
    recipes = load_recipes()
    assert [s.source for s in knowledge.sources() if s.kind == "recipe"] == [
        r.name for r in sorted(recipes.values(), key=lambda r: (r.topic, r.name))
    ]
    passages = knowledge.search("Pan-Tompkins QRS R-peak detection", k=5)
    names = [passage.recipe for passage in passages]
    assert names[0] == "pan_tompkins"
    assert len(set(names)) == 5
    assert passages[0].text == recipes["pan_tompkins"].prose
    assert passages[0].source == recipes["pan_tompkins"].source
    assert [p.similarity for p in passages] == sorted(
        (p.similarity for p in passages), reverse=True
    )


def test_a_second_open_embeds_nothing(embedder: WordEmbedder):
    Knowledge.open(embedder=embedder)
    before = embedder.texts
    Knowledge.open(embedder=embedder)
    assert embedder.texts == before > 0


def test_only_changed_recipes_are_embedded_again(
    tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "recipes"
    names = ("lowpass_filter", "highpass_filter", "notch_filter")
    (folder / "signal_processing").mkdir(parents=True)
    for name in names:
        shutil.copy(load_recipes()[name].path, folder / "signal_processing")
    monkeypatch.setattr(store, "load_recipes", lambda: load_recipes(folder))
    Knowledge.open(embedder=embedder)

    changed = folder / "signal_processing" / "notch_filter.py"
    changed.write_text(
        changed.read_text().replace("keywords: ", "keywords: axolotl axolotl axolotl, ")
    )
    (folder / "signal_processing" / "lowpass_filter.py").unlink()
    load_recipes.cache_clear()
    before = embedder.texts
    knowledge = Knowledge.open(embedder=embedder)

    assert embedder.texts - before == store.VECTORS_PER_RECIPE
    assert [source.source for source in knowledge.sources()] == ["highpass_filter", "notch_filter"]
    assert knowledge.search("axolotl axolotl", k=1)[0].recipe == "notch_filter"


def test_filters_by_topic_modality_and_kind(knowledge: Knowledge, notes: Path):
    knowledge.add(notes)
    recipes = load_recipes()

    found = knowledge.search("signal", k=100, kind="recipe", topic="signal processing")
    expected = {r.name for r in recipes.values() if r.topic == "signal processing"}
    assert {passage.recipe for passage in found} == expected

    found = knowledge.search("signal", k=100, kind="recipe", modality="ecg")
    expected = {r.name for r in recipes.values() if {"ecg", "generic"} & set(r.modalities)}
    assert {passage.recipe for passage in found} == expected
    assert expected < set(recipes)

    found = knowledge.search("signal", k=100, kind="document")
    assert {passage.kind for passage in found} == {"document"}

    found = knowledge.search("flamingo valve opens", k=1, modality="ecg", topic="biosignals")
    assert found[0].source == str(notes / "boiler.md")


def test_an_empty_query_is_refused(knowledge: Knowledge):
    with pytest.raises(GpiotError, match="query is empty"):
        knowledge.search("  ")


# What it takes in


@pytest.mark.parametrize(
    ("query", "file", "heading"),
    [
        ("flamingo valve opens", "boiler.md", "boiler.md > Boiler > Limits"),
        ("pelican pump runs dry", "boiler.md", "boiler.md > Pump"),
        ("blink the ostrich lamp", "firmware.py", "firmware.py > blink_led"),
        ("class motor: def spin(self): kiwi", "firmware.py", "firmware.py > Motor"),
        ("/* toucan */ int", "driver.c", "driver.c"),
    ],
)
def test_documents_are_cut_at_headings_and_functions(
    knowledge: Knowledge, notes: Path, query: str, file: str, heading: str
):
    knowledge.add(notes)
    (passage,) = knowledge.search(query, k=1, kind="document")
    assert passage.source == str(notes / file)
    assert passage.text.splitlines()[0] == heading
    assert passage.recipe is None


def test_what_cannot_be_read_is_left_out_with_the_reason(knowledge: Knowledge, notes: Path):
    added = knowledge.add(notes)
    assert added.files == 3
    reasons = {path.name: reason for path, reason in added.skipped}
    assert reasons.pop("broken.pdf").startswith("a damaged or locked PDF")
    assert reasons == {
        "image.png": "not Markdown, text, PDF or code",
        "binary.txt": "binary",
        "empty.md": "holds no text",
        "huge.txt": "larger than 2 MB",
        "dangling.md": "not a regular file",
    }
    assert not [p for p in knowledge.search("zebra", k=100) if "zebra" in p.text]


def test_a_pdf_is_read_page_by_page(knowledge: Knowledge, tmp_path: Path):
    paper = tmp_path / "paper.pdf"
    _write_pdf(paper, ["Nothing here", "The albatross filter"])
    knowledge.add(paper)
    (passage,) = knowledge.search("albatross filter", k=1)
    assert passage.text == "paper.pdf > page 2\nThe albatross filter"


def test_adding_again_takes_in_what_changed_and_drops_what_is_gone(
    knowledge: Knowledge, embedder: WordEmbedder, notes: Path
):
    first = knowledge.add(notes)
    before = embedder.texts
    assert knowledge.add(notes).passages == first.passages
    assert embedder.texts == before

    (notes / "driver.c").unlink()
    (notes / "boiler.md").write_text("# Pump\nThe heron pump.\n")
    knowledge.add(notes)
    texts = [p.text for p in knowledge.search("pump", k=100, kind="document")]
    assert "boiler.md > Pump\nThe heron pump." in texts
    assert not [text for text in texts if "pelican" in text or "toucan" in text]


def test_list_and_remove(knowledge: Knowledge, notes: Path):
    knowledge.add(notes)
    (source,) = (s for s in knowledge.sources() if s.kind == "document")
    assert (source.source, source.files) == (str(notes), 3)

    assert knowledge.remove(notes / "driver.c") == 1
    assert knowledge.remove(notes) == 2
    assert not [s for s in knowledge.sources() if s.kind == "document"]
    assert knowledge.search("anything", k=100, kind="document") == []
    with pytest.raises(GpiotError, match="Nothing from"):
        knowledge.remove(notes)


def test_long_texts_are_cut_to_what_the_embedder_reads(knowledge: Knowledge, tmp_path: Path):
    text = tmp_path / "long.txt"
    lines = [f"line {i} " + "word " * 20 for i in range(200)]
    text.write_text("\n".join(lines) + "\n\n" + "x" * 5000)
    knowledge.add(text)
    passages = knowledge.search("word", k=1000, kind="document")
    assert max(len(p.text) for p in passages) <= 1000 + len("long.txt\n")
    together = "".join(p.text for p in passages)
    assert all(line.strip() in together for line in lines)
    assert together.count("x") - together.count(".txt") == 5000


# How it survives


@pytest.mark.parametrize("damage", ["garbage", "truncated", "index"])
def test_a_damaged_store_is_a_sentence_and_rebuild_mends_it(
    knowledge: Knowledge, embedder: WordEmbedder, notes: Path, damage: str
):
    knowledge.add(notes)
    database = knowledge.folder / "chroma" / "chroma.sqlite3"
    intact = database.read_bytes()
    if damage == "index":  # which Chroma itself would not notice, and crash
        (index,) = (knowledge.folder / "chroma").glob("*/data_level0.bin")
        index.write_bytes(b"x" * index.stat().st_size)
    else:
        database.write_bytes(b"x" * 10_000 if damage == "garbage" else intact[:5000])
    for _ in range(2):
        with pytest.raises(GpiotError, match="is damaged") as error:
            Knowledge.open(embedder=embedder)
        assert error.value.remedy == "Run `gpiot knowledge rebuild`."

    added = Knowledge(embedder=embedder).rebuild()
    assert added.files == 3
    knowledge = Knowledge.open(embedder=embedder)
    assert knowledge.search("Pan-Tompkins QRS R-peak detection", k=1)[0].recipe == "pan_tompkins"
    assert "flamingo" in knowledge.search("flamingo valve opens", k=1)[0].text


def test_rebuild_names_what_is_no_longer_there(knowledge: Knowledge, notes: Path):
    knowledge.add(notes)
    shutil.rmtree(notes)
    added = knowledge.rebuild()
    assert added.skipped == [(notes, f"{notes} does not exist.")]


def test_another_embedder_means_a_rebuild(knowledge: Knowledge, notes: Path):
    knowledge.add(notes)
    other = Knowledge.open(embedder=WordEmbedder(size=64))
    assert other.search("flamingo valve opens", k=1)[0].source == str(notes / "boiler.md")
    assert other.search("Pan-Tompkins QRS R-peak detection", k=1)[0].recipe == "pan_tompkins"


ADD_AND_SEARCH = """
import sys
from pathlib import Path
from test_knowledge import WordEmbedder
from gpiot_cli.knowledge.store import Knowledge
knowledge = Knowledge.open(embedder=WordEmbedder())
for path in sys.argv[1:]:
    knowledge.add(Path(path))
    assert knowledge.search(Path(path).read_text(), k=1)[0].source == path
"""


def test_processes_that_open_and_write_at_once(tmp_path: Path, embedder: WordEmbedder):
    files = [tmp_path / f"{i}.txt" for i in range(4)]
    for file in files:
        file.write_text(hashlib.sha256(file.name.encode()).hexdigest())
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ADD_AND_SEARCH, *map(str, files[i::2])],
            cwd=Path(__file__).parent,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(2)
    ]
    faults = [process.communicate()[1] for process in running]
    assert [p.returncode for p in running] == [0, 0], faults

    knowledge = Knowledge.open(embedder=embedder)
    sources = knowledge.sources()
    assert len([s for s in sources if s.kind == "recipe"]) == len(load_recipes())
    assert [s.source for s in sources if s.kind == "document"] == sorted(map(str, files))
    for file in files:
        assert knowledge.search(file.read_text(), k=1)[0].source == str(file)


def test_a_reader_sees_what_another_process_wrote(
    knowledge: Knowledge, embedder: WordEmbedder, notes: Path
):
    knowledge.search("anything")
    Knowledge.open(embedder=embedder).add(notes)
    assert knowledge.search("flamingo valve opens", k=1)[0].source == str(notes / "boiler.md")


# The real embedder and the command line


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    try:
        catalog.pull(catalog.EMBEDDER)
    except GpiotError as error:
        pytest.skip(f"the embedder cannot be fetched: {error}")
    return MiniLM()


def _write_pdf(path: Path, pages: list[str]) -> None:
    """A PDF with one line of text on each page."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): font})
    for text in pages:
        page = writer.add_blank_page(300, 300)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = content
    writer.write(path)

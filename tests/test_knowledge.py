"""The knowledge store: what it finds, what it takes in, and how it survives."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gpiot_cli.cli.gpiot import app
from gpiot_cli.cli.main import run
from gpiot_cli.engine import catalog
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge import store
from gpiot_cli.knowledge.embedder import MiniLM, open_embedder
from gpiot_cli.knowledge.recipe import load_recipes
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.synthesis import retrieve

QUERIES = {
    "find heartbeats in an electrocardiogram": {"pan_tompkins", "qrs_two_moving_averages"},
    "how stressed is somebody, judged by the variation between successive beats": {
        "hrv_time_domain",
        "hrv_frequency_domain",
    },
    "blood oxygenation from red and infrared light through a finger": {"spo2_ratio_of_ratios"},
    "pulse of the wearer from the green LED of a smartwatch": {
        "ppg_heart_rate_spectrum",
        "ppg_systolic_peaks",
    },
    "is this cardiac recording too noisy to be trusted": {"ecg_quality_index"},
    "the electricity grid hums in my measurement, get rid of it": {
        "powerline_notch",
        "notch_filter",
    },
    "electrode signal slowly wanders up and down with respiration": {"ecg_baseline_removal"},
    "how far away is a Bluetooth tag": {"rssi_distance"},
    "where in the building is the phone, given the access points it hears": {
        "rssi_fingerprint_position"
    },
    "contactless respiration of a sleeping person through the router": {
        "csi_breathing_rate",
        "radar_vital_signs",
    },
    "does anybody walk through the room, using only wireless signals": {
        "csi_motion_statistic",
        "csi_activity_features",
    },
    "distances of the objects in front of a chirped millimetre wave sensor": {"fmcw_range_profile"},
    "how fast does a car approach the radar": {"range_doppler_map", "micro_doppler_features"},
    "bearing of a transmitter with several antennas": {"music_angle_of_arrival"},
    "where am I when I know how far the three anchors are": {"trilateration"},
    "ultrasonic parking sensor": {"echo_distance"},
    "single wild readings spoil my thermometer log": {"hampel_filter"},
    "samples arrive at irregular moments but the algorithm needs a fixed rate": {
        "resample_uniform"
    },
    "two boxes recorded the same bang but their clocks disagree": {"align_signals"},
    "chop a sensor stream into pieces for a classifier": {"sliding_windows"},
    "which tone does the motor hum at": {"dominant_frequency", "power_spectral_density"},
    "first remove everything outside the band where QRS energy lies from the raw ECG": {
        "bandpass_filter",
        "ecg_baseline_removal",
    },
    "compute beats per minute from detected peaks": {"heart_rate_from_peaks"},
    "smooth the curve but keep the height of its bumps": {
        "savitzky_golay_smooth",
        "wavelet_denoise",
    },
    "keep only the slow changes of a jittery signal": {"lowpass_filter", "kalman_smooth"},
    "remove gravity and slow drift, keep the fast part": {"highpass_filter"},
    "picture of frequency content over time": {"stft_spectrogram"},
    "bring channels of different scale to the same scale before training": {"zscore_normalize"},
    "how strong is the muscle contraction over time": {"emg_envelope", "rms_envelope"},
    "decode a Modbus frame from an energy meter": {"parse_modbus_rtu"},
    "read latitude and longitude from a GPS receiver's sentences": {"parse_nmea_gga"},
    "does this subscription with wildcards get the message": {"mqtt_topic_match"},
    "how long does a long-range radio packet occupy the air": {"lora_airtime"},
    "message got corrupted on the serial line, how to notice": {"crc16_modbus"},
    "frame bytes on a UART so that zero marks the end": {"cobs_encode"},
    "what does this beacon broadcast": {"parse_ble_advertisement"},
    "is there a target above the clutter in the radar picture": {"cfar_detection"},
    "distance between two UWB devices without a shared clock": {"two_way_ranging"},
    "heart and breath of a driver from a radar in the dashboard": {"radar_vital_signs"},
    "clean WiFi channel measurements from hardware phase errors": {"csi_phase_sanitize"},
    "keep the room at 21 degrees without overshooting": {"pid_control", "hysteresis_thermostat"},
    "how full is the accumulator of my node": {"battery_state_of_charge"},
    "the button fires several times for one press": {"debounce_signal"},
    "how many people breathe in this office": {"co2_occupancy"},
    "do not call the cloud more than ten times a minute": {"token_bucket_limit"},
    "count the paces of someone with a phone in the pocket": {"step_count", "gait_cadence"},
    "an old person tumbles and stays on the ground": {"fall_detection"},
    "which way up is the device": {"tilt_angles", "complementary_filter", "madgwick_orientation"},
    "tell sitting from running with a wristband": {"activity_features"},
    "length of a bicycle tour from its coordinates": {"gps_distance"},
    "what will the house consume tomorrow": {"holt_winters_forecast", "seasonal_naive_forecast"},
    "a few values are missing from the log": {"impute_missing", "resample_uniform"},
    "when did the level of the measurement suddenly shift": {"cusum_changes"},
    "does this gesture look like the stored one although it was made slower": {"dtw_distance"},
}
"""What someone might ask, in other words than the recipes', and the recipes that fit."""

RECALL_AT_3 = 0.75
"""The share of QUERIES with a fitting recipe among the first three; measured: 0.81 of 54 among 112 recipes."""


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
    if model := catalog.find(catalog.EMBEDDER).path:
        monkeypatch.setenv("GPIOT_MODELS", str(model.parent))
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


def test_a_text_is_embedded_once_however_often_it_is_compared(embedder: WordEmbedder):
    knowledge = Knowledge.open(embedder=embedder)
    before = embedder.texts
    steps = ["filter the signal", "find the peaks", "count the peaks"]
    likenesses = [knowledge.likeness("count peaks", step) for step in steps]
    found = [knowledge.search(step, k=1) for step in steps]
    assert embedder.texts == before + 1 + len(steps)
    assert likenesses.index(max(likenesses)) == 2
    assert [knowledge.search(step, k=1) for step in steps] == found


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

    assert embedder.texts - before == 1
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


def test_what_a_kill_left_is_built_again(
    knowledge: Knowledge, embedder: WordEmbedder, notes: Path, caplog: pytest.LogCaptureFixture
):
    knowledge.add(notes)
    (index,) = (knowledge.folder / "chroma").glob("*/data_level0.bin")
    index.write_bytes(b"x" * index.stat().st_size)  # half-written, or anybody's
    (knowledge.folder / "open").touch()
    again = Knowledge.open(embedder=embedder)
    assert "A kill left the knowledge store unfinished" in caplog.text
    assert "flamingo" in again.search("flamingo valve opens", k=1)[0].text
    assert len([s for s in again.sources() if s.kind == "recipe"]) == len(load_recipes())
    assert not {"open", "rebuilding"} & {path.name for path in knowledge.folder.iterdir()}


def test_a_killed_rebuild_goes_on(
    knowledge: Knowledge, embedder: WordEmbedder, notes: Path, monkeypatch: pytest.MonkeyPatch
):
    knowledge.add(notes)
    with monkeypatch.context() as patched:
        patched.setattr(Knowledge, "_fill", lambda self: None)
        knowledge.rebuild()
    again = Knowledge.open(embedder=embedder)
    assert "flamingo" in again.search("flamingo valve opens", k=1)[0].text


SEARCH_FOREVER = """
from test_knowledge import WordEmbedder
from gpiot_cli.knowledge.store import Knowledge
print("ready", flush=True)
while True:
    Knowledge.open(embedder=WordEmbedder()).search("heartbeats")
"""


def test_a_kill_at_any_moment_damages_nothing(embedder: WordEmbedder):
    for after in (0.3, 0.41, 0.52, 0.63):
        command = [sys.executable, "-c", SEARCH_FOREVER]
        with subprocess.Popen(
            command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(after)
            process.kill()
        found = Knowledge.open(embedder=embedder).search("Pan-Tompkins QRS R-peak detection", k=1)
        assert found[0].recipe == "pan_tompkins"


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


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the shipped recipes, embedded by MiniLM."""
    try:
        catalog.pull(catalog.EMBEDDER)
    except GpiotError as error:
        pytest.skip(f"the embedder cannot be fetched: {error}")
    folder = tmp_path_factory.mktemp("indexed")
    Knowledge.open(folder)
    return folder


def test_natural_questions_find_their_recipe(indexed: Path):
    knowledge = Knowledge.open(indexed)
    assert set.union(*QUERIES.values()) <= set(load_recipes())
    found = {
        query: [p.recipe for p in knowledge.search(query, k=3, kind="recipe")] for query in QUERIES
    }
    missed = {query: found[query] for query, fit in QUERIES.items() if not fit & {*found[query]}}
    assert 1 - len(missed) / len(QUERIES) >= RECALL_AT_3, missed


def test_only_related_recipes_are_shown_to_the_model(indexed: Path):
    knowledge = Knowledge.open(indexed)
    ecg = [recipe.name for recipe in retrieve.for_task(knowledge, "ECG R-peak detection")]
    assert len(ecg) == retrieve.SHARED_RECIPES
    assert {"pan_tompkins", "qrs_two_moving_averages"} <= set(ecg)
    for task in ("Translate a poem into French", "Sum up what a stay in a hotel costs"):
        assert retrieve.for_task(knowledge, task) == []
        assert retrieve.near(knowledge, task) == retrieve.Near()


def test_where_a_program_has_to_run_finds_no_recipes(indexed: Path):
    knowledge = Knowledge.open(indexed)
    plain = "Count the steps of a walk from an accelerometer"
    bound = f"{plain}. I need to deploy it on a Jetson Nano. The GPU memory should not exceed 50 MB"
    assert retrieve.for_task(knowledge, bound) == retrieve.for_task(knowledge, plain) != []
    assert retrieve.near(knowledge, bound) == retrieve.near(knowledge, plain)
    only = "Say how much GPU memory a model needs"
    assert retrieve.what_to_do(only) == only
    assert retrieve.what_to_do(f"{plain}? Why") == f"{plain}? Why"


def test_vectors_have_length_one_and_depend_on_nothing_but_the_text(indexed: Path):
    embed = MiniLM()
    first, second = embed(["an electrocardiogram", "a much longer text " * 100])
    assert sum(x * x for x in first) == pytest.approx(1)
    assert len(first) == 384
    assert [first] == MiniLM()(["an electrocardiogram"])
    assert [second] == embed(["a much longer text " * 80])  # both are cut at 256 tokens


@pytest.fixture
def gpiot(
    indexed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run `gpiot knowledge …` on a copy of the store; exit code, stdout, stderr."""
    shutil.copytree(indexed, home / "knowledge")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(app, "gpiot", ["knowledge", *arguments])
        return code, *capsys.readouterr()

    return call


def test_the_command_line_adds_finds_lists_and_removes(gpiot, notes: Path):
    code, out, err = gpiot("add", str(notes / "boiler.md"), str(notes / "image.png"))
    assert (code, out) == (0, "")
    assert "image.png: not Markdown" in err.replace("\n", "")
    assert "Took in 1 files" in err

    code, out, _ = gpiot("search", "which valve opens under pressure?", "-k", "1", "--json")
    (passage,) = json.loads(out)
    assert (code, passage["kind"], passage["source"]) == (0, "document", str(notes / "boiler.md"))

    code, out, _ = gpiot("list")
    assert code == 0
    assert f"{notes / 'boiler.md'} (1 files)" in out
    assert " pan_tompkins " in out

    assert gpiot("remove", str(notes / "boiler.md"))[0] == 0
    code, out, _ = gpiot("list", "--json")
    assert str(notes / "boiler.md") not in [source["source"] for source in json.loads(out)]


def test_a_path_that_gives_nothing_is_refused_and_not_kept(gpiot, notes: Path):
    code, _, err = gpiot("add", str(notes / "broken.pdf"))
    assert code == 1
    assert "Error: Nothing was taken in of" in err
    assert "document" not in {source["kind"] for source in json.loads(gpiot("list", "--json")[1])}


def test_brackets_in_a_name_are_no_markup(gpiot, tmp_path: Path):
    odd = tmp_path / "q[" / "b].md"
    odd.parent.mkdir()
    odd.write_text("The flamingo valve.")
    assert gpiot("add", str(odd))[0] == 0
    code, _, err = gpiot("remove", str(odd))
    assert (code, err) == (0, f"Forgot 1 file of {odd}.\n")


def test_the_command_line_mends_a_damaged_store(gpiot, home: Path):
    (home / "knowledge" / "chroma" / "chroma.sqlite3").write_bytes(b"x" * 10_000)
    code, out, err = gpiot("search", "heartbeats")
    assert (code, out) == (1, "")
    assert "is damaged" in err
    assert "Run `gpiot knowledge rebuild`." in err
    assert "Traceback" not in err
    assert gpiot("rebuild")[0] == 0
    assert "pan_tompkins" in gpiot("search", "heartbeats in an ECG")[1]


def test_an_embedder_that_is_not_installed_is_a_sentence(gpiot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GPIOT_EMBEDDER", "BAAI/bge-small-en-v1.5")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    code, out, err = gpiot("search", "heart beats")
    assert (code, out) == (1, "")
    assert "sentence-transformers is not installed" in err
    assert "pip install" in err


def test_a_model_of_sentence_transformers_embeds_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import sentence_transformers as library

    words = library.sentence_transformer.modules.BoW(vocab=["heart", "beat", "router", "packet"])
    library.SentenceTransformer(modules=[words]).save(str(tmp_path / "model"))
    monkeypatch.setenv("GPIOT_EMBEDDER", str(tmp_path / "model"))

    embed = open_embedder()

    assert embed.name == f"sentence-transformers:{tmp_path / 'model'}"
    assert embed(["heart beat"]) == [pytest.approx([0.5**0.5, 0.5**0.5, 0, 0])]


def test_a_missing_path_is_a_sentence(gpiot):
    code, out, err = gpiot("add", "/nowhere/at/all.md")
    assert (code, out) == (1, "")
    assert (
        err == "Error: /nowhere/at/all.md does not exist.\nGive the path of a file or a folder.\n"
    )


def test_help_imports_nothing_heavy():
    code = "import sys, gpiot_cli.cli.knowledge; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert not {"chromadb", "numpy", "onnxruntime", "tokenizers"} & set(loaded.split())


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

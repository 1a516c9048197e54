"""`gpiot adapter`, and which adapters a stage gets."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_model import write_model
from typer.testing import CliRunner

from gpiot_cli.cli import doctor
from gpiot_cli.cli.gpiot import app
from gpiot_cli.cli.main import run
from gpiot_cli.engine import adapters
from gpiot_cli.engine.adapted import Adapted
from gpiot_cli.engine.adapters import AdapterFile, Base, Card
from gpiot_cli.engine.open import open_engine
from gpiot_cli.engine.protocol import Candidate, ModelInfo, Prompt, Request
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of

BASE = "b" * 64
OTHER = "c" * 64
MIXES = {"decomposition": {"td": 1.0, "shared": 0.25}, "generation": {"cg": 1.0, "shared": 0.75}}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty gpiot home, and nothing shipped."""
    monkeypatch.setenv("GPIOT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GPIOT_ADAPTERS", raising=False)
    monkeypatch.setattr(adapters, "shipped", lambda kind: tmp_path / "shipped" / kind)
    return tmp_path / "home"


def make_set(folder: Path, name: str, sha256: str = BASE, **given: object) -> Path:
    folder.mkdir(parents=True)
    files = {}
    for adapter in ("td", "cg", "shared"):
        path = folder / f"{adapter}.gguf"
        path.write_bytes(f"GGUF {name} {adapter}".encode())
        files[adapter] = AdapterFile(
            file=path.name, sha256=sha256_of(path), size=path.stat().st_size
        )
    card = Card(
        name=name,
        method="PECT",
        adapters=files,
        **{"base": Base(name="a-model", sha256=sha256), "mixes": MIXES} | given,
    )
    (folder / "card.json").write_text(card.model_dump_json())
    (folder / "README.md").write_text(f"# {name}\n")
    return folder


RECOMMENDS = {"mixes": {"recommendation": {"td": 1.0}}}


def private(log: Path) -> dict[str, object]:
    """What the card of the adapters of a home says."""
    return {**RECOMMENDS, "private": True, "settings": {"log": adapters.home_of(log)}}


def used(sha256: str = BASE, log: Path | None = None) -> dict[str, str]:
    """The names of the sets that serve, by role."""
    found = adapters.for_base(sha256, "m", log)
    return {role: chosen.card.name for role, chosen in found.items()}


def call(*words: object) -> object:
    result = CliRunner().invoke(app, [*map(str, words), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The words of a command that a user must mend."""
    assert run(app, "gpiot", list(map(str, words))) == 1
    return " ".join(capsys.readouterr().err.split())


def test_added_adapters_are_listed_shown_and_removed(tmp_path: Path, home: Path) -> None:
    made = make_set(tmp_path / "made", "mine")
    assert call("adapter", "list") == []
    added = call("adapter", "add", made)
    assert added["path"] == str(home / "adapters" / "mine")
    assert sorted(p.name for p in Path(added["path"]).iterdir()) == [
        "README.md", "card.json", "cg.gguf", "shared.gguf", "td.gguf",
    ]  # fmt: skip
    assert [a["name"] for a in call("adapter", "list")] == ["mine"]
    assert call("adapter", "info", "mine")["mixes"] == MIXES
    call("adapter", "remove", "mine")
    assert call("adapter", "list") == []


def test_adding_again_takes_the_place_of_the_older(tmp_path: Path) -> None:
    call("adapter", "add", make_set(tmp_path / "one", "mine"))
    call("adapter", "add", make_set(tmp_path / "two", "mine", OTHER))
    assert call("adapter", "info", "mine")["base"] == "a-model"
    assert used(BASE) == {}
    assert used(OTHER) == {"decomposition": "mine", "generation": "mine"}


def test_a_changed_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = make_set(tmp_path / "made", "mine")
    (made / "td.gguf").write_bytes(b"GGUF something else")
    assert "td.gguf is not what its card says" in refused(capsys, "adapter", "add", made)


def test_what_is_no_set_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds no adapters" in refused(capsys, "adapter", "add", tmp_path)
    assert "no adapters 'x'" in refused(capsys, "adapter", "info", "x")
    made = make_set(tmp_path / "made", "mine")
    (made / "card.json").write_text('{"name": "../mine"}')
    assert "card.json is damaged" in refused(capsys, "adapter", "add", made)


def test_a_damaged_set_is_a_fault_and_can_be_removed(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("adapter", "add", make_set(tmp_path / "made", "mine"))
    (make_set(home / "adapters" / "broken", "broken") / "card.json").write_text("{")
    with pytest.raises(GpiotError, match=r"card\.json is damaged"):
        adapters.for_base(BASE, "m")
    check = doctor._adapters()
    assert (check.state, check.remedy) == (
        "fault", "Remove it with `gpiot adapter remove broken`, or mend it.",
    )  # fmt: skip
    assert "no adapters 'x' (available: broken, mine)" in refused(capsys, "adapter", "remove", "x")
    assert call("adapter", "remove", "broken")["name"] == "broken"
    assert [a["name"] for a in call("adapter", "list")] == ["mine"]
    assert doctor._adapters().finding == "mine"


def test_shipped_adapters_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_set(tmp_path / "shipped" / "adapters" / "pect", "pect")
    assert [a["shipped"] for a in call("adapter", "list")] == [True]
    assert "came with gpiot" in refused(capsys, "adapter", "remove", "pect")
    assert used() == {"decomposition": "pect", "generation": "pect"}


def test_the_home_comes_before_what_is_shipped(tmp_path: Path) -> None:
    make_set(tmp_path / "shipped" / "adapters" / "a", "a")
    call("adapter", "add", make_set(tmp_path / "z", "z"))
    assert used() == {"decomposition": "z", "generation": "z"}


def test_a_home_is_asked_about_with_its_own_adapters_or_with_shared_ones(tmp_path: Path) -> None:
    for name, log in (("flat", "flat.jsonl"), ("my-house", "My house.jsonl")):
        given = private(tmp_path / "logs" / log)
        call("adapter", "add", make_set(tmp_path / name, name, **given))
    assert [a["private"] for a in call("adapter", "list")] == [True, True]

    def chosen(log: str) -> str | None:
        return used(log=tmp_path / log).get("recommendation")

    assert chosen("logs/flat.jsonl") == "flat"
    assert chosen("logs/../logs/My house.jsonl.gz") == "my-house"
    assert chosen("logs/other.jsonl") is None
    assert chosen("other-logs/flat.jsonl") is None  # another home's log of the same name
    make_set(tmp_path / "shipped" / "adapters" / "any-home", "any-home", **RECOMMENDS)
    assert chosen("logs/flat.jsonl") == "flat"
    assert chosen("logs/other.jsonl") == "any-home"
    assert chosen("other-logs/flat.jsonl") == "any-home"
    assert used() == {}  # nothing for programs


def test_adapters_of_before_are_used_where_it_is_known_whose_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their cards name the log that they have learned, not where it lies."""
    log, other = tmp_path / "a" / "home.jsonl", tmp_path / "b" / "home.jsonl"
    for path in (log, other):
        path.parent.mkdir()
        path.write_text(path.parent.name)
    learned = {"data set": "home.jsonl", "sha256": sha256_of(log)}
    given = {**RECOMMENDS, "private": True, "data": [learned]}
    call("adapter", "add", make_set(tmp_path / "home-set", "home", **given))
    assert used(log=log) == {"recommendation": "home"}
    with pytest.raises(GpiotError, match=r"do not say which home they know.* GPIOT_ADAPTERS=home "):
        used(log=other)
    assert used(log=tmp_path / "cabin.jsonl") == {}
    monkeypatch.setenv("GPIOT_ADAPTERS", "home")
    assert used(log=other) == {"recommendation": "home"}


def test_another_homes_adapters_are_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = (tmp_path / name / "home.jsonl" for name in ("ours", "theirs"))
    call("adapter", "add", make_set(tmp_path / "one", "home", **private(ours)))
    call("adapter", "add", make_set(tmp_path / "again", "home", **private(ours)))
    made = make_set(tmp_path / "two", "home", **private(theirs))
    said = refused(capsys, "adapter", "add", made)
    assert "There are adapters home already, of the home of" in said
    assert "gpiot adapter remove home" in said
    assert used(log=ours) == {"recommendation": "home"}
    call("adapter", "remove", "home")
    call("adapter", "add", made)
    assert (used(log=ours), used(log=theirs)) == ({}, {"recommendation": "home"})


def test_the_environment_chooses_and_a_wrong_base_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(tmp_path / "shipped" / "adapters" / "a", "a")
    make_set(tmp_path / "shipped" / "adapters" / "b", "b")
    monkeypatch.setenv("GPIOT_ADAPTERS", "b")
    assert used() == {"decomposition": "b", "generation": "b"}
    with pytest.raises(GpiotError, match=r"trained on a-model .* not on other-model"):
        adapters.for_base(OTHER, "other-model")
    monkeypatch.setenv("GPIOT_ADAPTERS", "none")
    assert used() == {}


TD = {"mixes": {"decomposition": {"td": 1.0}}}
CG = {"mixes": {"generation": {"cg": 1.0}}}


def test_sets_for_one_role_each_serve_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(tmp_path / "shipped" / "adapters" / "lora-td", "lora-td", **TD)
    make_set(tmp_path / "shipped" / "adapters" / "pect", "pect")
    call("adapter", "add", make_set(tmp_path / "cg", "lora-cg", **CG))
    assert [a["roles"] for a in call("adapter", "list")] == [
        ["generation"], ["decomposition"], ["decomposition", "generation"],
    ]  # fmt: skip
    assert used() == {"decomposition": "lora-td", "generation": "lora-cg"}
    monkeypatch.setenv("GPIOT_ADAPTERS", "pect,lora-cg")
    assert used() == {"decomposition": "pect", "generation": "pect"}
    monkeypatch.setenv("GPIOT_ADAPTERS", "lora-cg, pect")
    assert used() == {"decomposition": "pect", "generation": "lora-cg"}
    monkeypatch.setenv("GPIOT_ADAPTERS", "lora-cg")
    assert used() == {"generation": "lora-cg"}
    monkeypatch.setenv("GPIOT_ADAPTERS", "lora-cg,lora-tf")
    with pytest.raises(GpiotError, match="no adapters 'lora-tf'"):
        used()


def test_the_engine_asks_each_stage_with_the_file_of_its_set(tmp_path: Path) -> None:
    model = write_model(tmp_path / "tiny.gguf")
    for name, given in (("lora-td", TD), ("lora-cg", CG)):
        call("adapter", "add", make_set(tmp_path / name, name, sha256_of(model), **given))
    engine = open_engine(str(model))
    assert isinstance(engine, Adapted)
    assert adapters.names_in(engine.info.adapters) == ["lora-td", "lora-cg"]
    for stage, file in (("decompose", "lora-td/td.gguf"), ("repair", "lora-cg/cg.gguf")):
        with pytest.raises(GpiotError, match=f"{file} does not fit"):  # it holds no weights
            engine.generate(Request(Prompt("s", "u"), stage=stage))
    assert engine.generate(Request(Prompt("s", "u"), stage="target", max_tokens=1))


def test_adapters_for_another_model_say_how_to_use_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(made: Path) -> str:
        assert run(app, "gpiot", ["adapter", "add", str(made)]) == 0
        return " ".join(capsys.readouterr().err.split())

    made = make_set(tmp_path / "made", "mine")
    assert "not in the catalog: use `--model` with the file of a-model." in told(made)
    small = Base(name="qwen2.5-coder-0.5b", sha256=BASE)
    made = make_set(tmp_path / "small", "mine", base=small)
    assert "`gpiot model pull qwen2.5-coder-0.5b`" in told(made)
    monkeypatch.setattr("gpiot_cli.cli.adapter._base_here", lambda _: True)
    assert "use `--model qwen2.5-coder-0.5b`" in told(made)


class Listening:
    """An engine that keeps the requests."""

    info = ModelInfo("a-model", BASE, "cpu", 8192)

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def generate(self, request: Request, on_text: object = None) -> list[Candidate]:
        self.requests.append(request)
        return [Candidate("", "stop", 0)]


def test_each_stage_is_asked_with_its_mix(tmp_path: Path) -> None:
    found = adapters.read_set(make_set(tmp_path / "made", "mine"))
    listening = Listening()
    engine = Adapted(listening, {"decomposition": found, "generation": found})
    request = Request(Prompt("s", "u"), stage="")
    stages = ("decompose", "target", "parameters", "generate", "repair", "direct")
    for stage in (*stages, "direct_decompose"):
        engine.generate(replace(request, stage=stage))
    asked = {r.stage: dict(r.adapters) for r in listening.requests}
    code = {"mine/cg": 1.0, "mine/shared": 0.75}
    subtasks = {"mine/td": 1.0, "mine/shared": 0.25}
    assert asked == {
        "decompose": subtasks,
        "direct_decompose": subtasks,
        "target": {},
        "parameters": {},
        "generate": code,
        "repair": code,
        "direct": code,
    }
    engine.generate(replace(request, stage="generate", adapters={"mine/td": 1.0}))
    assert listening.requests[-1].adapters == {"mine/td": 1.0}
    assert engine.info.adapters == found.identity

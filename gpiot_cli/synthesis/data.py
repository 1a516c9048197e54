"""The data a project works on: the user's, or sample data for the task's modality."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.synthesis.project_files.frames import LoadError
from gpiot_cli.synthesis.project_files.loader import Record, labels_of, load
from gpiot_cli.synthesis.project_files.values import summarize, type_name
from gpiot_cli.synthesis.samples import modality_of, write_sample
from gpiot_cli.synthesis.specification import Parameter


@dataclass(frozen=True)
class Data:
    """Recordings whose values are the inputs of a pipeline."""

    path: Path
    records: list[Record]
    parameters: tuple[Parameter, ...]
    """What the values are, with facts about the first recording, for specifications."""
    is_sample: bool
    sha256: str
    """Of the file, or of the names and contents of the files of a folder or a WFDB record."""


def located(path: Path) -> Path:
    """The whole path without `..`; a link keeps its own name, since what lies beside it belongs to it."""
    path = path.expanduser().absolute()
    return path.resolve() if path.name == ".." else path.parent.resolve() / path.name


def open_data(path: Path | None, task: str, folder: Path) -> Data:
    """Read the user's data; without a path, write sample data for the task into folder/data.

    Raises `GpiotError` for data that cannot be used.
    """
    if path is None:
        path = write_sample(modality_of(task), folder / "data")
    path = located(path)
    is_sample = path.is_relative_to(folder.resolve() / "data")  # also when a run is resumed
    try:
        records = load(path)
    except LoadError as error:
        raise GpiotError(
            str(error),
            "Give a file or folder of recordings with --data, or leave it out to use sample data.",
        ) from error
    return Data(path, records, _parameters(records), is_sample, _hash(path))


def files_read(path: Path) -> list[Path]:
    """What the loader may read for a path: a folder, or a file and what belongs to it beside it.

    That is references and meanings, labels, and the signal files or segments of a WFDB record; also
    what links lead to, as data sets are kept whose contents are stored apart.
    """
    if path.is_dir():
        links = (file for file in path.rglob("*") if file.is_symlink() and file.is_file())
        return [path, *sorted({link.resolve() for link in links})]
    file = path if path.is_file() else path.with_name(f"{path.name}.hea")
    beside = [file.with_name(f"{file.stem}.{what}.json") for what in ("reference", "meanings")]
    if file.suffix.lower() == ".npy":
        labels = labels_of(file)
        beside += [labels] if labels else []
    if file.suffix.lower() == ".hea":
        named = _named_in(file)
        segments = [path.with_name(f"{path.name}.hea") for path in named]
        beside += [file.with_suffix(".atr"), *named]
        beside += [*segments, *(named for segment in segments for named in _named_in(segment))]
    others = {other for other in beside if other.is_file()} - {file}
    targets = {other.resolve() for other in (file, *others) if other.is_symlink()}
    return [file, *sorted(others | targets)]


def _named_in(header: Path) -> list[Path]:
    """What the lines of a WFDB header begin with: the record, its signal files or its segments."""
    if not header.is_file():
        return []
    lines = header.read_text(encoding="utf-8", errors="replace").splitlines()
    words = {line.split()[0] for line in lines if line.strip()}
    return [header.with_name(word) for word in words if Path(word).name == word]


def _parameters(records: list[Record]) -> tuple[Parameter, ...]:
    first = records[0]
    of = f" (first of {len(records)} recordings)" if len(records) > 1 else ""
    parameters = []
    for name, value in first.values.items():
        meaning = f"{first.meanings[name]}, {_facts(value)}{of}"
        try:
            fields = {"name": name, "type": type_name(value), "meaning": meaning}
            parameters.append(Parameter.model_validate(fields))
        except ValidationError as error:
            raise GpiotError(
                f"{name} in {first.name} is of type {type_name(value)}, which no step can take.",
                "Leave it out of the data, or give it as a number, text, list or object.",
            ) from error
    return tuple(parameters)


def _facts(value: object) -> str:
    """What a specification should know of a value; scalars are simply told."""
    if isinstance(value, bool | int | float | str):
        return repr(value)
    return summarize(value).split(", first ")[0]


def _hash(path: Path) -> str:
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file()]
    elif path.suffix == ".hea" or not path.is_file():  # a WFDB record is several files
        files = list(path.parent.glob(f"{path.name.removesuffix('.hea')}.*"))
    else:
        return sha256_of(path)
    folder = path if path.is_dir() else path.parent
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(folder).as_posix()} {sha256_of(file)}\n".encode())
    return digest.hexdigest()

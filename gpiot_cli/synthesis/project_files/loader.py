"""Reads sensor recordings: WFDB, CSV, text, NumPy, MATLAB, WAV, JSON, ARFF, one file or a folder of them.

Each recording becomes a `Record` of named values. What is known to be true about it (a
cardiologist's beat labels, or `NAME.reference.json` beside `NAME.csv`) is kept apart as its
reference: for judging results, never an input. `NAME.meanings.json` may say what the values are.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from gpiot_cli.synthesis.project_files.delimited import Layout, is_number, layout_of, read_table
from gpiot_cli.synthesis.project_files.frames import LoadError, free_names, named_values

BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?")
"""WFDB annotation symbols that mark a beat; the others mark rhythm, noise or comments."""

NOT_DATA = re.compile(
    r"^(\.|readme|licen[cs]e|copying|citation|sha256sums|md5)|\.(reference|meanings)\.json$", re.I
)


@dataclass
class Record:
    """One recording: its values by name, what they mean, and what is known to be true."""

    name: str
    values: dict[str, object]
    meanings: dict[str, str]
    reference: dict[str, object] = field(default_factory=dict)


def load(path: Path) -> list[Record]:
    """Read a recording, or every recording in a folder; all records have the same names.

    Raises `LoadError` for what is missing, empty, unreadable or of an unknown format.
    """
    records, faults = load_each(path)
    for fault in faults.values():
        raise LoadError(fault)
    if not all("time" in record.values for record in records):
        for record in records:
            record.values.pop("time", None)  # uneven in some recordings only
    names = records[0].values.keys()
    for record in records[1:]:
        if record.values.keys() != names:
            raise LoadError(
                f"{record.name} holds {', '.join(record.values)}, but {records[0].name} holds "
                f"{', '.join(names)}: the recordings of a folder must have the same columns."
            )
    return records


def load_each(path: Path) -> tuple[list[Record], dict[str, str]]:
    """The recordings that can be read, whatever they hold, and why the others cannot, by name.

    Raises `LoadError` where there is no recording at all.
    """
    if not path.exists() and path.with_name(f"{path.name}.hea").exists():
        path = path.with_name(f"{path.name}.hea")  # WFDB tools name a record without extension
    if not path.is_dir() and not path.is_file():
        raise LoadError(f"There is no file or folder {path}.")
    records: dict[str, Record] = {}
    faults: dict[str, str] = {}
    for name, file in _named(path).items():
        try:
            records[name] = _load_file(file, name)
        except LoadError as error:
            faults[name] = f"{name}: {error}" if "/" in name else str(error)
    return list(records.values()), faults


def _named(path: Path) -> dict[str, Path]:
    """The recording, or those of a folder, by names that differ as names of folders too."""
    if not path.is_dir():
        return {path.stem: path}
    files = [
        file
        for file in sorted(_files_in(path))
        if file.suffix.lower() in READERS
        and not any(NOT_DATA.search(part) for part in file.relative_to(path).parts)
        and not _is_labels(file)
    ]
    if not files:
        raise LoadError(f"The folder {path} holds no data of a known format ({_formats()}).")
    named: dict[str, Path] = {}
    for file in files:
        name = file.relative_to(path).with_suffix("").as_posix()
        again = sum(results_name(other) == results_name(name) for other in named)
        named[f"{name}.{again + 1}" if again else name] = file
    return named


def _files_in(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise LoadError(f"{error.filename} cannot be read: {error.strerror}.")

    for where, _, names in os.walk(folder, onerror=refuse):
        yield from (file for file in (Path(where, name) for name in names) if file.is_file())


def results_name(name: str) -> str:
    """What the folder with a recording's results is called."""
    return name.replace("/", "_")


def with_time(values: dict[str, object]) -> dict[str, object]:
    """The values with `time`, in s from the first sample, where `fs` tells it of a recording."""
    lengths = [len(v) for v in values.values() if isinstance(v, np.ndarray | pd.DataFrame)]
    fs = values.get("fs")
    if "time" in values or not isinstance(fs, float) or not lengths:
        return values
    return values | {"time": np.arange(max(lengths)) / fs}


def _load_file(path: Path, name: str) -> Record:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise LoadError(f"{path.name} is of an unknown format; known are {_formats()}.")
    if path.stat().st_size == 0:
        raise LoadError(f"{path.name} is empty.")
    try:
        record = reader(path, name)
        known = _beside(path, "reference")
        record.reference |= {key: _plain(value) for key, value in known.items()}
        meanings = _beside(path, "meanings")
        record.meanings |= {key: str(meanings[key]) for key in meanings if key in record.values}
    except LoadError:
        raise
    except ImportError as error:
        raise LoadError(f"Reading {path.name} needs the package {error.name}.") from error
    except Exception as error:  # the readers' libraries raise whatever they like on bad files
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise LoadError(f"{path.name} cannot be read: {reason.rstrip('.')}.") from error
    if not record.values:
        raise LoadError(f"{path.name} holds no values.")
    sized = [len(v) for v in record.values.values() if isinstance(v, np.ndarray | list)]
    if sized and not any(sized):
        raise LoadError(f"{path.name} is empty: it holds no values.")
    for key, value in record.values.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.isnan(value).all():
            raise LoadError(f"{path.name} holds nothing but missing values in {key}.")
    return record


def _beside(path: Path, what: str) -> dict[str, object]:
    file = path.with_name(f"{path.stem}.{what}.json")
    if not file.exists():
        return {}
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise LoadError(f"{file.name} is no JSON object of values by name.") from error


def _formats() -> str:
    return ", ".join(sorted(READERS))


def _read_wfdb(path: Path, name: str) -> Record:
    """Read the first lead in its physical unit, and beat labels from `.atr` where there are."""
    import wfdb

    record = wfdb.rdrecord(str(path.with_suffix("")), channels=[0])
    signal, lead, unit = record.p_signal[:, 0], record.sig_name[0], record.units[0]
    meanings = {
        "signal": f"raw signal of the first lead ({lead}) in {unit}",
        "fs": "sampling rate in Hz",
    }
    reference: dict[str, object] = {}
    if path.with_suffix(".atr").exists():
        labels = wfdb.rdann(str(path.with_suffix("")), "atr")
        is_beat = [symbol in BEAT_SYMBOLS for symbol in labels.symbol]
        reference["beats"] = labels.sample[np.array(is_beat, dtype=bool)]
    return Record(name, {"signal": signal, "fs": float(record.fs)}, meanings, reference)


def _read_csv(path: Path, name: str) -> Record:
    layout = layout_of(path)
    if layout is None:  # texts in one column
        title, *cells = _lines(path)
        return Record(name, *named_values(pd.DataFrame({title: cells}), name))
    return _from_layout(path, name, layout)


def _read_text(path: Path, name: str) -> Record:
    """Read a table of numbers if it is one, else the lines."""
    layout = layout_of(path)
    if layout is not None and _is_table(layout):
        return _from_layout(path, name, layout)
    meaning = f"the lines of {path.name}, in their order"
    return Record(name, {"lines": _lines(path)}, {"lines": meaning})


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]


def _is_table(layout: Layout) -> bool:
    """Tell a table, whose first row is all names or all numbers, from a log with commas."""
    return not any(map(is_number, layout.titles or []))


def _from_layout(path: Path, name: str, layout: Layout) -> Record:
    if layout.titles is None and len(layout.rows) == 1:  # numbers in a line are samples
        cells = [cell.replace(",", ".") for cell in layout.rows[0] if cell.strip()]
        numbers = np.array(cells, dtype=np.float64)
        return Record(name, {"signal": numbers}, {"signal": "raw signal"})
    return Record(name, *named_values(read_table(path, layout), name))


def _read_numpy(path: Path, name: str) -> Record:
    """Read one array, with the labels of a file like `NAME_labels.npy` beside it."""
    with path.open("rb") as file:
        np.lib.format.read_magic(file)  # what is no array at all, np.load takes for a pickle
    array = _usable(np.load(path, allow_pickle=False), path)
    if array.ndim == 0:
        raise LoadError(f"{path.name} holds a single number.")
    if array.ndim == 1:
        return Record(name, {"signal": array}, {"signal": "raw signal"})
    values: dict[str, object] = {"data": array}
    meanings = {"data": "raw data"}
    found = labels_of(path)
    if found is not None:
        labels = _usable(np.load(found, allow_pickle=False), found)
        if labels.shape == array.shape[:1]:
            values["labels"] = labels
            meanings["labels"] = "the class of each item along the first axis of data"
    return Record(name, values, meanings)


def labels_of(path: Path) -> Path | None:
    """The file with the labels of an array: the one beside it whose name begins most like its own.

    `walk_labels.npy` belongs to `walk_csi.npy` and to `walk.npy`, unless `walk_csi_labels.npy` is
    there. One whose name only begins alike, as `walk_30_labels.npy`, belongs to no other array then.
    Raises `LoadError` where two are equally near.
    """
    beside = sorted(path.parent.glob("*.npy"))
    labels = [file for file in beside if _is_labels(file)]
    named = {file: len(_words(file)) for file in labels if _are_of(file, path)}
    nearest = [file for file in named if named[file] == max(named.values())]
    if len(nearest) > 1:
        names = " and ".join(file.name for file in nearest)
        raise LoadError(f"{names} may both be the labels of {path.name}: leave one.")
    free = [
        file
        for file in labels
        if _words(file)[:1] == _words(path)[:1]
        and not any(_are_of(file, other) for other in beside)
    ]
    return nearest[0] if nearest else free[0] if len(free) == 1 else None


def _are_of(labels: Path, array: Path) -> bool:
    """Whether the array's name begins with the words of the labels' name."""
    words = _words(labels)
    return bool(words) and not _is_labels(array) and words == _words(array)[: len(words)]


def _words(path: Path) -> list[str]:
    """The words of a file's name but for the one that says that it holds labels."""
    return [word for word in path.stem.split("_") if "label" not in word.lower()]


def _read_npz(path: Path, name: str) -> Record:
    with np.load(path, allow_pickle=False) as arrays:
        names = free_names(arrays.files)
        values = {names[key]: _usable(arrays[key], path) for key in arrays.files}
        meanings = {names[key]: f"array '{key}' of {path.name}" for key in arrays.files}
    if "fs" in values:
        meanings["fs"] = "sampling rate in Hz"
    scalars = {key: value.item() for key, value in values.items() if value.ndim == 0}
    return Record(name, {**values, **scalars}, meanings)


def _read_mat(path: Path, name: str) -> Record:
    """Read MATLAB's variables, or the fields of its struct where that is all there is."""
    from scipy.io import loadmat

    try:
        content = loadmat(path, simplify_cells=True)
    except NotImplementedError as error:  # HDF5
        raise LoadError(f"{path.name} is of version 7.3: save it with -v7 in MATLAB.") from error
    found = {key: value for key, value in content.items() if not key.startswith("__")}
    if len(found) == 1 and isinstance(next(iter(found.values())), dict):
        found = next(iter(found.values()))
    names = free_names(found)
    values = {names[key]: _without_objects(value) for key, value in found.items()}
    return Record(name, values, {names[key]: f"variable '{key}' of {path.name}" for key in found})


def _without_objects(value: object) -> object:
    """Arrays of MATLAB's cells as lists."""
    return value.tolist() if isinstance(value, np.ndarray) and value.dtype.hasobject else value


def _read_wav(path: Path, name: str) -> Record:
    """Read the sound as float64 in -1..1; several channels stay columns."""
    from scipy.io import wavfile

    fs, sound = wavfile.read(path)
    if sound.dtype.kind == "u":
        sound = (sound.astype(np.float64) - 128) / 128
    elif sound.dtype.kind == "i":
        sound = sound / (np.iinfo(sound.dtype).max + 1.0)
    meanings = {"signal": "sound, full scale is -1..1", "fs": "sampling rate in Hz"}
    return Record(name, {"signal": sound.astype(np.float64), "fs": float(fs)}, meanings)


def _read_json(path: Path, name: str) -> Record:
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(content, dict):
        names = free_names(content)
        values = {names[key]: _plain(value) for key, value in content.items()}
        return Record(name, values, {names[key]: f"entry '{key}'" for key in content})
    return _from_items(content if isinstance(content, list) else [content], name)


def _read_jsonl(path: Path, name: str) -> Record:
    items = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        try:
            items += [json.loads(line)] if line.strip() else []
        except ValueError as error:
            raise LoadError(f"Line {number} of {path.name} is no JSON: {error}.") from error
    return _from_items(items, name)


def _read_arff(path: Path, name: str) -> Record:
    from scipy.io import arff

    # scipy refuses names in curly quotes and the like, but reads from any text stream
    rows, _ = arff.loadarff(StringIO(path.read_text(encoding="utf-8", errors="replace")))
    frame = pd.DataFrame(rows)
    for column in frame.select_dtypes(object):
        frame[column] = frame[column].str.decode("utf-8")
    return Record(name, *named_values(frame, name))


READERS: dict[str, Callable[[Path, str], Record]] = {
    ".arff": _read_arff,
    ".csv": _read_csv,
    ".hea": _read_wfdb,
    ".json": _read_json,
    ".jsonl": _read_jsonl,
    ".mat": _read_mat,
    ".npy": _read_numpy,
    ".npz": _read_npz,
    ".tsv": _read_csv,
    ".txt": _read_text,
    ".wav": _read_wav,
}


def _from_items(items: list[object], name: str) -> Record:
    if items and all(isinstance(item, dict) for item in items):
        flat = all(
            not isinstance(cell, list | dict)
            for item in items
            if isinstance(item, dict)
            for cell in item.values()
        )
        if flat:
            return Record(name, *named_values(pd.DataFrame(items), name))
        return Record(name, {"messages": items}, {"messages": "the messages, in their order"})
    value = _plain(items)
    key = "signal" if isinstance(value, np.ndarray) else "items"
    return Record(name, {key: value}, {key: "the values, in their order"})


def _is_labels(path: Path) -> bool:
    return path.suffix == ".npy" and "label" in path.stem.lower()


def _usable(array: np.ndarray, path: Path) -> np.ndarray:
    if array.dtype.names is not None:
        raise LoadError(f"{path.name} holds a structured array; save each field as its own array.")
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _plain(value: object) -> object:
    """Turn a list of numbers into an array and leave everything else."""
    if isinstance(value, list) and value:
        try:
            array = np.array(value)
        except ValueError:
            return value
        return array if array.dtype.kind in "iuf" else value
    return value

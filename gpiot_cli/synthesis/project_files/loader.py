"""Reads sensor recordings: WFDB, CSV, text, NumPy, WAV, JSON, ARFF, one file or a folder of them.

Each recording becomes a `Record` of named values. What is known to be true about it (a
cardiologist's beat labels, or `NAME.reference.json` beside `NAME.csv`) is kept apart as its
reference: for judging results, never an input. `NAME.meanings.json` may say what the values are.
"""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from keyword import iskeyword
from pathlib import Path

import numpy as np
import pandas as pd

BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?")
"""WFDB annotation symbols that mark a beat; the others mark rhythm, noise or comments."""

MAX_COLUMNS = 12
"""A table with more columns is one value, a pandas.DataFrame, instead of one array a column."""

NOT_DATA = re.compile(
    r"^(\.|readme|licen[cs]e|copying|citation|sha256sums|md5)|\.(reference|meanings)\.json$", re.I
)
TIME_COLUMN = re.compile(
    r"^(\w+_)?(time|timestamp)(_?(s|sec|ms|us|ns|utc))?$|^(date|datetime|date_time|millis|seconds|t(_(s|ms|us|ns))?)$"
)
TIME_UNITS = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


class LoadError(ValueError):
    """The data cannot be used; the message is one sentence for the user."""


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
    if not path.exists() and path.with_name(f"{path.name}.hea").exists():
        path = path.with_name(f"{path.name}.hea")  # WFDB tools name a record without extension
    if path.is_dir():
        return _load_folder(path)
    if not path.is_file():
        raise LoadError(f"There is no file or folder {path}.")
    return [_load_file(path, path.stem)]


def _load_folder(folder: Path) -> list[Record]:
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in READERS
        and file.is_file()
        and not any(NOT_DATA.search(part) for part in file.relative_to(folder).parts)
        and not _is_labels(file)
    )
    if not files:
        raise LoadError(f"The folder {folder} holds no data of a known format ({_formats()}).")
    records = [
        _load_file(file, file.relative_to(folder).with_suffix("").as_posix()) for file in files
    ]
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
    _refuse_wide(path)
    return _from_text(path, name, _delimiter(path) or ",")


def _read_text(path: Path, name: str) -> Record:
    """Read a table of numbers if it is one, else the lines."""
    _refuse_wide(path)
    delimiter = _delimiter(path)
    if delimiter is not None and _is_table(path, delimiter):
        return _from_text(path, name, delimiter)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return Record(name, {"lines": lines}, {"lines": f"the lines of {path.name}, in their order"})


def _refuse_wide(path: Path) -> None:
    """Raise `LoadError` for UTF-16, as spreadsheets may export it, and for what is no text."""
    with path.open("rb") as file:
        if b"\0" in file.read(4096):
            raise LoadError(f"{path.name} is not UTF-8 text: export it as such.")


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
    prefix = path.stem.split("_")[0]
    for other in sorted(path.parent.glob(f"{prefix}*.npy")):
        if _is_labels(other):
            labels = _usable(np.load(other, allow_pickle=False), other)
            if labels.shape == array.shape[:1]:
                values["labels"] = labels
                meanings["labels"] = "the class of each item along the first axis of data"
    return Record(name, values, meanings)


def _read_npz(path: Path, name: str) -> Record:
    with np.load(path, allow_pickle=False) as arrays:
        values = {_identifier(key): _usable(arrays[key], path) for key in arrays.files}
        meanings = {_identifier(key): f"array '{key}' of {path.name}" for key in arrays.files}
    if "fs" in values:
        meanings["fs"] = "sampling rate in Hz"
    scalars = {key: value.item() for key, value in values.items() if value.ndim == 0}
    return Record(name, {**values, **scalars}, meanings)


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
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict):
        values = {_identifier(key): _plain(value) for key, value in content.items()}
        return Record(name, values, {_identifier(key): f"entry '{key}'" for key in content})
    return _from_items(content if isinstance(content, list) else [content], name)


def _read_jsonl(path: Path, name: str) -> Record:
    items = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
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
    return _from_table(frame, name)


READERS: dict[str, Callable[[Path, str], Record]] = {
    ".arff": _read_arff,
    ".csv": _read_csv,
    ".hea": _read_wfdb,
    ".json": _read_json,
    ".jsonl": _read_jsonl,
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
            return _from_table(pd.DataFrame(items), name)
        return Record(name, {"messages": items}, {"messages": "the messages, in their order"})
    value = _plain(items)
    key = "signal" if isinstance(value, np.ndarray) else "items"
    return Record(name, {key: value}, {key: "the values, in their order"})


def _from_text(path: Path, name: str, delimiter: str) -> Record:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        head = [row for row in csv.reader(file, delimiter=delimiter) if row][:20]
    if delimiter == " ":
        head = [" ".join(row).split() for row in head]
    if len(head) == 1 and all(_is_number(cell) for cell in head[0]):
        numbers = np.array(path.read_text().replace(delimiter, " ").split(), dtype=np.float64)
        return Record(name, {"signal": numbers}, {"signal": "raw signal"})
    decimal_comma = delimiter == ";" and any(
        re.fullmatch(r"-?\d+,\d+", cell.strip()) for row in head for cell in row
    )
    has_header = not all(_is_number(cell) or not cell.strip() for cell in head[0])
    table = pd.read_csv(
        path,
        sep=r"\s+" if delimiter == " " else delimiter,
        decimal="," if decimal_comma else ".",
        header=0 if has_header else None,
        index_col=0 if has_header and len(head) > 1 and len(head[1]) == len(head[0]) + 1 else False,
        skipinitialspace=True,
        encoding_errors="replace",
        low_memory=False,
    )
    if not has_header:
        titles = [f"column_{number + 1}" for number in range(table.shape[1])]
        first = table[0]
        if first.is_monotonic_increasing and abs(float(first.iloc[0])) >= 1e8:
            titles[0] = "time"  # no sensor reading is that large and only ever grows
        table.columns = pd.Index(titles)
    return _from_table(table, name)


def _from_table(table: pd.DataFrame, name: str) -> Record:
    """Turn columns into arrays; a time column becomes `fs`, and `time` where it is uneven."""
    table = table.rename(columns=lambda title: str(title).strip())
    table = table.drop(columns=[title for title in _titles(table) if title.startswith("Unnamed:")])
    titles = _titles(table)
    table = table.dropna(axis="columns", how="all")
    if table.empty:
        raise LoadError(f"{name} holds no values.")
    missing = [title for title in titles if title not in table]
    if missing and all(map(_tells_time, _titles(table))):
        raise LoadError(f"{name} holds nothing but missing values in {', '.join(missing)}.")
    table, timing, meanings = _split_time(table)
    if table.shape[1] > MAX_COLUMNS:
        meanings["table"] = f"one row a sample; columns {', '.join(table.columns)}"
        return Record(name, {"table": table.reset_index(drop=True), **timing}, meanings)
    data: dict[str, object] = {}
    for title, column in table.items():
        is_number = pd.api.types.is_numeric_dtype(column)
        is_only = is_number and table.shape[1] == 1
        key = "signal" if is_only else _identifier(str(title)).lower()
        while key in data or key in timing:
            key += "_"
        data[key] = column.to_numpy() if is_number else column.astype(str).tolist()
        meanings[key] = f"raw signal, column '{title}'" if is_only else f"column '{title}'"
    return Record(name, {**data, **timing}, meanings)


def _titles(table: pd.DataFrame) -> list[str]:
    return [str(title) for title in table.columns]


def _tells_time(title: str) -> bool:
    return bool(TIME_COLUMN.match(_identifier(title).lower()))


def _split_time(
    table: pd.DataFrame,
) -> tuple[pd.DataFrame, dict[str, object], dict[str, str]]:
    """Take the time column out of a table, where one tells an order of samples."""
    times = [title for title in _titles(table) if _tells_time(title)]
    texts = [title for title in times if not pd.api.types.is_numeric_dtype(table[title])]
    if len(table) < 3 or table.shape[1] <= len(times):
        return table, {}, {}
    if [title.lower() for title in texts] == ["date", "time"]:
        both = table[texts[0]].astype(str) + " " + table[texts[1]].astype(str)
        timing, meanings = _timing(both, " ".join(texts))
        return (table.drop(columns=texts) if timing else table), timing, meanings
    for title in times:
        timing, meanings = _timing(table[title], title)
        if timing:
            return table.drop(columns=[title]), timing, meanings
    return table, {}, {}


def _timing(column: pd.Series, title: str) -> tuple[dict[str, object], dict[str, str]]:
    """Read `fs` in Hz, and `time` in s where the samples are uneven."""
    values: dict[str, object] = {}
    meanings: dict[str, str] = {}
    if pd.api.types.is_numeric_dtype(column):
        unit, seconds_per_unit = _time_unit(column, title)
        seconds = (column - column.iloc[0]).to_numpy(dtype=np.float64) * seconds_per_unit
    else:
        day_first = bool(column.astype(str).str.match(r"(1[3-9]|2\d|3[01])[/.-]").any())
        dates = pd.to_datetime(column, errors="coerce", format="mixed", dayfirst=day_first)
        unit = "dates"
        seconds = (dates - dates.iloc[0]).dt.total_seconds().to_numpy()
        values["start_time"] = dates.iloc[0].isoformat()
        meanings["start_time"] = "date and time of the first sample, ISO 8601"
    intervals = np.diff(seconds)
    typical = float(np.median(intervals))
    if typical <= 0 or np.isnan(seconds).any():
        return {}, {}
    off = np.abs(intervals - typical) / typical
    is_steady = float((off < 0.2).mean()) >= 0.9
    # timestamps rounded to a unit alternate (33, 34 ms): their mean is truer than their median
    interval = float(intervals[off < 0.2].mean()) if is_steady else typical
    values["fs"] = float(f"{1 / interval:.9g}")
    kind = "sampling rate" if is_steady else "typical sampling rate (uneven, see time)"
    meanings["fs"] = f"{kind} in Hz, from column '{title}' read as {unit}"
    if (off > 0.05).any():
        values["time"] = seconds
        meanings["time"] = f"time of each sample in s from the first, column '{title}'"
    return values, meanings


def _time_unit(column: pd.Series, title: str) -> tuple[str, float]:
    """Tell the unit from the name, else from the size of the numbers and their steps."""
    suffix = re.search(r"[_ (\[](ns|us|ms|s|sec)[)\]]?$", title.strip().lower())
    if suffix:
        return suffix[1], TIME_UNITS[suffix[1]]
    if "milli" in title.lower():
        return "ms", 1e-3
    step = float(column.diff().abs().median())
    start = abs(float(column.iloc[0]))
    is_whole = bool((column.dropna() % 1 == 0).all())
    if start >= 1e17 or (is_whole and step >= 1e5):
        return "ns", 1e-9
    if start >= 1e14:
        return "us", 1e-6
    if start >= 1e11 or (start < 1e8 and is_whole and step >= 2):
        return "ms", 1e-3
    return "s", 1.0


def _delimiter(path: Path) -> str | None:
    """Find the delimiter of a table by its first lines; None for text that is no table."""
    with path.open(encoding="utf-8", errors="replace") as file:
        head = [line for line in (file.readline() for _ in range(20)) if line.strip()]
    if not head:
        raise LoadError(f"{path.name} is empty.")
    for delimiter in ("\t", ";", ",", " "):
        rows = [
            line.split() if delimiter == " " else next(csv.reader([line], delimiter=delimiter))
            for line in head
        ]
        body = rows[1:] or rows
        even = len({len(row) for row in body}) == 1 and len(body[0]) > 1
        if even and any(all(_is_number(row[i]) for row in body) for i in range(len(body[0]))):
            all_numbers = all(_is_number(cell) for row in body for cell in row)
            if delimiter != " " or all_numbers:
                return delimiter
    return "," if all(_is_number(line) for line in head[1:] or head) else None


def _is_table(path: Path, delimiter: str) -> bool:
    """Tell a table, whose first row is all names or all numbers, from a log with commas."""
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline().split(None if delimiter == " " else delimiter)
    return len({_is_number(cell) for cell in first}) == 1


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", "."))
    except ValueError:
        return False
    return True


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


def _identifier(title: str) -> str:
    """Make a column's title a Python name: 'PT08.S1(CO)' is PT08_S1_CO."""
    name = re.sub(r"\W+", "_", str(title), flags=re.ASCII).strip("_") or "value"
    taken = name[0].isdigit() or iskeyword(name) or name in ("np", "pd")
    return f"c_{name}" if taken else name

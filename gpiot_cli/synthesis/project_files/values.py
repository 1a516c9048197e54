"""Values that flow between steps: kept in a folder, read back as they were, never by pickle.

`values-index.json` names every value in its order and holds the scalars; an array is `NAME.npy`, a
table `NAME.csv`, a list or dictionary `NAME.json`. The index is written last.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

INDEX = "values-index.json"
"""No value's file can be called so, since values have Python names."""
SHOWN = 4
"""How many first items a summary shows."""


def type_name(value: object) -> str:
    """The specification's name of a value's type; numpy scalars count as Python's."""
    if isinstance(value, np.generic) and not isinstance(value, np.void):
        value = value.item()
    kind = type(value)
    if kind is np.ndarray:
        return "numpy.ndarray"
    if isinstance(value, pd.DataFrame):
        return "pandas.DataFrame"
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def as_type(value: object, wanted: str) -> object:
    """The value as the type with this name where that loses nothing, else the value as it is."""
    if isinstance(value, np.generic):
        value = value.item()
    if wanted == "float" and type(value) is int:
        return float(value)
    if wanted == "int" and isinstance(value, float) and value.is_integer():
        return int(value)
    if wanted == "list" and isinstance(value, tuple):
        return list(value)
    return value


def save_values(values: Mapping[str, object], folder: Path) -> None:
    """Save every value under its name; raises `TypeError` for one that has no plain form."""
    folder.mkdir(parents=True, exist_ok=True)
    index = {name: _save(name, value, folder) for name, value in values.items()}
    write_whole(folder / INDEX, json.dumps(index, indent=1))


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def load_values(folder: Path) -> dict[str, object]:
    """Read back what `save_values` wrote; raises `OSError` or `ValueError`."""
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    if any("/" in name for name in index):
        raise ValueError(f"{INDEX} names a value that lies elsewhere")
    return {name: _load(name, entry, folder) for name, entry in index.items()}


def summarize(value: object) -> str:
    """One line about a value: type, shape, range, missing values, first items."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return f"numpy.ndarray of shape {value.shape}, {value.dtype}" + _facts(value)
    if isinstance(value, pd.DataFrame):
        columns = ", ".join(f"{name} ({kind})" for name, kind in value.dtypes.items())
        return f"pandas.DataFrame of {len(value)} rows; columns {_cut(columns, 200)}"
    if isinstance(value, list | tuple):
        start = f"{type(value).__name__} of {len(value)} items"
        if value and all(type_name(item) in ("int", "float") for item in value):
            return start + _facts(np.asarray(value))
        return start + (f", first {_cut(repr(value[0]), 80)}" if value else "")
    if isinstance(value, dict):
        items = ", ".join(f"{key}: {_cut(repr(item), 40)}" for key, item in value.items())
        return f"dict of {len(value)} items" + (f"; {_cut(items, 200)}" if value else "")
    return f"{type_name(value)} {_cut(repr(value), 80)}"


def _facts(array: np.ndarray) -> str:
    if array.size == 0:
        return ", empty"
    first = ", ".join(_short(item) for item in array.flat[:SHOWN].tolist())
    shown = f", first {first}{', …' if array.size > SHOWN else ''}"
    if array.dtype.kind == "b":
        return f", {int(array.sum())} true{shown}"
    if array.dtype.kind == "c":
        return f", magnitude up to {np.abs(array).max():.4g}{shown}"
    if array.dtype.kind not in "iuf":
        return shown
    missing = int(np.isnan(array).sum()) if array.dtype.kind == "f" else 0
    if missing == array.size:
        return ", all NaN"
    low, high = _short(np.nanmin(array).item()), _short(np.nanmax(array).item())
    mean = np.nanmean(array, dtype=np.float64)
    nan = f", {missing} NaN" if missing else ""
    return f", from {low} to {high}, mean {mean:.4g}{nan}{shown}"


def _short(item: object) -> str:
    return f"{item:.4g}" if isinstance(item, float | complex) else repr(item)


def _cut(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _save(name: str, value: object, folder: Path) -> dict[str, object]:
    entry: dict[str, object] = {"type": type_name(value), "summary": summarize(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise TypeError(f"{name} is an array of Python objects, which has no plain form")
        np.save(folder / f"{name}.npy", value, allow_pickle=False)
    elif isinstance(value, pd.DataFrame):
        entry["table"] = _save_table(name, value, folder)
    else:
        plain = _to_json(name, value)
        if isinstance(value, list | tuple | dict):
            (folder / f"{name}.json").write_text(json.dumps(plain), encoding="utf-8")
        else:
            entry["value"] = plain
    return entry


def _load(name: str, entry: dict[str, Any], folder: Path) -> object:
    if "value" in entry:
        return _from_json(entry["value"])
    if entry["type"] == "numpy.ndarray":
        return np.load(folder / f"{name}.npy", allow_pickle=False)
    if entry["type"] == "pandas.DataFrame":
        return _load_table(folder / f"{name}.csv", entry["table"])
    return _from_json(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


# What JSON lacks is written as an object with the single key "__<type>__".


def _to_json(name: str, value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, complex):
        return {"__complex__": [value.real, value.imag]}
    if isinstance(value, bytes):
        return {"__bytes__": value.hex()}
    if isinstance(value, list):
        return [_to_json(name, item) for item in value]
    if isinstance(value, tuple):
        return {"__tuple__": [_to_json(name, item) for item in value]}
    if isinstance(value, dict):
        items = [(_to_json(name, key), _to_json(name, item)) for key, item in value.items()]
        if all(isinstance(key, str) and not key.startswith("__") for key, _ in items):
            return dict(items)
        return {"__dict__": items}
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        numbers = value.view(value.real.dtype) if value.dtype.kind == "c" else value
        if value.dtype.kind in "mM":
            numbers = value.view(np.int64)
        flat = numbers.ravel().tolist()
        return {"__array__": {"dtype": value.dtype.str, "shape": value.shape, "items": flat}}
    raise TypeError(f"{name} holds a {type_name(value)}, which has no plain form")


def _from_json(plain: object) -> object:
    if isinstance(plain, list):
        return [_from_json(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    if len(plain) == 1:
        key, inner = next(iter(plain.items()))
        if key == "__complex__":
            return complex(*inner)
        if key == "__bytes__":
            return bytes.fromhex(inner)
        if key == "__tuple__":
            return tuple(_from_json(item) for item in inner)
        if key == "__dict__":
            return {_from_json(name): _from_json(item) for name, item in inner}
        if key == "__array__":
            return _array(np.dtype(inner["dtype"]), inner["shape"], inner["items"])
    return {name: _from_json(item) for name, item in plain.items()}


def _array(dtype: np.dtype, shape: list[int], items: list[object]) -> np.ndarray:
    stored = {"c": f"f{dtype.itemsize // 2}", "m": "i8", "M": "i8"}.get(dtype.kind, dtype)
    return np.array(items, dtype=stored).view(dtype).reshape(shape)


def _save_table(name: str, frame: pd.DataFrame, folder: Path) -> dict[str, object]:
    is_default = frame.index.name is None and frame.index.equals(pd.RangeIndex(len(frame)))
    levels = 0 if is_default else frame.index.nlevels
    whole = frame.reset_index() if levels else frame.copy()
    columns = [_to_json(name, column) for column in whole.columns]
    whole.columns = pd.Index([str(i) for i in range(len(columns))])
    kinds = [str(kind) for kind in whole.dtypes]
    as_json = [
        kind == "object" or (kind in ("str", "string") and bool(whole[column].isna().any()))
        for column, kind in whole.dtypes.astype(str).items()
    ]
    for column, needed in zip(whole.columns, as_json, strict=True):
        if needed:
            whole[column] = [json.dumps(_to_json(name, cell)) for cell in whole[column]]
    whole.to_csv(folder / f"{name}.csv", index=False, header=[str(c) for c in columns])
    return {"columns": columns, "dtypes": kinds, "json": as_json, "index": levels}


def _load_table(path: Path, table: dict[str, Any]) -> pd.DataFrame:
    names = [_from_json(column) for column in table["columns"]]
    if not names:
        return pd.DataFrame()
    text = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False)
    text.columns = pd.RangeIndex(len(names))
    restored = {
        i: _restore(text[i], kind, table["json"][i]) for i, kind in enumerate(table["dtypes"])
    }
    frame = pd.DataFrame(restored)
    frame.columns = pd.Index(names)
    return frame.set_index(names[: table["index"]]) if table["index"] else frame


def _restore(text: pd.Series, kind: Any, is_json: bool) -> pd.Series:
    known = text.where(text != "")
    restored: pd.Series
    if is_json:
        restored = pd.Series([_from_json(json.loads(cell)) for cell in text], dtype=kind)
    elif kind in ("str", "string"):
        restored = text.astype(kind)
    elif kind == "bool":
        restored = text == "True"
    elif kind.startswith("datetime64"):
        restored = pd.to_datetime(known, format="ISO8601").astype(kind)
    elif kind.startswith("timedelta64"):
        restored = pd.to_timedelta(known).astype(kind)
    else:
        restored = known.astype(kind)
    return restored

"""Turns a table into named values: an array or list for each column, and what its time column tells."""

import builtins
import re
from collections.abc import Container, Iterable
from keyword import iskeyword

import pandas as pd

from gpiot_cli.synthesis.project_files.time_column import is_time, split_time

MAX_COLUMNS = 12
"""A table with more columns is one value, a pandas.DataFrame, instead of one array a column."""

MOSTLY = 0.8
"""So many of a column's cells must be numbers for the others to be missing values ("unavailable"), and
so many lines have all fields: loggers that are stopped, or that fail, leave others."""

Named = tuple[dict[str, object], dict[str, str]]
"""Values by name, and what they mean."""


class LoadError(ValueError):
    """The data cannot be used; the message is one sentence for the user."""


def named_values(table: pd.DataFrame, name: str) -> Named:
    """The columns as arrays; a time column becomes `fs`, and `time` where it is uneven.

    Raises `LoadError` where the table, called `name`, holds no values.
    """
    table = _with_titles(table).dropna(axis="index", how="all")
    titles = _titles(table)
    table = table.dropna(axis="columns", how="all")
    if table.empty:
        raise LoadError(f"{name} holds no values.")
    missing = [title for title in titles if title not in table]
    if missing and all(map(is_time, _titles(table))):
        raise LoadError(f"{name} holds nothing but missing values in {', '.join(missing)}.")
    told = table.notna().sum()
    table = table.apply(_numbers)
    lost = dict(told - table.notna().sum())
    table, timing, meanings = split_time(table)
    if table.shape[1] > MAX_COLUMNS:
        meanings["table"] = f"one row a sample; columns {', '.join(table.columns)}"
        return {"table": table.reset_index(drop=True), **timing}, meanings
    data: dict[str, object] = {}
    for title, column in table.items():
        is_number = pd.api.types.is_numeric_dtype(column)
        is_only = is_number and table.shape[1] == 1
        key = "signal" if is_only else free_name(str(title).lower(), {*data, *timing})
        data[key] = column.to_numpy() if is_number else column.astype(str).tolist()
        meanings[key] = f"raw signal, column '{title}'" if is_only else f"column '{title}'"
        if lost[title]:
            meanings[key] += f", NaN for {lost[title]} cells that are no numbers"
    return {**data, **timing}, meanings


def free_names(titles: Iterable[str]) -> dict[str, str]:
    """A Python name for each title, no two the same."""
    names: dict[str, str] = {}
    for title in titles:
        names[title] = free_name(title, names.values())
    return names


def free_name(title: str, taken: Container[str]) -> str:
    """A Python name that is not `taken`: 'PT08.S1(CO)' is PT08_S1_CO, another one PT08_S1_CO_2.

    What has a meaning in a Python program gets c_ in front.
    """
    name = re.sub(r"\W+", "_", str(title), flags=re.ASCII).strip("_") or "value"
    if name[0].isdigit() or iskeyword(name) or hasattr(builtins, name) or name in ("np", "pd"):
        name = f"c_{name}"
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _titles(table: pd.DataFrame) -> list[str]:
    return [str(title) for title in table.columns]


def _with_titles(table: pd.DataFrame) -> pd.DataFrame:
    """Columns with titles alone, and a first one without, if it is dates: pandas saves indices so."""
    table = table.rename(columns=lambda title: str(title).strip())
    untitled = [title for title in _titles(table) if title.startswith("Unnamed:")]
    if untitled[:1] == ["Unnamed: 0"] and not pd.api.types.is_numeric_dtype(table["Unnamed: 0"]):
        dates = pd.to_datetime(table["Unnamed: 0"], errors="coerce", format="mixed", utc=True)
        if dates.notna().all():
            table = table.rename(columns={"Unnamed: 0": "time"})
    return table.drop(columns=[title for title in untitled if title in table])


def _numbers(column: pd.Series) -> pd.Series:
    """The column as numbers where most of its cells are some; "21,5" is one too."""
    if pd.api.types.is_numeric_dtype(column) or not column.map(lambda c: isinstance(c, str)).any():
        return column
    plain = column.where(column.notna(), None).astype(str)
    numbers = pd.to_numeric(
        plain.str.strip().str.replace(r"^([-+]?\d+),(\d+)$", r"\1.\2", regex=True), errors="coerce"
    )
    return numbers if numbers.notna().sum() >= MOSTLY * column.notna().sum() else column

"""Reads tables in text files as loggers and spreadsheets write them.

The first lines tell the delimiter (tab, semicolon, bar, comma, spaces), whether commas are decimal
points, and whether there are titles, a row of units or comments in front.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from gpiot_cli.synthesis.project_files.frames import MOSTLY, LoadError

DELIMITERS = ("\t", ";", "|", ",", " ")
HEAD = 100
"""Lines that tell the layout."""
COMMENT = re.compile(r"\s*[#%]")
MISSING = ("", "-", "--", "?", "na", "n/a", "nan", "none", "null")
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?")
TWO_DIGITS = re.compile(r"\d{2}")
TORN = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


@dataclass(frozen=True)
class Layout:
    """How a table is written."""

    delimiter: str
    rows: list[list[str]]
    """The fields of the first lines, without comments and units."""
    titles: list[str] | None
    """None where there are none."""
    skipped: list[int]
    """Numbers of the lines, from 0, that are neither titles nor data."""

    @property
    def decimal_comma(self) -> bool:
        """Whether 21,5 is a number."""
        cells = (cell.strip() for row in self.rows for cell in row)
        return self.delimiter != "," and any(map(DECIMAL_COMMA.fullmatch, cells))

    @property
    def thousands(self) -> str | None:
        """What groups the digits of large numbers."""
        cells = (cell.strip() for row in self.rows for cell in row)
        return "." if self.decimal_comma and any(map(THOUSANDS.fullmatch, cells)) else None

    @property
    def has_row_names(self) -> bool:
        """Whether the first field of each row has no title; a last one that is empty is none."""
        untitled = self.titles is not None and _width(self.rows) == len(self.titles) + 1
        return untitled and any(row[-1].strip() for row in self.rows)


def layout_of(path: Path) -> Layout | None:
    """How the table in a file is written; None for text that is no table.

    Raises `LoadError` for an empty file and for what is no UTF-8 text.
    """
    with path.open("rb") as file:
        if b"\0" in file.read(4096):
            raise LoadError(f"{path.name} is not UTF-8 text: export it as such.")
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        lines = [(n, line.rstrip("\n")) for n, line in enumerate(islice(file, HEAD))]
    lines = [(n, line) for n, line in lines if line.strip()]
    comments = []
    while lines and COMMENT.match(lines[0][1]):
        comments.append(lines.pop(0))
    if not lines:
        raise LoadError(f"{path.name} is empty.")
    delimiter = _delimiter([line for _, line in lines])
    if delimiter is None:
        return None
    rows = [_fields(line, delimiter) for _, line in lines]
    skipped = [n for n, _ in comments]
    if not all(is_number(cell) or _is_missing(cell) for cell in rows[0]):
        titles = [title.strip() for title in rows.pop(0)]
        if _are_units(rows):
            units = [unit.strip(" ()[]") for unit in rows.pop(0)]
            titles = [f"{t} ({u})" if u else t for t, u in zip(titles, units, strict=False)]
            skipped.append(lines[1][0])
        return Layout(delimiter, rows, titles, [*skipped, lines[0][0]])
    above = _fields(comments[-1][1].strip("#% \t"), delimiter) if comments else []
    is_titled = len(above) == len(rows[0]) and not any(map(is_number, above))
    return Layout(delimiter, rows, [t.strip() for t in above] if is_titled else None, skipped)


def read_table(path: Path, layout: Layout) -> pd.DataFrame:
    """The whole table; raises `LoadError` where a row has more fields than the first ones."""
    titles = ["Unnamed: 0"] * layout.has_row_names + (layout.titles or [])
    width = max(len(titles), _width(layout.rows))
    try:
        table = pd.read_csv(
            path,
            sep=r"\s+" if layout.delimiter == " " else layout.delimiter,
            decimal="," if layout.decimal_comma else ".",
            thousands=layout.thousands,
            header=None,
            names=list(range(width)),
            skiprows=layout.skipped,
            index_col=False,
            skipinitialspace=True,
            na_values=list(MISSING),
            encoding="utf-8-sig",
            encoding_errors="replace",
            low_memory=False,
        )
    except pd.errors.EmptyDataError:
        raise LoadError(f"{path.name} holds no values.") from None
    except pd.errors.ParserError as error:
        torn = TORN.search(str(error))
        if torn is None:
            raise
        expected, line, found = torn.groups()
        raise LoadError(
            f"Line {line} of {path.name} has {found} fields, and the lines before it {expected}."
        ) from error
    table.columns = pd.Index(_titles(table, layout.titles and titles))
    return table


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with a decimal point or a decimal comma."""
    cell = cell.strip()
    if THOUSANDS.fullmatch(cell):
        return True
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _titles(table: pd.DataFrame, titles: Sequence[str] | None) -> list[str]:
    """A title for each column, no two the same."""
    if titles is None:
        found = [f"column_{number + 1}" for number in range(table.shape[1])]
        first = table[0]
        numeric = pd.api.types.is_numeric_dtype(first)
        if numeric and first.is_monotonic_increasing and abs(float(first.iloc[0])) >= 1e8:
            found[0] = "time"  # no sensor reading is that large and only ever grows
        return found
    found = []
    for number in range(table.shape[1]):
        title = (titles[number] if number < len(titles) else "") or f"Unnamed: {number}"
        again = sum(other == title for other in titles[:number])
        found.append(f"{title}.{again}" if again else title)
    return found


def _delimiter(lines: Sequence[str]) -> str | None:
    """What divides lines into fields of which some are always numbers; None for no table.

    A table of texts alone is divided too, if all of its lines have as many fields.
    """
    for delimiter in DELIMITERS:
        rows = [_fields(line, delimiter) for line in lines]
        body = rows[1:] or rows
        if _are_units(body):
            body = body[1:]
        if delimiter == "," and len(rows[0]) == 1 and _all(DECIMAL_COMMA, lines[1:]):
            return ";"  # one column: its commas are decimal ones
        width = _width(body)
        whole = [row for row in body if len(row) == width]
        if width == 1 or len(whole) < MOSTLY * len(body):
            continue
        columns = [[row[i] for row in whole] for i in range(width)]
        enough = all if delimiter == " " else any
        if enough(map(_are_numbers, columns)):
            return delimiter
    cells = lines[1:] or lines
    if all(map(is_number, cells)):
        return ";" if _all(DECIMAL_COMMA, cells) else ","
    for delimiter in DELIMITERS[:-1]:
        widths = {len(_fields(line, delimiter)) for line in lines}
        if len(widths) == 1 and widths != {1}:
            return delimiter
    return None


def _width(rows: Sequence[Sequence[str]]) -> int:
    """How many fields most rows have."""
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0


def _fields(line: str, delimiter: str) -> list[str]:
    line = line.strip() if delimiter == " " else line
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


def _all(form: re.Pattern[str], lines: Sequence[str]) -> bool:
    return bool(lines) and all(form.fullmatch(line.strip()) for line in lines)


def _are_numbers(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers, but for cells without a value and a few words ("error")."""
    told = [cell for cell in cells if not _is_missing(cell)]
    return bool(told) and sum(map(is_number, told)) >= MOSTLY * len(told)


def _is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def _are_units(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row tells the units of those below: short words above numbers."""
    if len(rows) < 2 or any(is_number(c) or len(c) > 12 or TWO_DIGITS.search(c) for c in rows[0]):
        return False
    columns = [[row[i] for row in rows if i < len(row)] for i in range(len(rows[0]))]
    return any(_are_numbers(column[1:]) and not _is_missing(column[0]) for column in columns)

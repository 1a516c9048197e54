"""Any table of operations: CSV with a header, JSON Lines, or a JSON list of objects.

Columns are told by their names or by `--map column=field`.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.importers.events import (
    NO_ROOM,
    Event,
    Events,
    Source,
    parse_json,
    parse_time,
    tidy,
)
from gpiot_cli.recommend.importers.json_stream import Record, each_record
from gpiot_cli.recommend.importers.lines import each_line
from gpiot_cli.recommend.records import Action, Cause, Reading, Value

NAMES: dict[str, tuple[str, ...]] = {
    "time": ("time", "timestamp", "datetime", "date_time", "when", "ts"),
    "room": ("room", "area", "location", "zone"),
    "device": ("device", "device_name", "entity", "appliance", "sensor", "name"),
    "field": ("field", "attribute", "property", "capability"),
    "value": ("value", "state", "command", "status"),
    "cause": ("cause",),
    "description": ("description", "text"),
}
"""Fields of a record and the column names that say them without a mapping."""

POWER: dict[Value, Value] = {1: "on", 0: "off", "true": "on", "false": "off"}
"""Other words of tables for the values of `power`."""

LOST = ("unavailable", "unknown")
"""Values that say that there is none."""

ENV = "env."
"""`--map lux=env.illuminance` makes a column the environment of its row's room."""


def read_csv(source: Source) -> Events:
    """Yield an event for each line; the first is the header."""
    columns: list[str] = []
    fields: dict[str, str] = {}
    delimiter = ","

    def event(number: int, line: str) -> Event:
        nonlocal delimiter
        if not columns:
            delimiter = likely_delimiter(line)
            columns.extend(cells(line, delimiter))
            _refuse_lacking(set(source.mapping).difference(columns), columns)
            fields.update(resolve(columns, source.mapping))
            raise ValueError("the header")
        row = cells(line, delimiter)
        if len(row) < len(columns):
            raise ValueError(f"fewer than {len(columns)} columns")
        return _event(source, number, dict(zip(columns, row, strict=False)), fields)

    return each_line(source, event)


def read_jsonl(source: Source) -> Events:
    """Yield an event for each line, which is a JSON object."""

    lacking = set(source.mapping)
    names: list[str] = []

    def event(number: int, line: str) -> Event:
        row = dict(_flat(parse_json(line)))
        lacking.difference_update(row)
        names.extend(row if not names else ())
        return _event(source, number, row, resolve(row, source.mapping))

    yield from each_line(source, event)
    _refuse_lacking(lacking, names)


def read_json(source: Source) -> Events:
    """Yield an event for each object of a list."""

    lacking = set(source.mapping)
    names: list[str] = []

    def event(record: Record) -> Event:
        row = dict(_flat(record.body))
        lacking.difference_update(row)
        names.extend(row if not names else ())
        return _event(source, record.number, row, resolve(row, source.mapping))

    yield from each_record(source, event)
    _refuse_lacking(lacking, names)


def likely_delimiter(header: str) -> str:
    """The delimiter that the header has most of."""
    return max(",;\t|", key=header.count)


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line. Raises ValueError for a broken one."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error as error:
        raise ValueError(f"no CSV: {error}") from None


def resolve(columns: Iterable[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Column name to field, by the mapping first, then by NAMES."""
    present = list(columns)
    fields = {column: mapping[column] for column in present if column in mapping}
    by_name = {column.lower(): column for column in reversed(present)}
    for field, names in NAMES.items():
        if field not in fields.values():
            found = next((by_name[name] for name in names if name in by_name), None)
            if found and found not in fields:
                fields[found] = field
    return fields


def check_mapping(mapping: Mapping[str, str]) -> None:
    """Raise GpiotError for a field that records do not have."""
    for field in mapping.values():
        if field not in NAMES and not field.startswith(ENV):
            raise GpiotError(
                f'--map: records have no field "{field}".',
                f"Fields are {', '.join(NAMES)} and {ENV}INDICATOR (such as {ENV}temperature).",
            )


def _refuse_lacking(lacking: Collection[str], names: Collection[str]) -> None:
    """Raise GpiotError for mapped columns that no row has; `names` are those of the first row."""
    if lacking and names:
        raise GpiotError(
            f'--map: the table has no column "{min(lacking)}".',
            f"There are {', '.join(names)}.",
        )


def _event(source: Source, number: int, row: Mapping[str, Any], fields: Mapping[str, str]) -> Event:
    said = {field: row[column] for column, field in fields.items() if column in row}
    missing = [field for field in ("time", "device", "value") if said.get(field) in (None, "")]
    if missing:
        raise ValueError(f"no {' and no '.join(missing)}")
    time, offset = parse_time(said["time"], source.zone)
    value = tidy(said["value"])
    if str(value).lower() in LOST:
        raise ValueError("unavailable or unknown")
    room = str(said.get("room") or NO_ROOM).strip()
    field = str(said.get("field") or ("power" if value in ("on", "off") else "value"))
    if field == "power":
        value = POWER.get(value, value)
    env = tuple(
        Reading(room, name.removeprefix(ENV), tidy(said[name]))
        for name in said
        if name.startswith(ENV) and said[name] not in (None, "")
    )
    return Event(
        time,
        number,
        "record",
        (Action(room, str(said["device"]).strip(), field, value),),
        env=env,
        cause=_cause(said.get("cause")),
        description=str(said.get("description") or ""),
        offset=offset,
    )


def _cause(value: object) -> Cause:
    word = str(value or "").strip().lower()
    if word in ("person", "user", "human", "manual"):
        return "person"
    return "automation" if word in ("automation", "auto", "rule", "schedule") else "unknown"


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested objects under dotted names, so that a mapping can name what is inside."""
    for key, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value

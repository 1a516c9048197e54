"""Which format a file has, told by what is in it and never by its name."""

import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.importers.events import Events, Source, parse_json
from gpiot_cli.recommend.importers.json_stream import Record, records
from gpiot_cli.recommend.importers.tables import cells, likely_delimiter
from gpiot_cli.recommend.records import parse_operation

HEAD = 1 << 18
"""Bytes that are looked at."""


class Format(NamedTuple):
    """One importer: where its reader is, what it reads in words, and what its numbers count."""

    reader: str
    words: str
    unit: str


FORMATS = {
    "home-jsonl": Format("home_jsonl:read", "home.jsonl records", "line"),
    "ha-database": Format("ha_database:read", "Home Assistant database", "row"),
    "ha-history": Format("ha_history:read", "Home Assistant history (JSON)", "record"),
    "ha-history-csv": Format("ha_history_csv:read", "Home Assistant history.csv", "line"),
    "ha-logbook": Format("ha_logbook:read", "Home Assistant logbook (JSON)", "record"),
    "smartthings": Format("smartthings:read", "SmartThings device history", "record"),
    "openhab-log": Format("openhab_log:read", "openHAB events.log", "line"),
    "openhab-rest": Format("openhab_rest:read", "openHAB REST persistence", "record"),
    "csv": Format("tables:read_csv", "table (CSV)", "line"),
    "jsonl": Format("tables:read_jsonl", "table (JSON Lines)", "line"),
    "json": Format("tables:read_json", "table (JSON)", "record"),
}


def reader(format: str, source: Source) -> Events:
    """The events of a file of this format."""
    module, _, function = FORMATS[format].reader.partition(":")
    events: Events = getattr(import_module(f"{__package__}.{module}"), function)(source)
    return events


def detect(path: Path) -> str:
    """The name in FORMATS for a file. Raises GpiotError when it is none of them."""
    head = _head(path)
    if head.startswith(b"SQLite format 3\0"):
        return "ha-database"
    text = head.decode("utf-8-sig", errors="replace")
    lines = [line for line in text.splitlines() if line.strip()][:20]
    if not lines:
        raise GpiotError(f"{path} is empty.", "Export the log again.")
    found = _lines(lines)
    if found is None and lines[0].lstrip()[0] in "[{":
        found = _json_document(head) or ("jsonl" if any(map(_is_object, lines)) else None)
    if found is None:
        raise GpiotError(
            f"The format of {path} is not known.",
            f"Say --format, one of {', '.join(FORMATS)}, and for tables --map column=field.",
        )
    return found


def refuse_utf16(path: Path) -> None:
    """Raise GpiotError for a text in UTF-16, which spreadsheets write; all formats are in UTF-8."""
    if _head(path).startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise GpiotError(
            f"{path} is UTF-16, not UTF-8.", "Save it as UTF-8 (in Excel: “CSV UTF-8”)."
        )


def _head(path: Path) -> bytes:
    """The first bytes, unpacked if gzip, as far as they are whole."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        if head.startswith(b"\x1f\x8b"):
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, HEAD)
    except (OSError, zlib.error) as error:
        raise GpiotError(f"{path} cannot be read: {error}.", "Export the log again.") from error
    return head


def _json_document(head: bytes) -> str | None:
    """The export that the first record of a JSON document belongs to."""
    from gpiot_cli.recommend.importers import ha_history, ha_logbook, openhab_rest, smartthings

    first = next((found for found in records(BytesIO(head)) if isinstance(found, Record)), None)
    if first is None:
        return None
    for name, module in (
        ("ha-history", ha_history),
        ("ha-logbook", ha_logbook),
        ("smartthings", smartthings),
        ("openhab-rest", openhab_rest),
    ):
        if module.matches(first):
            return name
    return "json" if first.prefix == "item" else None


def _is_object(line: str) -> bool:
    try:
        return bool(parse_json(line))
    except ValueError:
        return False


def _lines(lines: list[str]) -> str | None:
    from gpiot_cli.recommend.importers import ha_history_csv, openhab_log

    if any(not isinstance(parse_operation(line), str) for line in lines):
        return "home-jsonl"
    if any(openhab_log.LINE.match(line) for line in lines):
        return "openhab-log"
    if lines[0].startswith(ha_history_csv.HEADER):
        return "ha-history-csv"
    if lines[0].startswith(("[", "{")):
        return None
    return "csv" if len(cells(lines[0], likely_delimiter(lines[0]))) > 1 else None

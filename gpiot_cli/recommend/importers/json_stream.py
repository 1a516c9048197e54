"""The records of a JSON document of any size, one by one (ijson)."""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from gpiot_cli.recommend.importers.events import Dropped, Event, Events, Source


class Record(NamedTuple):
    """One object that stands in a list: its number, where it stands, what it holds."""

    number: int
    prefix: str
    """ijson's path, such as `result.light.kitchen.item`."""
    body: dict[str, Any]


class Scalar(NamedTuple):
    """A number or text beside the lists, such as openHAB's `name`."""

    prefix: str
    value: Any


def each_record(
    source: Source,
    parse: Callable[[Record], Event],
    beside: Callable[[Scalar], None] = lambda _: None,
) -> Events:
    """Parse every record; a ValueError is the reason to drop it. `beside` is told the scalars."""
    with open_bytes(source.path) as file:
        for record in records(file):
            if isinstance(record, Dropped):
                yield record
            elif isinstance(record, Scalar):
                beside(record)
            else:
                try:
                    yield parse(record)
                except ValueError as reason:
                    yield Dropped(record.number, str(reason))


def records(file: IO[bytes]) -> Iterator[Record | Scalar | Dropped]:
    """Stream the outermost objects in lists; a document that breaks off ends with one Dropped."""
    import ijson
    from ijson.common import ObjectBuilder

    number = 0
    builder: ObjectBuilder | None = None
    start = ""
    try:
        for prefix, event, value in ijson.parse(file, use_float=True, multiple_values=True):
            if builder is not None:
                builder.event(event, value)
                if event == "end_map" and prefix == start:
                    yield Record(number, start, builder.value)
                    builder = None
            elif event == "start_map" and prefix.split(".")[-1] == "item":
                number += 1
                start, builder = prefix, ObjectBuilder()
                builder.event(event, value)
            elif event in ("string", "number", "boolean", "null"):
                if prefix.split(".")[-1] == "item":
                    number += 1
                    yield Dropped(number, "not an object")
                else:
                    yield Scalar(prefix, value)
    except (ijson.JSONError, OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        number += builder is None
        why = str(error).splitlines()[0] if str(error) else "it ends too early"
        yield Dropped(number, f"the file is damaged from here ({why})")


def open_bytes(path: Path) -> IO[bytes]:
    """A file opened for reading bytes, unpacked if gzip."""
    import gzip

    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]

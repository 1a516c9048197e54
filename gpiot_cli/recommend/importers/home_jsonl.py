"""The tool's own records: read again to check, to sort and to bring to the present version."""

from gpiot_cli.recommend.importers.events import Event, Events, Source
from gpiot_cli.recommend.importers.lines import each_line
from gpiot_cli.recommend.records import parse_operation


def read(source: Source) -> Events:
    """Yield an event for each line."""
    return each_line(source, _event)


def _event(number: int, line: str) -> Event:
    record = parse_operation(line)
    if isinstance(record, str):
        raise ValueError(record)
    offset = record.time.utcoffset()
    return Event(
        record.time.timestamp(),
        number,
        "record",
        record.actions,
        env=record.env,
        cause=record.cause,
        description=record.description,
        offset=None if offset is None else int(offset.total_seconds()),
        origin=record.origin,
    )

"""Home Assistant's history as JSON: REST (full, minimal, without attributes) and WebSocket.

REST gives lists of rows per entity; with `minimal_response` only the first and last name it. The
WebSocket commands `history_during_period` and `history/stream` name the entity by its key and
give `s`, `a`, `lu` and, where it differs, `lc`.
"""

from collections.abc import Mapping
from typing import Any

from gpiot_cli.recommend.importers.events import Event, Events, Source, parse_time
from gpiot_cli.recommend.importers.ha_entities import state_event
from gpiot_cli.recommend.importers.json_stream import Record, each_record


def matches(record: Record) -> bool:
    """Whether the first record of a document is a history row."""
    rest = "entity_id" in record.body and (
        "last_changed" in record.body or "last_updated" in record.body
    )
    return rest or ("s" in record.body and "lu" in record.body)


def read(source: Source) -> Events:
    """Yield an event for each row."""
    entity = ""
    attributes: dict[str, Any] = {}

    def event(record: Record) -> Event:
        nonlocal entity, attributes
        named = _entity(record)
        if named and named != entity:
            entity, attributes = named, {}
        stated = record.body.get("attributes", record.body.get("a"))
        if isinstance(stated, Mapping):
            attributes = dict(stated)
        return _event(source, record, entity, attributes)

    return each_record(source, event)


def _entity(record: Record) -> str:
    """The row's entity: stated, or the key of the list that it stands in."""
    named = record.body.get("entity_id")
    if isinstance(named, str):
        return named
    parts = record.prefix.split(".")
    return ".".join(parts[-3:-1]) if "s" in record.body and len(parts) >= 3 else ""


def _event(source: Source, record: Record, entity: str, attributes: Mapping[str, Any]) -> Event:
    row = record.body
    stated = row.get("last_updated") or row.get("last_changed") or row.get("lu")
    time, _ = parse_time(stated, source.zone)
    state = row.get("state", row.get("s"))
    return state_event(source.registry, time, record.number, entity, state, attributes)

"""Home Assistant's logbook as JSON: REST `/api/logbook` and WebSocket `logbook/get_events`.

It drops values but carries causes: a user's id, or the automation that did it. It has the changes
of states alone.
"""

from collections.abc import Mapping
from typing import Any

from gpiot_cli.recommend.importers.events import (
    Event,
    Events,
    Source,
    actions_of,
    parse_time,
)
from gpiot_cli.recommend.importers.ha_entities import ONE_SHOT, state_event
from gpiot_cli.recommend.importers.json_stream import Record, each_record
from gpiot_cli.recommend.records import MOMENTARY, Cause


def matches(record: Record) -> bool:
    """Whether the first record of a document is a logbook entry."""
    return "when" in record.body


def read(source: Source) -> Events:
    """Yield an event for each entry."""
    return each_record(source, lambda record: _event(source, record))


def _event(source: Source, record: Record) -> Event:
    row = record.body
    time, _ = parse_time(row.get("when"), source.zone)
    entity = row.get("entity_id")
    if not isinstance(entity, str):
        raise ValueError("an entry of no entity")
    domain = entity.partition(".")[0]
    name = str(row.get("name") or "")
    if row.get("message") == "started" if domain == "script" else domain in ONE_SHOT:
        actions = actions_of(source.registry.place(entity, name), {MOMENTARY: "on"})
        return Event(time, record.number, "command", actions, cause=_cause(row))
    if domain == "automation":
        raise ValueError("the start of an automation: what it did is read instead")
    event = state_event(
        source.registry,
        time,
        record.number,
        entity,
        row.get("state"),
        {"friendly_name": name},
        _cause(row),
    )
    return event._replace(kind="change") if event.kind == "state" else event


def _cause(row: Mapping[str, Any]) -> Cause:
    if row.get("context_user_id"):
        return "person"
    if row.get("context_domain") == "automation" or (
        row.get("context_event_type") == "automation_triggered"
    ):
        return "automation"
    return "unknown"

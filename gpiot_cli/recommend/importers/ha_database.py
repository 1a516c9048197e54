"""Home Assistant's `home-assistant_v2.db`: the best source, with commands, causes and states.

Reads schema 50 and, as far as columns exist, everything back to the layout before `states_meta`
and `event_types` were split off (2023.4), when ids were text and attributes stood in
`state_attributes` or in the row itself. The file is opened read-only.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC
from functools import lru_cache
from typing import Any

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.importers.events import (
    Dropped,
    Event,
    Events,
    Source,
    actions_of,
    device_of,
    parse_json,
    parse_time,
)
from gpiot_cli.recommend.importers.ha_entities import ONE_SHOT, STATES, commanded, state_event
from gpiot_cli.recommend.importers.registry import Registry
from gpiot_cli.recommend.records import Action, Cause

DAMAGE = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises over a damaged file; its own messages may quote bytes that are no text."""
CONTEXT = ("context_id", "context_user_id", "context_parent_id")


def read(source: Source) -> Events:
    """Yield an event for each row of `events`, then of `states`; rows are numbered through."""
    number = 0
    try:
        with closing(_open(source)) as database:
            version = database.execute("SELECT max(schema_version) FROM schema_changes").fetchone()
            source.notes.append(f"recorder schema {version[0]}")
            _name_entities(database, source)
            tables: tuple[tuple[str, Callable[[Registry, int, sqlite3.Row], Event]], ...]
            tables = ((_events_query(database), _event), (_states_query(database), _state))
            for query, parse in tables:
                for row in database.execute(query):
                    number += 1
                    try:
                        yield parse(source.registry, number, row)
                    except ValueError as reason:
                        yield Dropped(number, str(reason))
    except DAMAGE as error:
        if number == 0:
            raise GpiotError(
                f"{source.path} cannot be read as a Home Assistant database: {error}.",
                "Copy home-assistant_v2.db while Home Assistant is stopped, or use its backup.",
            ) from error
        yield Dropped(number + 1, f"the database is damaged from here ({error})")


def _open(source: Source) -> sqlite3.Connection:
    """Open without ever writing; the write-ahead log is read too where SQLite can do so."""
    wal = source.path.with_name(source.path.name + "-wal")
    uri = source.path.resolve().as_uri()
    if wal.exists() and wal.stat().st_size:
        database = _connect(f"{uri}?mode=ro")
        try:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return database
        except DAMAGE as error:
            database.close()
            source.notes.append(
                f"{wal.name} could not be read ({error}): what Home Assistant wrote last is missing"
            )
    return _connect(f"{uri}?mode=ro&immutable=1")


def _connect(uri: str) -> sqlite3.Connection:
    database = sqlite3.connect(uri, uri=True, timeout=5)
    database.row_factory = sqlite3.Row
    database.text_factory = lambda data: data.decode("utf-8", errors="replace")
    return database


def _events_query(database: sqlite3.Connection) -> str:
    columns = _columns(database, "events")
    types = "event_type_id" in columns and "event_type_id" in _columns(database, "event_types")
    data = "data_id" in columns and "data_id" in _columns(database, "event_data")
    picked = {
        "type": ["event_types.event_type"] * types + columns["event_type"],
        "data": ["event_data.shared_data"] * data + columns["event_data"],
        "time": columns["time_fired_ts"] + columns["time_fired"],
        **{name: columns[f"{name}_bin"] + columns[name] for name in CONTEXT},
    }
    return (
        _select(picked)
        + " FROM events AS t"
        + " LEFT JOIN event_types USING (event_type_id)" * types
        + " LEFT JOIN event_data USING (data_id)" * data
    )


def _states_query(database: sqlite3.Connection) -> str:
    columns = _columns(database, "states")
    names = "metadata_id" in columns and "metadata_id" in _columns(database, "states_meta")
    shared = "attributes_id" in columns and "attributes_id" in _columns(
        database, "state_attributes"
    )
    picked = {
        "entity": ["states_meta.entity_id"] * names + columns["entity_id"],
        "state": columns["state"],
        "attributes": ["state_attributes.shared_attrs"] * shared + columns["attributes"],
        "time": columns["last_updated_ts"] + columns["last_updated"],
        **{name: columns[f"{name}_bin"] + columns[name] for name in CONTEXT},
    }
    return (
        _select(picked)
        + " FROM states AS t"
        + " LEFT JOIN states_meta USING (metadata_id)" * names
        + " LEFT JOIN state_attributes USING (attributes_id)" * shared
    )


def _name_entities(database: sqlite3.Connection, source: Source) -> None:
    """Name every entity and find the groups, before the first row is read.

    Calls hold no names, and of two devices with one name the first keeps it: neither the order of
    rows nor whether a call or a state comes first may decide. Devices come before sensors, then it
    goes by entity id.
    """
    columns = _columns(database, "states")
    last_states = (
        " WHERE t.rowid IN (SELECT max(t.rowid) FROM states AS t"
        " WHERE t.state NOT IN ('unavailable', 'unknown')"
        f" GROUP BY {', '.join(columns['metadata_id'] + columns['entity_id'])})"
    )
    shown: dict[str, dict[str, Any]] = {}
    try:
        for row in database.execute(_states_query(database) + last_states):
            with suppress(ValueError):
                shown[str(row["entity"])] = _object(row["attributes"])
    except DAMAGE as error:
        source.notes.append(f"names could not be read before the rows ({error})")
    place = source.registry.place
    for entity in sorted(shown, key=lambda entity: (not _is_device(entity), entity)):
        place(entity, str(shown[entity].get("friendly_name") or ""))
    for entity, attributes in shown.items():
        if _is_device(entity) and (members := _names(attributes.get("entity_id"))):
            devices = frozenset(device_of(place(member)) for member in members)
            source.registry.groups[device_of(place(entity))] = devices


def _is_device(entity: str) -> bool:
    domain = entity.partition(".")[0]
    return domain in STATES or domain in ONE_SHOT


class _Columns(dict[str, list[str]]):
    """The columns of a table as SQL; one that this layout lacks is no expression at all."""

    def __missing__(self, name: str) -> list[str]:
        return []


def _columns(database: sqlite3.Connection, table: str) -> _Columns:
    rows = database.execute(f"PRAGMA table_info({table})")
    return _Columns({row["name"]: [f"t.{row['name']}"] for row in rows})


def _select(picked: dict[str, list[str]]) -> str:
    """The first expression that is set, for each name; NULL where the layout has none."""
    parts = (f"coalesce({', '.join([*e, 'NULL', 'NULL'])}) AS {n}" for n, e in picked.items())
    return "SELECT " + ", ".join(parts)


def _event(registry: Registry, number: int, row: sqlite3.Row) -> Event:
    if row["type"] not in ("call_service", "automation_triggered"):
        raise ValueError("an event that is no service call")
    time, context = parse_time(row["time"], UTC)[0], _identity(row["context_id"])
    if row["type"] == "automation_triggered":
        return Event(time, number, "automation", context=context)
    actions = tuple(_called(registry, _object(row["data"])))
    return Event(time, number, "command", actions, cause=_cause(row), context=context)


def _state(registry: Registry, number: int, row: sqlite3.Row) -> Event:
    return state_event(
        registry,
        parse_time(row["time"], UTC)[0],
        number,
        str(row["entity"]),
        row["state"],
        _object(row["attributes"]),
        _cause(row),
        _identity(row["context_id"]),
    )


def _called(registry: Registry, call: dict[str, Any]) -> Iterator[Action]:
    """The actions of a service call, on every entity that it targets."""
    domain, service = str(call.get("domain")), str(call.get("service"))
    if domain == "homeassistant" and service in ("turn_on", "turn_off", "toggle"):
        raise ValueError(f"a call of homeassistant.{service}: the calls that it makes are read")
    data = call.get("service_data")
    if not isinstance(data, dict):
        data = {}
    if domain == "script" and service not in ("turn_on", "turn_off", "toggle", "reload"):
        targets = [f"script.{service}"]
    else:
        members = registry.members(_names(data.get("area_id")), _names(data.get("device_id")))
        targets = [entity for entity in _names(data.get("entity_id")) if "." in entity]
        targets += [entity for entity in members if entity.partition(".")[0] == domain]
    for entity in targets:
        yield from actions_of(registry.place(entity), commanded(domain, service, data))
    if not targets:
        commanded(domain, service, data)  # says so first when the call concerns no device at all
        raise ValueError("a call that names no known entity (all, or an area; see --registry)")


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [name.strip() for name in value.split(",")]
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _cause(row: sqlite3.Row) -> Cause:
    """A user's id makes it a person's; else a parent makes it an automation's."""
    if row["context_user_id"]:
        return "person"
    return "automation" if row["context_parent_id"] else "unknown"


def _identity(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value or "")


@lru_cache(maxsize=4096)
def _object(text: object) -> dict[str, Any]:
    """A JSON column; the same attributes come again and again, so callers only read them."""
    return {} if text is None else parse_json(str(text))

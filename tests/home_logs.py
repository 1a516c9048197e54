"""Exports of one small home in every format, as the systems write them; used by test_import*."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

START = datetime(2025, 3, 3, 18, 0, tzinfo=UTC)  # a Monday, 19:00 in Amsterdam
PERSON = bytes.fromhex("ca80081d008c4457927daf7802f4e669")


def at(seconds: float) -> float:
    return START.timestamp() + seconds


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(at(seconds), UTC).isoformat(timespec="milliseconds")


State = tuple[float, str, str, dict[str, object], bytes | None]
STATES: list[State] = [
    # second, entity, state, attributes, context
    (0, "sensor.living_temperature", "19.5", {"device_class": "temperature"}, None),
    (1, "light.sofa", "off", {"friendly_name": "Sofa lamp"}, None),
    (2, "climate.ac", "off", {"temperature": 24.0, "friendly_name": "AC"}, None),
    (3, "input_boolean.guests", "off", {}, None),
    (60.2, "light.sofa", "on", {"brightness": 128, "friendly_name": "Sofa lamp"}, b"a" * 16),
    (120, "sensor.living_temperature", "20", {"device_class": "temperature"}, None),
    (180.2, "climate.ac", "cool", {"temperature": 22.0, "friendly_name": "AC"}, b"b" * 16),
    (240.2, "light.sofa", "off", {"friendly_name": "Sofa lamp"}, b"c" * 16),
    (300, "light.sofa", "unavailable", {}, None),
    (360, "light.sofa", "on", {"brightness": 128, "friendly_name": "Sofa lamp"}, None),
    (420, "light.sofa", "off", {"friendly_name": "Sofa lamp"}, None),
]
"""The last change was made at the lamp's own switch."""

Call = tuple[float, str, str, dict[str, object], bytes, bytes | None, bytes | None]
CALLS: list[Call] = [
    # second, domain, service, data, context, user, parent
    (60, "light", "turn_on", {"entity_id": "light.sofa", "brightness_pct": 50}, b"a" * 16, PERSON, None),
    (60.1, "light", "turn_on", {"entity_id": ["light.sofa"], "brightness_pct": 50}, b"a" * 16, PERSON, None),
    (180, "climate", "set_temperature",
     {"entity_id": "climate.ac", "temperature": 22, "hvac_mode": "cool"}, b"b" * 16, PERSON, None),
    (240, "light", "toggle", {"area_id": ["living"]}, b"c" * 16, None, b"b" * 16),
    (250, "notify", "mobile_app", {"message": "hello"}, b"d" * 16, None, b"b" * 16),
]  # fmt: skip


def registry(folder: Path) -> Path:
    """Home Assistant's `.storage`: the lamp has its room itself, the others by their device."""
    folder.mkdir(parents=True, exist_ok=True)
    areas = [{"id": "living", "name": "Living Room", "floor_id": None}]
    devices = [{"id": "d1", "area_id": "living", "name": "Box", "identifiers": [["x", "1"]]}]
    entities = [
        {"entity_id": "light.sofa", "area_id": "living", "name": "Sofa lamp"},
        {"entity_id": "climate.ac", "device_id": "d1", "original_name": "AC"},
        {"entity_id": "sensor.living_temperature", "device_id": "d1", "has_entity_name": True,
         "original_name": "Temperature", "original_device_class": "temperature"},
    ]  # fmt: skip
    for kind, rows in (("area", areas), ("device", devices), ("entity", entities)):
        key = {"area": "areas", "device": "devices", "entity": "entities"}[kind]
        body = {"version": 1, "key": f"core.{kind}_registry", "data": {key: rows}}
        (folder / f"core.{kind}_registry").write_text(json.dumps(body))
    zone = {"version": 1, "key": "core.config", "data": {"time_zone": "Europe/Amsterdam"}}
    (folder / "core.config").write_text(json.dumps(zone))
    return folder


def database(
    path: Path, schema: int = 50, calls: list[Call] = CALLS, states: list[State] = STATES
) -> Path:
    """A recorder database: schema 50, or 30 with text ids and one table for each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    (_new if schema >= 50 else _old)(connection, calls, states)
    connection.execute("CREATE TABLE schema_changes (change_id INTEGER, schema_version INTEGER)")
    connection.execute("INSERT INTO schema_changes VALUES (1, ?)", (schema,))
    connection.commit()
    connection.close()
    return path


def _new(db: sqlite3.Connection, calls: list[Call], states: list[State]) -> None:
    db.executescript(
        """
        CREATE TABLE event_types (event_type_id INTEGER PRIMARY KEY, event_type TEXT);
        CREATE TABLE event_data (data_id INTEGER PRIMARY KEY, shared_data TEXT);
        CREATE TABLE events (event_id INTEGER PRIMARY KEY, event_type CHAR(0), event_data CHAR(0),
            time_fired CHAR(0), time_fired_ts FLOAT, context_id CHAR(0), data_id INTEGER,
            context_id_bin BLOB, context_user_id_bin BLOB, context_parent_id_bin BLOB,
            event_type_id INTEGER);
        CREATE TABLE states_meta (metadata_id INTEGER PRIMARY KEY, entity_id TEXT);
        CREATE TABLE state_attributes (attributes_id INTEGER PRIMARY KEY, shared_attrs TEXT);
        CREATE TABLE states (state_id INTEGER PRIMARY KEY, entity_id CHAR(0), state TEXT,
            last_changed_ts FLOAT, last_updated_ts FLOAT, attributes_id INTEGER,
            context_id_bin BLOB, context_user_id_bin BLOB, context_parent_id_bin BLOB,
            metadata_id INTEGER);
        INSERT INTO event_types VALUES (1, 'call_service'), (2, 'homeassistant_start');
        INSERT INTO events (event_id, time_fired_ts, event_type_id) VALUES (1, 1.0, 2);
        """
    )
    for number, (second, domain, service, data, context, user, parent) in enumerate(calls, 2):
        body = {"domain": domain, "service": service, "service_data": data}
        db.execute("INSERT INTO event_data VALUES (?, ?)", (number, json.dumps(body)))
        db.execute(
            "INSERT INTO events (event_id, time_fired_ts, event_type_id, data_id, context_id_bin,"
            " context_user_id_bin, context_parent_id_bin) VALUES (?, ?, 1, ?, ?, ?, ?)",
            (number, at(second), number, context, user, parent),
        )
    entities = sorted({entity for _, entity, *_ in states})
    db.executemany("INSERT INTO states_meta VALUES (?, ?)", enumerate(entities))
    for number, (second, entity, state, attributes, context) in enumerate(states):
        db.execute("INSERT INTO state_attributes VALUES (?, ?)", (number, json.dumps(attributes)))
        db.execute(
            "INSERT INTO states (state, last_updated_ts, attributes_id, context_id_bin, metadata_id)"
            " VALUES (?, ?, ?, ?, ?)",
            (state, at(second), number, context, entities.index(entity)),
        )


def _old(db: sqlite3.Connection, calls: list[Call], states: list[State]) -> None:
    db.executescript(
        """
        CREATE TABLE events (event_id INTEGER PRIMARY KEY, event_type TEXT, event_data TEXT,
            time_fired DATETIME, context_id TEXT, context_user_id TEXT, context_parent_id TEXT);
        CREATE TABLE states (state_id INTEGER PRIMARY KEY, entity_id TEXT, state TEXT,
            attributes TEXT, last_changed DATETIME, last_updated DATETIME, context_id TEXT,
            context_user_id TEXT, context_parent_id TEXT);
        INSERT INTO events (event_type, time_fired) VALUES ('homeassistant_start', '2025-03-01 01:00:00');
        """
    )
    for second, domain, service, data, *ids in calls:
        body = {"domain": domain, "service": service, "service_data": data}
        db.execute(
            "INSERT INTO events (event_type, event_data, time_fired, context_id, context_user_id,"
            " context_parent_id) VALUES ('call_service', ?, ?, ?, ?, ?)",
            (json.dumps(body), _text_time(second), *(i and i.hex() for i in ids)),
        )
    for second, entity, state, attributes, context in states:
        db.execute(
            "INSERT INTO states (entity_id, state, attributes, last_updated, context_id)"
            " VALUES (?, ?, ?, ?, ?)",
            (entity, state, json.dumps(attributes), _text_time(second), context and context.hex()),
        )


def _text_time(second: float) -> str:
    return f"{datetime.fromtimestamp(at(second), UTC):%Y-%m-%d %H:%M:%S.%f}"


def _by_entity() -> dict[str, list[tuple[float, str, dict[str, object]]]]:
    lists: dict[str, list[tuple[float, str, dict[str, object]]]] = {}
    for second, entity, state, attributes, _ in STATES:
        lists.setdefault(entity, []).append((second, state, attributes))
    return lists


def history_full() -> str:
    return json.dumps(
        [
            [
                {"entity_id": entity, "state": state, "attributes": attributes,
                 "last_changed": iso(second), "last_updated": iso(second)}
                for second, state, attributes in rows
            ]
            for entity, rows in _by_entity().items()
        ]
    )  # fmt: skip


def history_websocket() -> str:
    result = {
        entity: [
            {"s": state, "a": attributes, "lu": at(second)} for second, state, attributes in rows
        ]
        for entity, rows in _by_entity().items()
    }
    return json.dumps({"id": 6, "type": "result", "success": True, "result": result})


def history_csv() -> str:
    lines = ["entity_id,state,last_changed,hvac_action,temperature"]
    for entity, rows in _by_entity().items():
        for second, state, attributes in rows:
            line = f"{entity},{state},{iso(second)[:23]}Z"
            lines.append(f"{line},,{attributes['temperature']}" if "climate" in entity else line)
    return "\n".join(lines) + "\n"


def logbook() -> str:
    return json.dumps(
        [
            {"name": "Home Assistant", "message": "started", "when": iso(0)},
            {"state": "on", "entity_id": "light.sofa", "name": "Sofa lamp", "when": iso(60),
             "context_user_id": "ca8", "context_domain": "light", "context_service": "turn_on"},
            {"state": "on", "entity_id": "input_boolean.x", "name": "x", "when": iso(61)},
            {"state": "off", "entity_id": "light.sofa", "name": "Sofa lamp", "when": iso(90),
             "context_domain": "automation", "context_event_type": "automation_triggered"},
            {"state": "cool", "entity_id": "climate.ac", "name": "AC", "when": iso(95)},
        ]
    )  # fmt: skip


SMARTTHINGS: list[tuple[float, str, str, object]] = [
    # second, device, attribute, value
    (0, "lamp", "switch", "off"),
    (30, "sensor", "temperature", 21.5),
    (60, "lamp", "switch", "on"),
    (61, "lamp", "switch", "on"),
    (90, "lamp", "level", 40),
    (120, "lamp", "level", 80),
    (130, "lamp", "healthStatus", "online"),
]


def smartthings(events: Iterable[tuple[float, str, str, object]] = SMARTTHINGS) -> str:
    """The newest first; a device's component follows it after a slash."""
    items = []
    for second, device, attribute, value in events:
        name, _, component = device.partition("/")
        items.append({"deviceId": name, "deviceName": name.title(), "attribute": attribute,
                      "value": value, "component": component or "main", "time": iso(second)})  # fmt: skip
    return json.dumps({"items": items[::-1], "_links": {"next": {"href": "x"}}})


def openhab_rest(item: str, states: Iterable[tuple[float, str]]) -> str:
    data = [{"time": at(second) * 1000, "state": state} for second, state in states]
    return json.dumps({"name": item, "datapoints": str(len(data)), "data": data})


OPENHAB_LOG = """\
2025-03-03 19:00:00.000 [INFO ] [openhab.event.ItemStateChangedEvent ] - Item 'Living_Temperature' changed from 19.1 °C to 19.5 °C
2025-03-03 19:01:00.250 [INFO ] [openhab.event.ItemCommandEvent      ] - Item 'Sofa_Light' received command ON (source: org.openhab.ui=>org.openhab.core.io.rest$admin)
2025-03-03 19:01:00.300 [INFO ] [openhab.event.ItemStateChangedEvent ] - Item 'Sofa_Light' changed from OFF to ON
2025-03-03 19:02:00.000 [INFO ] [openhab.event.ItemCommandEvent      ] - Item 'Sofa_Dimmer' received command 40
2025-03-03 19:03:00.000 [INFO ] [openhab.event.ItemCommandEvent      ] - Item 'AC_Setpoint' received command 22.5 °C (source: org.openhab.core.automation$f8e)
2019-02-18 12:11:19.178 [ome.event.ItemCommandEvent] - Item 'HeatingMode' received command ON
2025-03-03 19:04:00.000 [INFO ] [openhab.event.ItemCommandEvent      ] - Item 'Sofa_Dimmer' received command INCREASE
2025-03-03 19:05:00.000 [INFO ] [openhab.event.ItemCommandEvent      ] - Item 'Blind' received command DOWN
\tat org.openhab.core.SomeStackTrace(Frame.java:12)
"""

OPENHAB_REST = openhab_rest("Sofa_Light", [(0, "OFF"), (60, "ON"), (90, "ON")])

TABLE = """\
when;place;what;state;lux
2025-03-03 19:00:00;Hall;Lamp;ON;12
2025-03-03 19:05:00;Hall;Lamp;OFF;
2025-03-03 19:06:00;Hall;Blind;0.5;3
"""

HOME_JSONL = "".join(
    json.dumps({"v": 1, "time": iso(60 * n), "room": "Hall", "device": "Lamp", "field": "power",
                "value": "on" if n % 2 else "off"}) + "\n"
    for n in range(8)
)  # fmt: skip

"""`devpiolt import`, format by format, as a user meets it."""

import gzip
import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import home_logs
import pytest

from gpiot_cli.cli.devpiolt import app
from gpiot_cli.cli.main import run
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic
from gpiot_cli.recommend.importers import order
from gpiot_cli.recommend.records import read_devices

SAMPLES = Path(__file__).parents[2] / "shared" / "data" / "home"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no ../shared/data/home")

Import = Callable[..., tuple[dict[str, Any], list[dict[str, Any]]]]


@pytest.fixture
def import_(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Import:
    """Import a file; its account and its records."""

    def go(path: Path, *options: str, code: int = 0) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        out = tmp_path / "out" / "home.jsonl"
        arguments = ["import", str(path), "--out", str(out), "--json", *options]
        assert run(app, "devpiolt", arguments) == code
        account = json.loads(capsys.readouterr().out)
        assert account["read"] == (
            account["operations"] + account["readings"] + sum(account["dropped"].values())
        )
        records = [json.loads(line) for line in out.read_text().splitlines()]
        assert len(records) == account["operations"]
        assert records == sorted(records, key=lambda r: r["time"])
        return account, records

    return go


def actions(records: list[dict[str, Any]]) -> list[list[list[Any]]]:
    return [record["actions"] for record in records]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


LAMP, AC = ["Living Room", "Sofa lamp"], ["Living Room", "AC"]


@pytest.mark.parametrize("schema", [50, 30])
def test_home_assistant_database(schema: int, tmp_path: Path, import_: Import) -> None:
    home_logs.registry(tmp_path / "ha" / ".storage")
    path = home_logs.database(tmp_path / "ha" / "home-assistant_v2.db", schema)
    account, records = import_(path)
    assert actions(records) == [
        [[*LAMP, "power", "on"], [*LAMP, "brightness", 50]],
        [[*AC, "temperature", 22], [*AC, "power", "on"], [*AC, "mode", "cool"]],
        [[*LAMP, "power", "off"]],  # a toggle, resolved
        [[*LAMP, "power", "off"]],  # at the lamp's own switch
    ]
    assert [record.get("cause", "unknown") for record in records] == [
        "person", "person", "automation", "unknown",
    ]  # fmt: skip
    assert records[0]["time"] == "2025-03-03T19:01:00+01:00"
    assert records[0]["weekday"] == "Mon"
    assert records[0]["env"] == [["Living Room", "temperature", 19.5]]
    assert records[1]["env"] == [["Living Room", "temperature", 20]]
    assert account["dropped"]["a nested call: its action is there already"] == 1
    assert account["timezone"] == "Europe/Amsterdam"
    devices = {device.entity: device for device in read_devices(Path(account["out"]))}
    assert sorted(devices) == ["climate.ac", "light.sofa"]
    assert f"recorder schema {schema}" in account["notes"]


def test_rooms_of_an_older_home_assistant(tmp_path: Path, import_: Import) -> None:
    storage = home_logs.registry(tmp_path / "ha" / ".storage")
    areas = {"data": {"areas": [{"id": "living", "name": "Living Room"}]}}
    floors = {"data": {"items": [{"floor_id": "ground", "name": "Ground floor"}]}}
    write(storage / "core.area_registry", json.dumps(areas))
    write(storage / "core.floor_registry", json.dumps(floors))
    entities = json.loads((storage / "core.entity_registry").read_text())
    del entities["data"]["entities"][1]["device_id"]  # the AC has no area now
    write(storage / "core.entity_registry", json.dumps(entities))
    _, records = import_(home_logs.database(tmp_path / "ha" / "home-assistant_v2.db"))
    assert [record["actions"][0][:2] for record in records[:2]] == [LAMP, ["Home", "AC"]]


def test_database_in_use_is_read_with_its_log_and_not_written(
    tmp_path: Path, import_: Import
) -> None:
    home_logs.registry(tmp_path / "ha" / ".storage")
    path = home_logs.database(tmp_path / "ha" / "home-assistant_v2.db")
    recorder = sqlite3.connect(path, isolation_level=None)
    recorder.execute("PRAGMA journal_mode=WAL")
    recorder.execute("PRAGMA wal_autocheckpoint=0")
    recorder.execute(
        "INSERT INTO states (state, last_updated_ts, metadata_id) VALUES ('on', ?, "
        "(SELECT metadata_id FROM states_meta WHERE entity_id = 'light.sofa'))",
        (home_logs.at(900),),
    )
    recorder.execute("BEGIN IMMEDIATE")  # the recorder is in the middle of a commit
    before = path.read_bytes()
    _, records = import_(path)
    assert records[-1]["time"] == "2025-03-03T19:15:00+01:00"
    assert path.read_bytes() == before
    recorder.close()


RUN, AUTOMATION = b"r" * 16, b"p" * 16


def run_of_an_automation(*calls: tuple[float, str, str, object]) -> list[home_logs.Call]:
    return [
        (second, domain, service, {"entity_id": entity}, RUN, None, AUTOMATION)
        for second, domain, service, entity in calls
    ]


def test_a_run_of_an_automation_is_all_that_it_did(tmp_path: Path, import_: Import) -> None:
    """Home Assistant gives all calls of one run, and what comes of them, the same context."""
    calls = run_of_an_automation(
        (60, "light", "turn_off", "light.a"),
        (60.1, "light", "turn_off", "light.b"),
        (60.2, "light", "turn_off", "all"),  # so that only the states tell which
        (360, "light", "turn_on", "light.a"),
    )
    states: list[home_logs.State] = [
        *((0, f"light.{name}", "on", {}, None) for name in "abc"),
        *((61, f"light.{name}", "off", {}, RUN) for name in "abc"),
        (361, "light.a", "on", {}, RUN),
    ]
    account, records = import_(home_logs.database(tmp_path / "ha.db", 50, calls, states))
    assert [(action[1], action[3]) for (action,) in actions(records)] == [
        ("a", "off"), ("b", "off"), ("c", "off"), ("a", "on"),
    ]  # fmt: skip
    assert account["causes"] == {"automation": 3, "unknown": 1}


def test_what_a_group_hands_on_is_no_operation(tmp_path: Path, import_: Import) -> None:
    calls = run_of_an_automation(
        (60, "homeassistant", "toggle", "light.all"),
        (60.1, "light", "toggle", ["light.all"]),
        (60.2, "light", "turn_off", ["light.down"]),
        (60.3, "light", "turn_off", ["light.a", "light.b"]),
        (90, "light", "turn_on", "light.b"),
    )
    states: list[home_logs.State] = [
        (second, f"light.{name}", state, {"entity_id": members} if members else {}, context)
        for second, state, context, changed in (
            (0, "on", None, "a b down all"), (61, "off", RUN, "a b down all"),
            (91, "on", RUN, "b down all"),
        )
        for name, members in (("a", []), ("b", []), ("down", ["light.a", "light.b"]),
                              ("all", ["light.down"]))
        if name in changed.split()
    ]  # fmt: skip
    account, records = import_(home_logs.database(tmp_path / "ha.db", 50, calls, states))
    assert actions(records) == [
        [["Home", "all", "power", "off"]],
        [["Home", "b", "power", "on"]],
    ]
    assert account["dropped"]["a nested call: its action is there already"] == 2


def names(out: Path) -> dict[str, str]:
    return {device.entity: device.device for device in read_devices(out)}


@pytest.mark.parametrize("schema", [50, 30])
def test_a_name_depends_neither_on_order_nor_on_a_call(
    schema: int, tmp_path: Path, import_: Import
) -> None:
    lamps = ("light.lr_1", "light.lr_2", "light.lr_3")
    shown = {"light.lr_1": "Sofa", "light.lr_2": "Lamp", "light.lr_3": "Lamp"}
    for order_ in (lamps, lamps[::-1]):
        calls = run_of_an_automation((5, "light", "turn_off", order_[0]))
        states: list[home_logs.State] = [
            (second + n, entity, state, {"friendly_name": shown[entity]}, None)
            for second, state in ((10, "off"), (60, "on"))
            for n, entity in enumerate(order_)
        ]
        states.append((0, "binary_sensor.lamp", "off", {"friendly_name": "Sofa"}, None))
        path = home_logs.database(tmp_path / f"{order_[0]}.db", schema, calls, states)
        account, _ = import_(path)
        assert names(Path(account["out"])) == {
            "light.lr_1": "Sofa", "light.lr_2": "Lamp", "light.lr_3": "Lamp (light.lr_3)",
        }  # fmt: skip


def test_adding_keeps_the_names_of_devices(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "home.jsonl"

    def add(name: str, **shown: str) -> dict[str, Any]:
        rows = [
            [
                {"entity_id": f"light.{key}", "state": state, "last_updated": home_logs.iso(second),
                 "attributes": {"friendly_name": shown[key]}}
                for second, state in ((0, "off"), (60, "on"))
            ]
            for key in shown
        ]  # fmt: skip
        path = write(tmp_path / name, json.dumps(rows))
        arguments = ["import", str(path), "--out", str(out), "--add", "--json"]
        assert run(app, "devpiolt", arguments) == 0
        return json.loads(capsys.readouterr().out)

    add("first", a="Lamp", b="Lamp")
    assert names(out) == {"light.a": "Lamp", "light.b": "Lamp (light.b)"}
    account = add("second", b="Lamp", a="Sofa", c="Lamp")
    assert (account["operations"], account["already_there"]) == (3, 2)
    assert names(out) == {
        "light.a": "Lamp", "light.b": "Lamp (light.b)", "light.c": "Lamp (light.c)",
    }  # fmt: skip


def test_damaged_database_is_one_sentence_and_the_old_records_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home_logs.database(tmp_path / "home-assistant_v2.db")
    path.write_bytes(path.read_bytes()[:5000])
    out = write(tmp_path / "home.jsonl", "what was there\n")
    assert run(app, "devpiolt", ["import", str(path), "--out", str(out)]) == 1
    assert "cannot be read as a Home Assistant database" in capsys.readouterr().err
    assert out.read_text() == "what was there\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home-assistant_v2.db", "home.jsonl"]


@pytest.mark.parametrize("form", ["full", "minimal", "websocket", "csv"])
def test_home_assistant_history(form: str, tmp_path: Path, import_: Import) -> None:
    text = {
        "full": home_logs.history_full,
        "minimal": lambda: _minimal(home_logs.history_full()),
        "websocket": home_logs.history_websocket,
        "csv": home_logs.history_csv,
    }[form]()
    storage = home_logs.registry(tmp_path / "storage")
    account, records = import_(write(tmp_path / "export", text), "--registry", str(storage))
    assert actions(records) == [
        [[*LAMP, "power", "on"]],
        [[*AC, "power", "on"], [*AC, "mode", "cool"], [*AC, "temperature", 22]],
        [[*LAMP, "power", "off"]],
        [[*LAMP, "power", "off"]],
    ]
    assert records[1]["env"] == [["Living Room", "temperature", 20]]
    assert account["dropped"]["a helper (input_boolean), not a device"] == 1
    assert account["dropped"]["unavailable or unknown"] == 1


def test_conditions_of_devices_are_no_operations(tmp_path: Path, import_: Import) -> None:
    states = {
        "lock.door": ["locked", "jammed", "unlocking", "unlocked"],
        "alarm_control_panel.home": ["disarmed", "arming", "armed_away", "pending", "triggered"],
        "vacuum.robo": ["docked", "cleaning", "error", "returning", "idle"],
        "cover.blind": ["open", "closing", "closed"],
    }
    rows = [
        [
            {"entity_id": entity, "state": state, "attributes": {},
             "last_changed": home_logs.iso(60 * n), "last_updated": home_logs.iso(60 * n)}
            for n, state in enumerate(row)
        ]
        for entity, row in states.items()
    ]  # fmt: skip
    account, records = import_(write(tmp_path / "history.json", json.dumps(rows)))
    assert sorted(action[3] for (action,) in actions(records)) == [
        "armed_away", "cleaning", "closed", "docked", "unlocked",
    ]  # fmt: skip
    conditions = {why: n for why, n in account["dropped"].items() if "a condition" in why}
    assert sum(conditions.values()) == 6
    assert conditions["a condition (jammed), not an operation"] == 1


def _minimal(full: str) -> str:
    """`minimal_response`: inner rows say their state and time alone, unless attributes change."""
    lists = json.loads(full)
    for rows in lists:
        for row in rows[1:-1]:
            if "brightness" not in row["attributes"]:
                del row["attributes"], row["entity_id"], row["last_updated"]
    return json.dumps(lists)


def test_home_assistant_logbook_tells_causes(tmp_path: Path, import_: Import) -> None:
    account, records = import_(write(tmp_path / "logbook.json", home_logs.logbook()))
    assert [r.get("cause") for r in records] == ["person", "automation", None]
    assert actions(records)[2] == [["Home", "AC", "power", "on"], ["Home", "AC", "mode", "cool"]]
    assert account["causes"] == {"person": 1, "automation": 1, "unknown": 1}


def test_the_states_of_a_logbook_are_compared(tmp_path: Path, import_: Import) -> None:
    states = {
        "cover.blind": ["opening", "open"],
        "lock.door": ["locking", "locked", "jammed", "locked"],
        "media_player.tv": ["playing", "idle", "off"],
        "light.sofa": ["off", "unavailable", "on"],
    }
    rows = [
        {"entity_id": entity, "state": state, "name": entity, "when": home_logs.iso(60 * n)}
        for entity, row in states.items()
        for n, state in enumerate(row)
    ]
    account, records = import_(write(tmp_path / "logbook.json", json.dumps(rows)))
    assert sorted(action[1:] for operation in actions(records) for action in operation) == [
        ["cover.blind", "state", "open"],
        ["light.sofa", "power", "off"],
        ["lock.door", "state", "locked"],
        ["media_player.tv", "playback", "playing"],
        ["media_player.tv", "power", "off"],
        ["media_player.tv", "power", "on"],
    ]
    assert account["dropped"]["the first state of a device that was unavailable"] == 1


def test_components_of_smartthings_are_devices(tmp_path: Path, import_: Import) -> None:
    outlets = ("strip", "strip/outlet2")
    events = [(0.0 + n, outlet, "switch", "on") for n, outlet in enumerate(outlets)]
    events += [(60, "strip/outlet2", "switch", "off"), (90, "strip", "switch", "on")]
    log = home_logs.smartthings([*events, (120, "strip/outlet2", "switch", "on")])
    listed = {"items": [{"deviceId": "strip", "label": "Strip", "roomId": "r"}]}
    write(tmp_path / "home" / "devices.json", json.dumps(listed))
    write(tmp_path / "home" / "rooms.json", json.dumps({"items": [{"roomId": "r", "name": "Den"}]}))
    account, records = import_(write(tmp_path / "log", log), "--registry", str(tmp_path / "home"))
    assert actions(records) == [
        [["Den", "Strip outlet2", "power", "off"]],
        [["Den", "Strip outlet2", "power", "on"]],
    ]
    assert names(Path(account["out"])) == {"strip/outlet2": "Strip outlet2"}


def test_smartthings_tells_field_by_field(tmp_path: Path, import_: Import) -> None:
    events: list[tuple[float, str, str, object]] = [
        (0, "ac", "heatingSetpoint", 20),
        (1, "ac", "coolingSetpoint", 25),
        (2, "ac", "thermostatMode", "cool"),  # the first of this field, not of the device
        (60, "ac", "heatingSetpoint", 20),
        (61, "ac", "coolingSetpoint", 24),
        (100, "blind", "windowShade", "closed"),
        (101, "blind", "shadeLevel", 0),
        (200, "blind", "shadeLevel", 25),  # some drivers say only then that it moves
        (200.1, "blind", "windowShade", "opening"),
        (204, "blind", "shadeLevel", 50),
        (204.1, "blind", "windowShade", "partially open"),  # and some that it is on the way
        (209, "blind", "shadeLevel", 60),
        (300, "blind", "windowShade", "unknown"),
        (360, "blind", "windowShade", "closed"),
    ]
    account, records = import_(write(tmp_path / "log", home_logs.smartthings(events)))
    assert [action[1:] for (action,) in actions(records)] == [
        ["Ac", "temperature_high", 24],
        ["Blind", "state", "open"],
        ["Blind", "position", 60],
    ]
    assert account["dropped"]["a condition (partially open), not an operation"] == 1
    assert account["dropped"]["a number that the device left again within 10 s"] == 2


def test_smartthings_comes_newest_first(tmp_path: Path, import_: Import) -> None:
    devices = {"items": [{"deviceId": "lamp", "label": "Sofa", "roomId": "r"},
                         {"deviceId": "sensor", "label": "Air", "roomId": "r"}]}  # fmt: skip
    write(tmp_path / "home" / "devices.json", json.dumps(devices))
    write(tmp_path / "home" / "rooms.json", json.dumps({"items": [{"roomId": "r", "name": "Den"}]}))
    path = write(tmp_path / "history.json", home_logs.smartthings())
    account, records = import_(path, "--registry", str(tmp_path / "home"))
    assert actions(records) == [
        [["Den", "Sofa", "power", "on"]],
        [["Den", "Sofa", "brightness", 80]],
    ]
    assert records[0]["env"] == [["Den", "temperature", 21.5]]
    assert account["dropped"]["no change of a controllable field"] == 1
    assert account["dropped"]["the first state of a device: nothing to compare it with"] == 2


def test_openhab_log_of_several_versions(tmp_path: Path, import_: Import) -> None:
    items = [
        {"name": "Sofa_Dimmer", "type": "Dimmer", "label": "Sofa", "groupNames": ["gSofa"]},
        {"name": "gSofa", "type": "Group", "label": "Couch", "groupNames": ["gLiving"]},
        {"name": "gLiving", "type": "Group", "label": "Living Room", "groupNames": [],
         "metadata": {"semantics": {"value": "Location_Indoor_Room_LivingRoom"}}},
    ]  # fmt: skip
    write(tmp_path / "home" / "items.json", json.dumps(items))
    path = write(tmp_path / "events.log", home_logs.OPENHAB_LOG)
    account, records = import_(
        path, "--registry", str(tmp_path / "home"), "--timezone", "Europe/Amsterdam"
    )
    assert actions(records) == [
        [["Home", "HeatingMode", "power", "on"]],
        [["Home", "Sofa Light", "power", "on"]],
        [["Living Room", "Sofa", "brightness", 40]],
        [["Home", "AC Setpoint", "temperature", 22.5]],
        [["Home", "Blind", "state", "closed"]],
    ]
    assert [r.get("cause") for r in records] == [None, "person", None, "automation", None]
    assert account["readings"] == 1
    assert account["out_of_order"] == 1
    assert account["examples"]["not a line of an openHAB log"] == [9]


def test_openhab_persistence(tmp_path: Path, import_: Import) -> None:
    _, records = import_(write(tmp_path / "item.json", home_logs.OPENHAB_REST))
    assert actions(records) == [[["Home", "Sofa Light", "power", "on"]]]


def test_what_openhab_measures_is_no_operation(tmp_path: Path, import_: Import) -> None:
    items = {
        "Bedroom_Thermostat_Battery": ("95", "94"),
        "Hall_Light_Battery": ("95", "94"),
        "Meter_Power": ("230 W", "12.5 W"),
        "Front_Door": ("CLOSED", "OPEN"),
        "Hall_Dimmer": ("0", "40"),
        "Den_Target": ("20 °C", "21 °C"),
        "Kettle": ("OFF", "ON"),
    }
    documents = [
        home_logs.openhab_rest(item, zip((0, 60), states, strict=True))
        for item, states in items.items()
    ]
    account, records = import_(write(tmp_path / "items.json", "\n".join(documents)))
    assert [action[1:] for (action,) in actions(records)] == [
        ["Hall Dimmer", "brightness", 40],
        ["Den Target", "temperature", 21],
        ["Kettle", "power", "on"],
    ]
    reason = "a state of an item that is neither known to be operated nor a sensor"
    assert account["dropped"][reason] == 8


def test_what_a_table_does_not_know_is_no_operation(tmp_path: Path, import_: Import) -> None:
    rows = [("2024-03-01 07:00:00", "on"), ("2024-03-01 08:00:00", "unavailable"),
            ("2024-03-01 09:00:00", "Unknown"), ("20240301", "on"), ("2024-03-01", "off")]  # fmt: skip
    text = "".join(f"{time},Lamp,{value}\n" for time, value in rows)
    account, records = import_(write(tmp_path / "t.csv", "time,device,value\n" + text))
    assert actions(records) == [[["Home", "Lamp", "power", "on"]]]
    assert account["examples"]["unavailable or unknown"] == [3, 4]
    assert account["examples"]["a date without a time of day"] == [5, 6]


def test_table_with_a_mapping(tmp_path: Path, import_: Import) -> None:
    path = write(tmp_path / "t.csv", home_logs.TABLE)
    mapping = ["--map", "place=room", "--map", "what=device", "--map", "lux=env.illuminance"]
    _, records = import_(path, *mapping, "--timezone", "Asia/Tokyo")
    assert records[0]["time"] == "2025-03-03T19:00:00+09:00"
    assert records[0]["env"] == [["Hall", "illuminance", 12]]
    assert actions(records)[1:] == [
        [["Hall", "Lamp", "power", "off"]],
        [["Hall", "Blind", "value", 0.5]],
    ]


def test_power_is_on_or_off_however_a_table_says_it(tmp_path: Path, import_: Import) -> None:
    values = ["1", "0", "true", "FALSE", "ON", "60"]
    rows = "".join(f"{home_logs.iso(60 * n)},Plug,power,{v}\n" for n, v in enumerate(values))
    _, records = import_(write(tmp_path / "t.csv", "time,device,field,value\n" + rows))
    assert [action[3] for (action,) in actions(records)] == ["on", "off", "on", "off", "on", 60]


def test_bytes_that_are_not_utf8_are_said(
    tmp_path: Path, import_: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"time,room,device,value\n{home_logs.iso(0)},Küche,Lampe,on\n"
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode("latin-1"))
    account, _ = import_(path)
    assert account["notes"] == ["1 line holds bytes that are not UTF-8; they became \ufffd"]
    path.write_bytes(text.encode("utf-16"))
    for options in ([], ["--format", "csv"]):
        assert run(app, "devpiolt", ["import", str(path), *options]) == 1
        assert f"{path} is UTF-16, not UTF-8.\nSave it as UTF-8" in capsys.readouterr().err


def test_a_zone_that_is_given_moves_times_with_another_offset(
    tmp_path: Path, import_: Import
) -> None:
    line = {"time": "2025-07-01T18:00:00Z", "device": "Lamp", "value": "on"}
    path = write(tmp_path / "t.jsonl", json.dumps(line) + "\n")
    _, records = import_(path, "--timezone", "Europe/Amsterdam")
    assert records[0]["time"] == "2025-07-01T20:00:00+02:00"
    _, records = import_(path)
    assert records[0]["time"] == "2025-07-01T18:00:00Z"


def test_json_lines_with_nested_fields(tmp_path: Path, import_: Import) -> None:
    line = {"meta": {"at": 1741024800}, "device": "Lamp", "value": True}
    path = write(tmp_path / "t.jsonl", json.dumps(line) + "\n[1]\n")
    account, records = import_(path, "--map", "meta.at=time", "--timezone", "UTC")
    assert records[0]["time"] == "2025-03-03T18:00:00Z"
    assert account["examples"] == {"no JSON object": [2]}


def test_a_mapping_to_no_field_names_the_fields(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "t.csv", home_logs.TABLE)
    assert run(app, "devpiolt", ["import", str(path), "--map", "what=gadget"]) == 1
    assert 'no field "gadget"' in capsys.readouterr().err


def test_own_records_come_through_as_they_are(tmp_path: Path, import_: Import) -> None:
    packed = tmp_path / "home.gz"
    marked = home_logs.HOME_JSONL.replace('"v": 1', '"v": 1, "origin": "simulated"')
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + marked.encode() + b"{nonsense\n\n"))
    account, records = import_(packed)
    assert len(records) == 8
    assert {record["origin"] for record in records} == {"simulated"}
    assert sorted(account["examples"].values()) == [[9], [10]]
    assert account["timezone"]


def test_a_gzip_that_breaks_off_is_said(tmp_path: Path, import_: Import) -> None:
    noise = random.Random(1)
    lines = [
        json.dumps({"time": home_logs.iso(n), "device": f"d{noise.random()}", "value": "on"})
        for n in range(2000)
    ]
    packed = tmp_path / "t.gz"
    packed.write_bytes(gzip.compress("\n".join(lines).encode())[:-4000])
    account, records = import_(packed)
    assert 100 < len(records) < 2000
    assert any("damaged from here" in reason for reason in account["dropped"])


def test_order_is_restored_across_runs(
    tmp_path: Path, import_: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "RUN", 7)
    monkeypatch.setattr(order, "BATCH", 3)
    lines = home_logs.HOME_JSONL.splitlines(keepends=True) * 5
    random.Random(3).shuffle(lines)
    account, records = import_(write(tmp_path / "t.jsonl", "".join(lines)))
    assert len(records) == 40
    assert account["out_of_order"] > 10


def test_a_later_export_is_added_to_the_records_that_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "home.jsonl"

    def add(name: str, text: str) -> dict[str, Any]:
        path = write(tmp_path / name, text)
        assert (
            run(app, "devpiolt", ["import", str(path), "--out", str(out), "--add", "--json"]) == 0
        )
        return json.loads(capsys.readouterr().out)

    def record(minute: int, *values: tuple[str, object]) -> str:
        of = [["Hall", "Lamp", field, value] for field, value in values]
        return json.dumps({"time": home_logs.iso(60 * minute), "actions": of}) + "\n"

    on, half, off = ("power", "on"), ("brightness", 50), ("power", "off")
    assert add("first", record(0, on) + record(1, half) + record(3, off))["already_there"] == 0
    with out.open("a") as file:
        file.write("{by hand}\n")
    before = out.read_bytes()
    # A later export does not know yet that the lamp is on.
    account = add("second", record(1, on, half) + record(3, off) + record(4, on))
    assert (account["operations"], account["already_there"]) == (3, 2)
    assert out.read_bytes().startswith(before)
    assert len(out.read_text().splitlines()) == 5
    add("older", record(2, off))  # the same is no duplicate at another time
    times = [
        json.loads(line)["time"][14:16] for line in out.read_text().splitlines() if '"' in line
    ]
    assert times == ["00", "01", "02", "03", "04"]


def test_adding_keeps_the_devices_and_refuses_what_is_out_of_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home_logs.registry(tmp_path / "ha" / ".storage")
    out = tmp_path / "home.jsonl"
    path = home_logs.database(tmp_path / "ha" / "home-assistant_v2.db")
    table = write(tmp_path / "t.jsonl", home_logs.HOME_JSONL)
    for log in (path, table):
        assert run(app, "devpiolt", ["import", str(log), "--out", str(out), "--add"]) == 0
    assert [device.entity for device in read_devices(out)] == ["climate.ac", "light.sofa"]
    wrong = "".join(reversed(out.read_text().splitlines(keepends=True)))
    out.write_text(wrong)
    assert run(app, "devpiolt", ["import", str(table), "--out", str(out), "--add"]) == 1
    assert "is not in order of time" in capsys.readouterr().err
    assert out.read_text() == wrong
    assert run(app, "devpiolt", ["import", str(out), "--out", str(out)]) == 0  # as it said
    assert run(app, "devpiolt", ["import", str(table), "--out", str(out), "--add"]) == 0
    assert len(read_devices(out)) == 2


def test_who_may_read_the_log_is_what_the_umask_says(tmp_path: Path) -> None:
    home_logs.registry(tmp_path / ".storage")
    path, out = home_logs.database(tmp_path / "ha.db"), tmp_path / "home.jsonl"
    for mask, mode in ((0o077, 0o600), (0o027, 0o640), (0o022, 0o644)):
        before = os.umask(mask)
        try:
            assert run(app, "devpiolt", ["import", str(path), "--out", str(out)]) == 0
        finally:
            os.umask(before)
        for written in (out, tmp_path / "home.devices.json"):
            assert written.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("listed", ['{"v": 1, "devices": []}', "{damaged"])
def test_the_list_of_an_import_is_no_registry(
    listed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home_logs.database(tmp_path / "home-assistant_v2.db")
    write(tmp_path / "home.devices.json", listed)
    out = tmp_path / "home.jsonl"
    assert run(app, "devpiolt", ["import", str(path), "--out", str(out)]) == 0
    assert "--registry DIR names rooms" in capsys.readouterr().err
    assert len(read_devices(out)) == 2


def test_nothing_to_import_is_an_error_with_its_reasons_and_replaces_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "t.csv", "time,device,value\nyesterday,Lamp,on\n")
    out = write(tmp_path / "home.jsonl", home_logs.HOME_JSONL)
    devices = write(tmp_path / "home.devices.json", '{"v": 1, "devices": []}')
    assert run(app, "devpiolt", ["import", str(path), "--out", str(out)]) == 1
    told = capsys.readouterr()
    assert "no time in a known format (line 2)" in told.err
    assert "holds no operations; nothing was written" in told.err
    assert told.out == ""
    assert out.read_text() == home_logs.HOME_JSONL
    assert devices.is_file()
    assert sorted(tmp_path.iterdir()) == [devices, out, path]


def test_a_folder_to_write_to_is_said_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "home.jsonl", home_logs.HOME_JSONL)
    assert run(app, "devpiolt", ["import", str(path), "--out", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.err == f"Error: {tmp_path} is a folder.\nName a file in it: --out {path}\n"
    assert told.out == ""


def test_an_unknown_format_lists_the_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(app, "devpiolt", ["import", str(write(tmp_path / "x", "hello\n"))]) == 1
    assert "openhab-log" in capsys.readouterr().err


@needs_samples
def test_real_home_assistant_export(import_: Import) -> None:
    account, records = import_(SAMPLES / "ha_export_samples" / "home-assistant_v2.db")
    assert account["read"] == 212
    assert actions(records)[0] == [["Bedroom", "Bedroom Light", "power", "on"]]
    assert ["Bedroom", "Bedroom AC", "mode", "cool"] in actions(records)[3]
    assert account["causes"] == {"person": 7, "automation": 2}


@needs_samples
def test_real_flat_is_detected_as_a_table(import_: Import) -> None:
    account, _ = import_(SAMPLES / "mit_house_d.csv")
    assert (account["operations"], account["devices"]) == (5544, 72)


def test_a_database_whose_column_names_are_damaged_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home_logs.database(tmp_path / "home.db")
    path.write_bytes(path.read_bytes().replace(b"schema_version INT", b"schema_\xb0ersion INT"))
    assert run(app, "devpiolt", ["import", str(path), "--out", str(tmp_path / "o")]) == 1
    assert "cannot be read as a Home Assistant database" in capsys.readouterr().err


def test_the_export_itself_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "hist.csv", home_logs.history_csv())
    (tmp_path / "link.csv").symlink_to(path)
    for out in (path, tmp_path / "link.csv"):
        assert run(app, "devpiolt", ["import", str(path), "--out", str(out)]) == 1
        assert f"--out {out} is the export itself" in capsys.readouterr().err
    assert path.read_text() == home_logs.history_csv()


def test_an_import_without_add_loses_no_operations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = home_logs.HOME_JSONL.splitlines(keepends=True)
    out, path = tmp_path / "home.jsonl", tmp_path / "t.jsonl"

    def go(held: list[str], *options: str) -> int:
        write(path, "".join(held))
        return run(app, "devpiolt", ["import", str(path), "--out", str(out), *options])

    assert go(lines[1:]) == 0
    before = out.read_bytes()
    capsys.readouterr()
    assert go(lines[2:4]) == 1
    told = capsys.readouterr().err
    assert f"{out} holds 7 operations, and this import lacks 5 of them.\nKeep them with" in told
    assert out.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [out, path]
    assert go(lines[2:4], "--add") == go(lines[1:]) == go(lines) == 0  # the same, and more
    assert len(out.read_text().splitlines()) == 8


def test_a_link_stays_and_a_pipe_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "t.jsonl", home_logs.HOME_JSONL)
    link, target, pipe = tmp_path / "link", tmp_path / "far" / "home.jsonl", tmp_path / "pipe"
    link.symlink_to(target)
    for _ in range(2):  # first it leads nowhere
        assert run(app, "devpiolt", ["import", str(path), "--out", str(link)]) == 0
        assert link.is_symlink()
        assert len(target.read_text().splitlines()) == 8
    os.mkfifo(pipe)
    capsys.readouterr()
    assert run(app, "devpiolt", ["import", str(path), "--out", str(pipe)]) == 1
    assert f"{pipe} is a device or a pipe" in capsys.readouterr().err
    with pytest.raises(GpiotError):
        write_atomic(pipe, "text")
    assert pipe.is_fifo()


def test_the_account_says_whose_clock_it_is(tmp_path: Path, import_: Import) -> None:
    own = json.dumps({"time": home_logs.iso(0), "device": "Lamp", "value": "on"}) + "\n"
    bare = json.dumps({"time": "2025-03-03T20:00:00", "device": "Lamp", "value": "on"}) + "\n"
    account, _ = import_(write(tmp_path / "t.jsonl", own))
    assert account["timezone"] == "each record's own offset"
    account, _ = import_(write(tmp_path / "t.jsonl", own + bare))
    assert account["timezone"].startswith("each record's own offset, without one this machine's")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_a_mapping_of_no_column_names_the_columns(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = json.dumps({"time": home_logs.iso(0), "device": "Lamp", "value": "on"})
    csv = f"time,device,value\n{home_logs.iso(0)},Lamp,on\n"
    path = write(tmp_path / "t", {"csv": csv, "jsonl": row + "\n", "json": f"[{row}]"}[kind])
    out = tmp_path / "home.jsonl"
    options = ["--format", kind, "--map", "nocol=cause", "--out", str(out)]
    assert run(app, "devpiolt", ["import", str(path), *options]) == 1
    said = '--map: the table has no column "nocol".\nThere are time, device, value.'
    assert said in capsys.readouterr().err
    assert not out.exists()

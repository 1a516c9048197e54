"""`devpiolt recommend --format ha-automation`: what Home Assistant would load, and whose devices.

There is no Home Assistant here: the keys are those of its documentation, and what the services
would do is read back by the importer of Home Assistant's own logs.
"""

import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from gpiot_cli.cli.devpiolt import app
from gpiot_cli.cli.main import run
from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.automation import automation
from gpiot_cli.recommend.explain import explain
from gpiot_cli.recommend.home import Home
from gpiot_cli.recommend.importers.ha_entities import commanded
from gpiot_cli.recommend.recommend import read_log
from gpiot_cli.recommend.records import Action, Device, DeviceList, Operation, devices_path

DEMO = Path(__file__).parents[1] / "gpiot_cli/data/home/demo.simulated.jsonl"
MONDAY = datetime(2024, 3, 4, tzinfo=timezone(timedelta(hours=1)))

KEYS = {"id", "alias", "description", "triggers", "conditions", "actions", "mode"}
TRIGGERS = {"time": {"trigger", "at"}, "state": {"trigger", "entity_id", "to"}}
ENTITY = re.compile(r"[a-z_]+\.[a-z0-9_]+")


def loaded(text: str) -> dict[str, Any]:
    """The one automation in a text, after a look at every key."""
    (body,) = yaml.safe_load(text)
    assert body.keys() == KEYS
    assert all(isinstance(body[key], str) for key in ("id", "alias", "description"))
    assert body["mode"] == "single"
    (trigger,) = body["triggers"]
    assert trigger.keys() - {"for"} == TRIGGERS[trigger["trigger"]]
    assert all(isinstance(value, str) for value in trigger.values())  # no on that became true
    if trigger["trigger"] == "time":
        datetime.strptime(trigger["at"], "%H:%M:%S")
        (condition,) = body["conditions"]
        assert condition.keys() == {"condition", "weekday"}
        assert set(condition["weekday"]) <= {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    else:
        assert ENTITY.fullmatch(trigger["entity_id"])
        datetime.strptime(trigger.get("for", "00:00:00"), "%H:%M:%S")
        assert body["conditions"] == []
    assert body["actions"]
    for call in body["actions"]:
        assert {"action", "target"} <= call.keys() <= {"action", "target", "data"}
        assert ENTITY.fullmatch(call["action"])
        assert ENTITY.fullmatch(call["target"]["entity_id"])
        own = call["target"]["entity_id"].partition(".")[0]
        assert call["action"].partition(".")[0] in (own, "homeassistant")
    return body


def of(*actions: Action, entity: str) -> dict[str, Any]:
    """The automation of one operation on an entity that the import knew."""
    home = Home()
    home.learn(Operation(time=MONDAY, actions=actions))
    devices = [Device(room=a.room, device=a.device, entity=entity) for a in actions]
    text = automation(0, MONDAY, home, devices)
    assert text.startswith("- id:")  # nothing was guessed
    return loaded(text)


def done(body: dict[str, Any]) -> dict[str, Any]:
    """What the services do, in the records' words."""
    fields: dict[str, Any] = {}
    for call in body["actions"]:
        domain, _, service = call["action"].partition(".")
        if domain == "homeassistant":
            domain = call["target"]["entity_id"].partition(".")[0]
        fields |= commanded(domain, service, call.get("data", {}))
    return fields


@pytest.mark.parametrize(
    ("entity", "fields"),
    [
        ("light.sofa_2", {"power": "on"}),
        ("light.sofa_2", {"power": "on", "brightness": 40, "color_temperature": 2700}),
        ("light.sofa_2", {"hue": 30, "saturation": 80}),
        ("switch.pump", {"power": "off"}),
        ("fan.bath", {"power": "on", "speed": 66}),
        ("fan.bath", {"oscillation": "on"}),
        ("climate.ac", {"power": "on", "mode": "cool", "temperature": 22.5}),
        ("climate.ac", {"power": "off"}),
        ("climate.ac", {"temperature_high": 24, "temperature_low": 20}),
        ("climate.ac", {"fan_mode": "auto", "swing_mode": "both", "preset": "eco"}),
        ("water_heater.boiler", {"temperature": 55}),
        ("humidifier.box", {"humidity": 45, "mode": "sleep"}),
        ("cover.blind", {"state": "closed"}),
        ("cover.blind", {"position": 35}),
        ("valve.garden", {"state": "open"}),
        ("lock.door", {"state": "unlocked"}),
        ("lock.door", {"state": "open"}),
        ("media_player.tv", {"playback": "paused"}),
        ("media_player.tv", {"volume": 25, "mute": "off", "source": "HDMI 1"}),
        ("vacuum.robo", {"state": "docked"}),
        ("lawn_mower.m", {"state": "mowing"}),
        ("alarm_control_panel.home", {"state": "armed_away"}),
        ("alarm_control_panel.home", {"state": "armed_vacation"}),
        ("scene.movie", {"activate": "on"}),
        ("button.bell", {"activate": "on"}),
    ],
)
def test_the_services_do_what_is_suggested(entity: str, fields: dict[str, Any]) -> None:
    body = of(*(Action("Hall", "It", name, value) for name, value in fields.items()), entity=entity)
    found = done(body)
    assert {name: found.get(name) for name in fields} == fields
    assert {call["target"]["entity_id"] for call in body["actions"]} == {entity}


def test_one_call_sets_a_lamp() -> None:
    lamp = ("Hall", "Lamp")
    body = of(Action(*lamp, "power", "on"), Action(*lamp, "brightness", 40), entity="light.hall")
    (call,) = body["actions"]
    assert call["action"] == "light.turn_on"
    assert call["data"] == {"brightness_pct": 40}


def test_a_climate_device_is_switched_by_its_mode() -> None:
    """Since 2025.1 climate.turn_on and turn_off fail for devices that do not declare them."""
    on, off = Action("Hall", "AC", "power", "on"), Action("Hall", "AC", "power", "off")
    cool, heat = (Action("Hall", "AC", "mode", mode) for mode in ("cool", "heat"))
    home = Home()
    for hour, actions in enumerate([(cool,), (off,), (on,), (on, heat), (heat, on), (cool,)]):
        home.learn(Operation(time=MONDAY + timedelta(hours=hour), actions=actions))
    device = Device(room="Hall", device="AC", entity="climate.ac")
    modes = []
    for number in range(len(home.candidates)):
        (call,) = loaded(automation(number, MONDAY, home, [device]))["actions"]
        assert call["action"] == "climate.set_hvac_mode"
        modes.append(call["data"]["hvac_mode"])
    assert modes == ["cool", "off", "cool", "heat"]  # the last two operations are one candidate


@pytest.mark.parametrize(
    ("field", "value", "entity"),
    [
        ("state", "jammed", "lock.door"),
        ("state", "error", "vacuum.robo"),
        ("child_lock", "on", "switch.plug"),
    ],
)
def test_what_no_service_does_is_a_sentence(field: str, value: str, entity: str) -> None:
    with pytest.raises(GpiotError, match="No service of Home Assistant is known"):
        of(Action("Hall", "It", field, value), entity=entity)


def test_every_operation_of_a_simulated_home_makes_one() -> None:
    home = Home()
    log = read_log(DEMO)
    for operation in log:
        home.learn(operation)
    bodies = []
    for number in range(len(home.candidates)):
        with suppress(GpiotError):  # neither the clock nor a state tells when
            bodies.append(loaded(automation(number, log[-1].time, home)))
    assert len({body["id"] for body in bodies}) == len(bodies) > 10


@pytest.mark.parametrize(
    ("action", "entity", "to"),
    [
        (Action("Hall", "It", "power", "on"), "switch.a", "on"),
        (Action("Hall", "It", "state", "closed"), "cover.a", "closed"),
        (Action("Hall", "It", "mode", "cool"), "climate.a", "cool"),
        (Action("Hall", "It", "power", "off"), "climate.a", "off"),
        (Action("Hall", "It", "power", "on"), "climate.a", None),  # its state is the mode
        (Action("Hall", "It", "brightness", 40), "light.a", None),
    ],
)
def test_it_fires_on_the_state_that_the_operation_before_leads_to(
    action: Action, entity: str, to: str | None
) -> None:
    home = Home()
    after = Action("Hall", "Fan", "power", "on")
    for day in range(30):  # at any hour, but always one after the other
        start = MONDAY + timedelta(days=day, hours=7 * day % 24)
        home.learn(Operation(time=start, actions=(action,)))
        home.learn(Operation(time=start + timedelta(minutes=1), actions=(after,)))
    home.learn(Operation(time=start + timedelta(days=1), actions=(action,)))
    devices = [Device(room="Hall", device="It", entity=entity)]
    now = start + timedelta(days=1)
    if to is None:  # and it hardly has a usual time
        with pytest.raises(GpiotError, match="no state of another device shows that"):
            automation(1, now, home, devices)
        return
    (trigger,) = loaded(automation(1, now, home, devices))["triggers"]
    assert trigger == {"trigger": "state", "entity_id": entity, "to": to, "for": "00:01:00"}


def followed(first: Action, second: Action, *gaps: timedelta) -> tuple[Home, datetime]:
    """A home in which one follows the other at any hour, and the time when the first was done."""
    home = Home()
    for day in range(30):
        start = MONDAY + timedelta(days=day, hours=7 * day % 24)
        home.learn(Operation(time=start, actions=(first,)))
        home.learn(Operation(time=start + gaps[day % len(gaps)], actions=(second,)))
    now = start + timedelta(days=1)
    home.learn(Operation(time=now, actions=(first,)))
    return home, now


@pytest.mark.parametrize(
    ("gaps", "held"), [((20,), None), ((480,), "00:08:00"), ((30, 90, 600), "00:01:30")]
)
def test_it_waits_as_long_as_people_did(gaps: tuple[int, ...], held: str | None) -> None:
    lamp, fan = Action("Hall", "Lamp", "power", "on"), Action("Hall", "Fan", "power", "on")
    home, now = followed(lamp, fan, *(timedelta(seconds=gap) for gap in gaps))
    (trigger,) = loaded(automation(1, now, home))["triggers"]
    assert trigger["trigger"] == "state"
    assert trigger.get("for") == held


def test_it_does_not_undo_its_own_trigger() -> None:
    on, off = Action("Hall", "Fan", "power", "on"), Action("Hall", "Fan", "power", "off")
    # Another device that is guessed to be the same entity could undo it as well.
    for second in (off, off._replace(room="Bath")):
        home, now = followed(on, second, timedelta(minutes=9))
        with pytest.raises(GpiotError, match="no state of another device shows that"):
            automation(1, now, home)


def test_what_was_done_long_ago_is_no_trigger() -> None:
    lamp, fan = Action("Hall", "Lamp", "power", "on"), Action("Hall", "Fan", "power", "on")
    home, now = followed(lamp, fan, timedelta(minutes=5))
    for ago, kind in ((timedelta(minutes=15), "state"), (timedelta(minutes=16), "time")):
        (trigger,) = loaded(automation(1, now + ago, home))["triggers"]
        assert trigger["trigger"] == kind
        told = any("came within" in words for words in explain(1, now + ago, home))
        assert told == (kind == "state")


def test_entity_ids_are_the_imports_and_guesses_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GPIOT_HOME", str(tmp_path / "data"))
    logs = tmp_path / "home.jsonl"
    lamp = ("Hall", "Lamp")
    logs.write_text(
        "".join(
            Operation(
                time=MONDAY + timedelta(hours=n),
                actions=(Action(*lamp, "power", "off" if n % 2 else "on"),),
            ).to_line()
            + "\n"
            for n in range(112)
        )
    )
    arguments = ["recommend", "--logs", str(logs), "--format", "ha-automation", "--threshold", "0"]

    def printed() -> str:
        assert run(app, "devpiolt", [*arguments, "--at", "2024-03-08T16:00:01"]) == 0
        return capsys.readouterr().out

    guess = printed()
    assert guess.startswith("# Guessed from the names in the log, compare with yours: light.lamp\n")
    listed = DeviceList(devices=(Device(room="Hall", device="Lamp", entity="light.hue_7"),))
    devices_path(logs).write_text(listed.model_dump_json())
    known = printed()
    assert known.startswith("- id: devpiolt_")
    assert known.count("entity_id: light.hue_7") == guess.count("entity_id: light.lamp") > 0
    # What is no entity id of Home Assistant (here SmartThings') is of no use to it.
    other = DeviceList(devices=(Device(room="Hall", device="Lamp", entity="07a2-44"),))
    devices_path(logs).write_text(other.model_dump_json())
    assert printed() == guess

"""A suggestion as a Home Assistant automation (the syntax of 2024.10 and later).

Sources: the automation, trigger, condition and service pages of home-assistant.io.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import yaml

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.categories import category
from gpiot_cli.recommend.describe import SWITCHES, describe
from gpiot_cli.recommend.explain import Sequel, clock, explain, follows, habit
from gpiot_cli.recommend.home import Candidate, Home
from gpiot_cli.recommend.records import DAY, MOMENTARY, Action, Device, Value

ENTITY = re.compile(r"[a-z_]+\.[a-z0-9_]+")

DOMAINS = {
    "light": "light",
    "AC": "climate",
    "fan": "fan",
    "cover": "cover",
    "lock": "lock",
    "media": "media_player",
    "cleaner": "vacuum",
    "camera": "camera",
}
"""Home Assistant's domain for each kind of device, where the entity is not known."""

SERVICES = {
    "cover": {"open": "open_cover", "closed": "close_cover"},
    "valve": {"open": "open_valve", "closed": "close_valve"},
    "lock": {"locked": "lock", "unlocked": "unlock", "open": "open"},
    "media_player": {"playing": "media_play", "paused": "media_pause"},
    "vacuum": {"cleaning": "start", "docked": "return_to_base", "paused": "pause"},
    "lawn_mower": {"mowing": "start_mowing", "docked": "dock", "paused": "pause"},
    "alarm_control_panel": {
        "disarmed": "alarm_disarm",
        "armed_home": "alarm_arm_home",
        "armed_away": "alarm_arm_away",
        "armed_night": "alarm_arm_night",
        "armed_vacation": "alarm_arm_vacation",
        "armed_custom_bypass": "alarm_arm_custom_bypass",
    },
}
"""The services that bring a device into a state."""

SETTINGS: dict[str, dict[str, tuple[str, str]]] = {
    "brightness": {"light": ("turn_on", "brightness_pct")},
    "color_temperature": {"light": ("turn_on", "color_temp_kelvin")},
    "effect": {"light": ("turn_on", "effect")},
    "temperature": {
        "climate": ("set_temperature", "temperature"),
        "water_heater": ("set_temperature", "temperature"),
    },
    "temperature_high": {"climate": ("set_temperature", "target_temp_high")},
    "temperature_low": {"climate": ("set_temperature", "target_temp_low")},
    "hvac_mode": {"climate": ("set_hvac_mode", "hvac_mode")},
    "mode": {
        "climate": ("set_hvac_mode", "hvac_mode"),
        "humidifier": ("set_mode", "mode"),
        "water_heater": ("set_operation_mode", "operation_mode"),
    },
    "fan_mode": {"climate": ("set_fan_mode", "fan_mode")},
    "swing_mode": {"climate": ("set_swing_mode", "swing_mode")},
    "preset": {
        "climate": ("set_preset_mode", "preset_mode"),
        "fan": ("set_preset_mode", "preset_mode"),
    },
    "humidity": {
        "humidifier": ("set_humidity", "humidity"),
        "climate": ("set_humidity", "humidity"),
    },
    "speed": {"fan": ("set_percentage", "percentage")},
    "oscillation": {"fan": ("oscillate", "oscillating")},
    "position": {
        "cover": ("set_cover_position", "position"),
        "valve": ("set_valve_position", "position"),
    },
    "volume": {"media_player": ("volume_set", "volume_level")},
    "mute": {"media_player": ("volume_mute", "is_volume_muted")},
    "source": {"media_player": ("select_source", "source")},
    "sound_mode": {"media_player": ("select_sound_mode", "sound_mode")},
}
"""Field to domain to the service and its datum; the first domain is the likeliest."""

STATES = {
    "true": "on",
    "false": "off",
    "opened": "open",
    "close": "closed",
    "up": "open",
    "down": "closed",
    "lock": "locked",
    "unlock": "unlocked",
    "play": "playing",
    "pause": "paused",
}
"""Other logs' words for states of Home Assistant."""

ON_IS_NO_STATE = {"climate", "water_heater", "media_player"}
"""Domains whose state says more than "on"."""

HELD = timedelta(minutes=1)
"""What came later than this after another operation waits until that one's state has lasted."""

ON_TIME = 0.5
"""Share of the days from which on the clock tells when something is done that follows another."""

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
WEEKEND = ["sat", "sun"]


class Entities:
    """The entity ids of a home's devices: those the import knew, else guesses from the names."""

    def __init__(self, home: Home, devices: Sequence[Device]) -> None:
        self._home = home
        self._known = {
            (device.room, device.device): device.entity
            for device in devices
            if ENTITY.fullmatch(device.entity)
        }
        self.guessed: set[str] = set()

    def of(self, action: Action) -> str:
        """The entity that an action is on."""
        device = action[:2]
        if known := self._known.get(device):
            return known
        if ENTITY.fullmatch(action.device):
            return action.device
        fields = self._home.devices[device]
        domain = next(
            (next(iter(SETTINGS[field])) for field in sorted(fields) if field in SETTINGS),
            DOMAINS.get(category(device, fields), "switch"),
        )
        slug = re.sub(r"[^a-z0-9]+", "_", action.device.lower()).strip("_")
        guess = f"{domain}.{slug or 'unnamed'}"
        self.guessed.add(guess)
        return guess


class Call(NamedTuple):
    """One service call."""

    entity: str
    service: str
    data: dict[str, Any]


def automation(number: int, time: datetime, home: Home, devices: Sequence[Device] = ()) -> str:
    """YAML for `automations.yaml` or the automation editor.

    It fires after the operation that this one follows, if it follows it more often than it keeps
    to a time of day, else at the habit's usual time. `devices` is what the import listed beside
    the log (`read_devices`); entity ids that it does not hold are guessed, and a comment says so.
    Raises `GpiotError` when no service does the operation, or neither the clock nor a state tells
    when it should be done.
    """
    candidate = home.candidates[number]
    entities = Entities(home, devices)
    calls = _merged(_calls(candidate, home, entities))
    found, sequel = habit(number, time, home), follows(number, time, home)
    at = clock(found.usual) if found else f"{time:%H:%M}"
    weekend = found.weekend if found else time.weekday() >= 5
    trigger: dict[str, str] = {"trigger": "time", "at": f"{at}:00"}
    weekdays = WEEKEND if weekend else WEEKDAYS
    if found:  # the usual time may be before midnight where the habit is told of the day after
        week = [*WEEKDAYS, *WEEKEND]
        weekdays = [week[(week.index(day) + found.usual // DAY) % 7] for day in weekdays]
    conditions = [{"condition": "time", "weekday": weekdays}]
    after = _state_trigger(candidate, sequel, home, entities) if sequel else None
    done = describe(candidate).rstrip(".")
    share = found.share if found else 0.0
    if sequel and sequel.share > share:
        if after:
            trigger, conditions = after, []
        elif share < ON_TIME:
            what = describe(home.candidates[sequel.after]).rstrip(".")
            raise GpiotError(
                f"No automation is made of “{done}”: it rather follows “{what}” than the clock, "
                "and no state of another device shows that.",
                "Ask for another time with --at.",
            )
    body = {
        "alias": done,
        "description": "; ".join(explain(number, time, home)) or "suggested by devpiolt",
        "triggers": [trigger],
        "conditions": conditions,
        "actions": [_written(call) for call in calls],
        "mode": "single",
    }
    # Home Assistant's editor only opens what has an id.
    unique = hashlib.sha256(repr((candidate, trigger)).encode()).hexdigest()[:12]
    text = yaml.safe_dump(
        [{"id": f"devpiolt_{unique}", **body}], sort_keys=False, allow_unicode=True, width=100
    )
    guesses = entities.guessed & {trigger.get("entity_id", ""), *(call.entity for call in calls)}
    if not guesses:
        return text
    listed = ", ".join(sorted(guesses))
    return f"# Guessed from the names in the log, compare with yours: {listed}\n{text}"


def _state_trigger(
    candidate: Candidate, sequel: Sequel, home: Home, entities: Entities
) -> dict[str, str] | None:
    """The trigger that fires when what `candidate` follows was done.

    None if no state shows that, or if it is on the same device: the automation would undo it.
    """
    before = home.candidates[sequel.after]
    if {entities.of(action) for action in before} & {entities.of(action) for action in candidate}:
        return None
    action = before[0]
    entity = entities.of(action)
    domain = entity.partition(".")[0]
    state = _state(action.value)
    if action.field == "power":
        shows = state in ("on", "off") and not (state == "on" and domain in ON_IS_NO_STATE)
    elif action.field in ("mode", "hvac_mode"):
        shows = domain in ("climate", "water_heater")
    else:
        shows = state in SERVICES.get(domain, {})
    if not shows:
        return None
    trigger = {"trigger": "state", "entity_id": entity, "to": state}
    if sequel.gap >= HELD:
        minutes, seconds = divmod(int(sequel.gap.total_seconds()), 60)
        trigger["for"] = f"00:{minutes:02}:{seconds:02}"
    return trigger


def _calls(candidate: Candidate, home: Home, entities: Entities) -> Iterator[Call]:
    """What does the actions, one by one."""
    for action in candidate:
        entity = entities.of(action)
        domain = entity.partition(".")[0]
        state = _state(action.value)
        if service := SERVICES.get(domain, {}).get(state):
            yield Call(entity, f"{domain}.{service}", {})
        elif action.field in ("hue", "saturation"):
            told = _told(action, candidate, home)
            color = [_plain(told.get(field, 100)) for field in ("hue", "saturation")]
            yield Call(entity, "light.turn_on", {"hs_color": color})
        elif domain == "climate" and (mode := _hvac_mode(action, candidate, home)):
            yield Call(entity, "climate.set_hvac_mode", {"hvac_mode": mode})
        elif setting := SETTINGS.get(action.field):
            own = domain if domain in setting else next(iter(setting))
            service, datum = setting[own]
            yield Call(entity, f"{own}.{service}", {datum: _datum(action)})
        elif action.field == MOMENTARY:
            yield Call(entity, f"{domain}.{'press' if domain == 'button' else 'turn_on'}", {})
        elif action.field in SWITCHES and state in ("on", "off"):
            yield Call(entity, f"homeassistant.turn_{state}", {})
        else:
            raise GpiotError(
                f"No service of Home Assistant is known for “{describe((action,))}”",
                "Ask for another time with --at.",
            )


def _hvac_mode(action: Action, candidate: Candidate, home: Home) -> Value | None:
    """The mode that switching a climate device on or off means; None where it is not known.

    Since 2025.1 `turn_on` and `turn_off` fail for devices that do not declare them.
    """
    if action.field != "power":
        return None
    if _state(action.value) == "off":
        return "off"
    told = _told(action, candidate, home)
    modes = (told.get(field) for field in ("mode", "hvac_mode"))
    return next((mode for mode in modes if mode not in (None, "off")), None)


def _told(action: Action, candidate: Candidate, home: Home) -> dict[str, Value]:
    """The values of the action's device as the candidate leaves them, as far as the log tells."""
    device = action[:2]
    state = {key[2]: value for key, value in home.state.items() if key[:2] == device}
    return state | {a.field: a.value for a in candidate if a[:2] == device}


def _merged(calls: Iterator[Call]) -> list[Call]:
    """One call where several are of one service; a lamp that is set is on without being told."""
    merged: dict[tuple[str, str], Call] = {}
    for call in calls:
        first = merged.setdefault((call.entity, call.service), call)
        first.data.update(call.data)
    return [
        call
        for call in merged.values()
        if call.service != "homeassistant.turn_on" or (call.entity, "light.turn_on") not in merged
    ]


def _written(call: Call) -> dict[str, Any]:
    body = {"action": call.service, "target": {"entity_id": call.entity}}
    return {**body, "data": call.data} if call.data else body


def _state(value: Value) -> str:
    word = str(value).lower()
    return STATES.get(word, word)


def _datum(action: Action) -> object:
    """A field's value in Home Assistant's own scale."""
    if action.field in ("mute", "oscillation"):
        return _state(action.value) == "on"
    value = _plain(action.value)
    return value / 100 if action.field == "volume" and isinstance(value, int | float) else value


def _plain(value: object) -> object:
    """Numbers that a log holds as text become numbers."""
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number.is_integer() else number
    return value

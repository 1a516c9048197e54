"""Home Assistant's entities in the records' words: states, services and sensors.

Sources: the entity and service pages of developers.home-assistant.io and the services' schemas.
"""

import colorsys
from collections.abc import Callable, Mapping
from typing import Any

from gpiot_cli.recommend.importers.events import (
    OUTSIDE,
    TOGGLE,
    Event,
    actions_of,
    reading_of,
    tidy,
)
from gpiot_cli.recommend.importers.registry import Registry
from gpiot_cli.recommend.records import MOMENTARY, Cause, Reading, Value

Fields = dict[str, Value]
GONE = ("unavailable", "unknown", "none", "")

HELPERS = {"input_boolean", "input_number", "input_select", "input_text", "input_datetime", "timer"}
ONE_SHOT = {"scene", "script", "button"}
"""Done, not set: their records say [activate][on]."""

SENSED = {
    "aqi", "atmospheric_pressure", "carbon_dioxide", "carbon_monoxide", "door", "garage_door",
    "humidity", "illuminance", "moisture", "motion", "occupancy", "opening", "pm10", "pm25",
    "power", "precipitation", "presence", "pressure", "rain", "smoke", "sound_pressure",
    "temperature", "vibration", "volatile_organic_compounds", "wind_speed", "window",
}  # fmt: skip
"""Device classes of sensors that describe the environment; batteries and uptimes do not."""

BINARY_WORDS = {"door", "garage_door", "opening", "window"}
"""Binary sensors whose on and off read open and closed."""

CONSTANT_SERVICES: dict[str, Fields] = {
    "turn_on": {"power": "on"},
    "turn_off": {"power": "off"},
    "toggle": {"power": TOGGLE},
    "open_cover": {"state": "open"},
    "close_cover": {"state": "closed"},
    "open_valve": {"state": "open"},
    "close_valve": {"state": "closed"},
    "lock": {"state": "locked"},
    "unlock": {"state": "unlocked"},
    "open": {"state": "open"},
    "media_play": {"playback": "playing"},
    "play_media": {"playback": "playing"},
    "media_pause": {"playback": "paused"},
    "media_stop": {"playback": "paused"},
    "media_play_pause": {"playback": TOGGLE},
    "start": {"state": "cleaning"},
    "return_to_base": {"state": "docked"},
    "start_mowing": {"state": "mowing"},
    "dock": {"state": "docked"},
    "pause": {"state": "paused"},
    "alarm_disarm": {"state": "disarmed"},
    "alarm_arm_home": {"state": "armed_home"},
    "alarm_arm_away": {"state": "armed_away"},
    "alarm_arm_night": {"state": "armed_night"},
    "alarm_arm_vacation": {"state": "armed_vacation"},
    "alarm_arm_custom_bypass": {"state": "armed_custom_bypass"},
    "press": {MOMENTARY: "on"},
}
"""Services that say everything by their name."""

VALUES: dict[str, str] = {
    "temperature": "temperature",
    "target_temp_high": "temperature_high",
    "target_temp_low": "temperature_low",
    "fan_mode": "fan_mode",
    "preset_mode": "preset",
    "swing_mode": "swing_mode",
    "operation_mode": "mode",
    "mode": "mode",
    "humidity": "humidity",
    "percentage": "speed",
    "position": "position",
    "source": "source",
    "sound_mode": "sound_mode",
    "effect": "effect",
    "brightness_pct": "brightness",
    "color_temp_kelvin": "color_temperature",
    "kelvin": "color_temperature",
}
"""Service data that is a value as it stands; states name most of these attributes alike."""

CONVERTED: dict[str, Callable[[Any], Fields]] = {
    "brightness": lambda x: {"brightness": round(float(x) / 255 * 100)},
    "color_temp": lambda x: {"color_temperature": round(1e6 / float(x))},
    "hs_color": lambda x: {"hue": round(float(x[0])), "saturation": round(float(x[1]))},
    "rgb_color": lambda x: _hue_saturation(*x[:3]),
    "volume_level": lambda x: {"volume": round(float(x) * 100)},
    "is_volume_muted": lambda x: {"mute": "on" if x else "off"},
    "oscillating": lambda x: {"oscillation": "on" if x else "off"},
    "hvac_mode": lambda x: hvac(x),
}
"""Service data and attributes in Home Assistant's own scales."""


def hvac(mode: Any) -> Fields:
    """An HVAC mode: off is power off, any other is on in that mode."""
    return {"power": "off"} if mode == "off" else {"power": "on", "mode": str(mode)}


def _hue_saturation(red: float, green: float, blue: float) -> Fields:
    hue, saturation, _ = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    return {"hue": round(hue * 360), "saturation": round(saturation * 100)}


# ---------------------------------------------------------------- states

ON_OFF = {"on": "on", "off": "off"}
OPEN_CLOSED = {"open": "open", "opening": "open", "closed": "closed", "closing": "closed"}
DOCKED = {"docked": "docked", "returning": "docked", "paused": "paused"}
ALARM = (
    "disarmed", "armed_home", "armed_away", "armed_night", "armed_vacation", "armed_custom_bypass",
)  # fmt: skip

SETTABLE: dict[str, dict[str, str]] = {
    **dict.fromkeys(("light", "switch", "siren", "remote", "fan", "humidifier"), ON_OFF),
    "cover": OPEN_CLOSED,
    "valve": OPEN_CLOSED,
    "lock": {
        "open": "open",
        "opening": "open",
        "locked": "locked",
        "locking": "locked",
        "unlocked": "unlocked",
        "unlocking": "unlocked",
    },
    "vacuum": {"cleaning": "cleaning", **DOCKED},
    "lawn_mower": {"mowing": "mowing", **DOCKED},
    "alarm_control_panel": {state: state for state in ALARM},
}
"""The states that somebody sets; a movement is the state at its end, from its beginning on. In these
domains any other state (jammed, triggered, error) is a condition; elsewhere a state is a mode."""


def _light(state: str, attributes: Mapping[str, Any]) -> Fields:
    white = attributes.get("color_mode") in ("color_temp", "white", None)
    shown = (
        ("brightness", "color_temp_kelvin", "effect")
        if white
        else ("brightness", "hs_color", "effect")
    )
    return {"power": state, **_attributes(attributes, *shown)}


def _climate(state: str, attributes: Mapping[str, Any]) -> Fields:
    set_values = ("temperature", "target_temp_high", "target_temp_low", "fan_mode", "preset_mode")
    return {**hvac(state), **_attributes(attributes, *set_values, "swing_mode")}


def _cover(state: str, attributes: Mapping[str, Any]) -> Fields:
    """Positions on the way of a movement do not count."""
    fields: Fields = {"state": OPEN_CLOSED[state]}
    position = attributes.get("current_position")
    if state == "open" and isinstance(position, int) and 0 < position < 100:
        fields["position"] = position
    return fields


def _media_player(state: str, attributes: Mapping[str, Any]) -> Fields:
    fields: Fields = {"power": "off" if state in ("off", "standby") else "on"}
    if state in ("playing", "paused"):
        fields["playback"] = state
    shown = ("volume_level", "is_volume_muted", "source", "sound_mode")
    return fields | _attributes(attributes, *shown)


STATES: dict[str, Callable[[str, Mapping[str, Any]], Fields]] = {
    "light": _light,
    "switch": lambda state, _: {"power": state},
    "siren": lambda state, _: {"power": state},
    "remote": lambda state, _: {"power": state},
    "fan": lambda state, a: {
        "power": state,
        **_attributes(a, "percentage", "preset_mode", "oscillating"),
    },
    "humidifier": lambda state, a: {"power": state, **_attributes(a, "humidity", "mode")},
    "climate": _climate,
    "water_heater": lambda state, a: {**hvac(state), **_attributes(a, "temperature")},
    "cover": _cover,
    "valve": _cover,
    "media_player": _media_player,
    "lock": lambda state, _: {"state": SETTABLE["lock"][state]},
    "vacuum": lambda state, _: {"state": SETTABLE["vacuum"][state]},
    "lawn_mower": lambda state, _: {"state": SETTABLE["lawn_mower"][state]},
    "alarm_control_panel": lambda state, _: {"state": state},
}
"""Controllable domains: what a state and its attributes say, in the records' fields."""


def _attributes(attributes: Mapping[str, Any], *names: str) -> Fields:
    """The set ones among some attributes."""
    fields: Fields = {}
    for name in names:
        if attributes.get(name) not in (None, "", []):
            fields |= _field(name, attributes[name])
    return fields


def _field(name: str, value: Any) -> Fields:
    """One attribute or service datum; raises ValueError when it holds nonsense."""
    try:
        if name in CONVERTED:
            return CONVERTED[name](value)
        return {VALUES[name]: tidy(value)}
    except (TypeError, ValueError, IndexError, KeyError, ZeroDivisionError, OverflowError):
        raise ValueError(f"a {name} that is no {name}") from None


def state_event(
    registry: Registry,
    time: float,
    number: int,
    entity: str,
    state: object,
    attributes: Mapping[str, Any],
    cause: Cause = "unknown",
    context: str = "",
) -> Event:
    """One row of a state history as an event.

    Raises ValueError with the reason when the entity neither is a device nor describes the home.
    """
    domain, dot, _ = entity.partition(".")
    if not dot:
        raise ValueError("no entity id")
    if not isinstance(state, str):
        raise ValueError("no state")
    place = registry.place(entity, str(attributes.get("friendly_name") or ""))
    if domain in STATES:
        if state in GONE:
            return Event(time, number, "gone", actions_of(place, {"": ""}))
        if domain in SETTABLE and state not in SETTABLE[domain]:
            raise ValueError(f"a condition ({state}), not an operation")
        readings = tuple(
            reading_of(place, name, tidy(attributes[f"current_{name}"]))
            for name in ("temperature", "humidity")
            if place.room and isinstance(attributes.get(f"current_{name}"), (int, float))
        )
        actions = actions_of(place, STATES[domain](state, attributes))
        return Event(time, number, "state", actions, readings, cause=cause, context=context)
    if domain in HELPERS:
        raise ValueError(f"a helper ({domain}), not a device")
    if domain in ONE_SHOT:
        raise ValueError(f"the state of a {domain}: only its calls are operations")
    if state in GONE:
        raise ValueError("unavailable or unknown")
    readings = _sensor(registry, entity, domain, state, attributes)
    return Event(time, number, "state", readings=readings)


def _sensor(
    registry: Registry, entity: str, domain: str, state: str, attributes: Mapping[str, Any]
) -> tuple[Reading, ...]:
    place = registry.place(entity)
    if domain == "sun":
        return (Reading(OUTSIDE, "sun", state),)
    if domain == "person":
        return (Reading("Home", place.device, state),)
    if domain == "weather":
        shown = ("temperature", "humidity", "wind_speed")
        numbers = [n for n in shown if isinstance(attributes.get(n), (int, float))]
        readings = tuple(Reading(OUTSIDE, name, tidy(attributes[name])) for name in numbers)
        return (Reading(OUTSIDE, "weather", state), *readings)
    if domain not in ("sensor", "binary_sensor"):
        raise ValueError(f"an entity of kind {domain}")
    kind = str(attributes.get("device_class") or place.kind or _named_class(entity))
    if kind not in SENSED:
        raise ValueError(f"a sensor of no use for the environment ({kind or 'no device class'})")
    value = tidy(state)
    if domain == "sensor" and isinstance(value, str):
        raise ValueError("a sensor's state that is no number")
    if kind in BINARY_WORDS:
        value = {"on": "open", "off": "closed"}.get(str(value), value)
    return (reading_of(place, kind, value),)


def _named_class(entity: str) -> str:
    """Exports without attributes: the class that an entity id ends with."""
    return next((kind for kind in SENSED if entity.endswith(f"_{kind}")), "")


# ---------------------------------------------------------------- services


def commanded(domain: str, service: str, data: Mapping[str, Any]) -> Fields:
    """The fields that a service call sets.

    Raises ValueError with the reason when it sets none.
    """
    if domain in HELPERS:
        raise ValueError(f"a helper ({domain}), not a device")
    if domain in ONE_SHOT:
        if service in ("reload", "turn_off", "apply", "create", "delete"):
            raise ValueError(f"the service {domain}.{service} does nothing to a device")
        return {MOMENTARY: "on"}
    if domain not in STATES:
        raise ValueError(f"a call of {domain}.{service}: no device")
    if domain in ("cover", "valve") and service == "toggle":
        return {"state": TOGGLE}
    fields = dict(CONSTANT_SERVICES.get(service, {}))
    if service == "turn_off":
        return fields
    for name, value in data.items():
        if value is not None and (name in VALUES or name in CONVERTED):
            fields |= _field(name, value)
    if not fields:
        raise ValueError(f"a call of {domain}.{service} that sets no value (relative or other)")
    return fields

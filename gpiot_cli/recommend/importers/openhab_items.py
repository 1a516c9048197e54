"""openHAB's items in the records' words: what a command or a state says, by type and by name."""

import re

from gpiot_cli.recommend.importers.events import tidy
from gpiot_cli.recommend.importers.registry import Place
from gpiot_cli.recommend.records import Value

QUANTITY = re.compile(r"(-?\d+(?:\.\d+)?)\s*[^\d\s,.]\S*$")
COLOR = re.compile(r"(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$")

WORDS: dict[str, tuple[str, Value]] = {
    "ON": ("power", "on"),
    "OFF": ("power", "off"),
    "UP": ("state", "open"),
    "DOWN": ("state", "closed"),
    "PLAY": ("playback", "playing"),
    "PAUSE": ("playback", "paused"),
}
RELATIVE = {"INCREASE", "DECREASE", "STOP", "MOVE", "NEXT", "PREVIOUS", "REWIND", "FASTFORWARD"}

FIELD_OF_TYPE = {
    "Dimmer": "brightness",
    "Color": "brightness",
    "Rollershutter": "position",
    "Number:Temperature": "temperature",
}
FIELD_OF_NAME = {
    "setpoint": "temperature",
    "temp": "temperature",
    "dimm": "brightness",
    "bright": "brightness",
    "light": "brightness",
    "lamp": "brightness",
    "shutter": "position",
    "blind": "position",
    "roller": "position",
    "volume": "volume",
    "fan": "speed",
    "mode": "mode",
    "scene": "scene",
    "color": "brightness",
    "target": "temperature",
}
"""What a number or word means, by a part of the item's name, where its type does not tell."""

INDICATOR_OF_NAME = {
    "temp": "temperature",
    "humid": "humidity",
    "illumin": "illuminance",
    "lux": "illuminance",
    "motion": "motion",
    "presence": "presence",
    "occupancy": "occupancy",
    "window": "window",
    "contact": "contact",
    "co2": "carbon_dioxide",
}
NO_SENSOR = ("setpoint", "target", "battery", "shutter", "blind", "roller")
"""Parts of names that speak against a sensor."""

MEASURED = ("battery", "power", "energy", "voltage", "current", "signal", "rssi", "uptime")
"""Parts of names of what nobody sets, though the name may have a lamp or a fan in it too."""


def fields_of(item: str, place: Place, text: str) -> dict[str, Value]:
    """The fields that a command sets.

    Raises ValueError with the reason when it sets none.
    """
    if text in WORDS:
        field, value = WORDS[text]
        return {field: value}
    if text in RELATIVE:
        raise ValueError("a relative command (INCREASE, STOP, NEXT, …): it sets no value")
    if text in ("REFRESH", "NULL", "UNDEF", ""):
        raise ValueError("a command without a value (REFRESH, NULL)")
    if color := COLOR.match(text):
        hue, saturation, brightness = (tidy(part) for part in color.groups())
        return {"hue": hue, "saturation": saturation, "brightness": brightness}
    return {_field_of(item, place) or "value": value_of(text)}


def is_operated(item: str, place: Place, state: str) -> bool:
    """Whether a state, which may be a meter's, is one that somebody sets."""
    if state in WORDS or place.kind in FIELD_OF_TYPE:
        return True
    measured = any(part in item.lower() for part in MEASURED)
    return bool(_field_of(item, place)) and not measured


def indicator_of(item: str, place: Place) -> str:
    """What a sensor item measures, "" if it is none."""
    names = f"{item} {place.device}".lower()
    if any(part in names for part in NO_SENSOR):
        return ""
    return _by_name(names, INDICATOR_OF_NAME)


def value_of(text: str) -> Value:
    """A state without its unit."""
    quantity = QUANTITY.match(text)
    return tidy(quantity.group(1) if quantity else text)


def _field_of(item: str, place: Place) -> str:
    """The field of a number or word, "" if neither the item's type nor its name tells."""
    return FIELD_OF_TYPE.get(place.kind) or _by_name(item, FIELD_OF_NAME)


def _by_name(item: str, table: dict[str, str]) -> str:
    lower = item.lower()
    return next((meaning for part, meaning in table.items() if part in lower), "")

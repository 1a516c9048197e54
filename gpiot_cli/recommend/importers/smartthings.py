"""SmartThings' `GET /v1/history/devices`: `{"items": [...]}`, the newest first, or the bare list."""

from gpiot_cli.recommend.importers.events import (
    Event,
    Events,
    Source,
    actions_of,
    parse_time,
    reading_of,
    tidy,
)
from gpiot_cli.recommend.importers.json_stream import Record, each_record

FIELDS = {
    "switch": "power",
    "level": "brightness",
    "colorTemperature": "color_temperature",
    "hue": "hue",
    "saturation": "saturation",
    "lock": "state",
    "windowShade": "state",
    "shadeLevel": "position",
    "valve": "state",
    "door": "state",
    "fanSpeed": "speed",
    "thermostatMode": "mode",
    "airConditionerMode": "mode",
    "thermostatFanMode": "fan_mode",
    "fanMode": "fan_mode",
    "heatingSetpoint": "temperature_low",
    "coolingSetpoint": "temperature_high",
    "thermostatSetpoint": "temperature",
    "volume": "volume",
    "mute": "mute",
    "playbackStatus": "playback",
    "inputSource": "source",
    "robotCleanerMovement": "state",
}
"""Attributes of capabilities that have commands."""

INDICATORS = {
    "temperature": "temperature",
    "humidity": "humidity",
    "illuminance": "illuminance",
    "motion": "motion",
    "contact": "contact",
    "presence": "presence",
    "occupancy": "occupancy",
    "water": "water",
    "carbonDioxide": "carbon_dioxide",
    "fineDustLevel": "pm25",
    "dustLevel": "pm10",
    "smoke": "smoke",
    "power": "power",
}
"""Attributes that describe the environment."""

MOVING = {"opening": "open", "closing": "closed"}

CONDITIONS = {"partially open", "not fully locked"}
"""Values that nobody sets."""


def matches(record: Record) -> bool:
    """Whether the first record of a document is a device event."""
    return {"deviceId", "attribute", "value"} <= record.body.keys()


def read(source: Source) -> Events:
    """Yield an event for each record."""
    return each_record(source, lambda record: _event(source, record))


def _event(source: Source, record: Record) -> Event:
    row = record.body
    time, _ = parse_time(row.get("epoch") or row.get("time"), source.zone)
    attribute = str(row.get("attribute"))
    component = str(row.get("component") or "main")
    place = source.registry.place(
        str(row.get("deviceId")),
        str(row.get("deviceName") or ""),
        "" if component == "main" else component,
    )
    if attribute in INDICATORS:
        reading = reading_of(place, INDICATORS[attribute], tidy(row.get("value")))
        return Event(time, record.number, "state", readings=(reading,))
    if attribute not in FIELDS:
        raise ValueError(f"the attribute {attribute}: neither an operation nor the environment")
    value = tidy(row.get("value"))
    if value in CONDITIONS:
        raise ValueError(f"a condition ({value}), not an operation")
    actions = actions_of(place, {FIELDS[attribute]: MOVING.get(str(value), value)})
    return Event(time, record.number, "gone" if value == "unknown" else "value", actions)

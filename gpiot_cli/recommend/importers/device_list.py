"""The devices that an import found, with their entities and what is declared of them."""

from collections.abc import Collection, Mapping
from typing import Any

from gpiot_cli.recommend.importers.events import NO_ROOM
from gpiot_cli.recommend.importers.registry import Known, Registry
from gpiot_cli.recommend.records import SCHEMA_VERSION, Declared, Device, DeviceList

VALUES = {
    "hvac_modes": "mode",
    "fan_modes": "fan_mode",
    "preset_modes": "preset",
    "swing_modes": "swing_mode",
    "available_modes": "mode",
    "operation_list": "mode",
    "effect_list": "effect",
    "source_list": "source",
    "sound_mode_list": "sound_mode",
}
"""Capabilities of Home Assistant's entities that list a field's values."""

RANGES = {
    "temperature": ("min_temp", "max_temp", "target_temp_step"),
    "humidity": ("min_humidity", "max_humidity", "target_humidity_step"),
    "color_temperature": ("min_color_temp_kelvin", "max_color_temp_kelvin", ""),
}
"""Capabilities that bound a field."""


def device_list(registry: Registry, operated: Collection[tuple[str, str]]) -> DeviceList:
    """The operated devices whose entity is known, by room and name."""
    devices = [
        Device(
            room=place.room or NO_ROOM,
            device=place.device,
            entity=entity,
            fields=declared(registry.known.get(entity, Known()).capabilities),
        )
        for entity, place in registry.places().items()
        if (place.room or NO_ROOM, place.device) in operated
    ]
    return DeviceList(
        v=SCHEMA_VERSION, devices=tuple(sorted(devices, key=lambda d: (d.room, d.device)))
    )


def declared(capabilities: Mapping[str, Any]) -> dict[str, Declared]:
    """Fields with their declared values and ranges."""
    fields: dict[str, Declared] = {}
    for name, field in VALUES.items():
        values = capabilities.get(name)
        if isinstance(values, list):
            fields[field] = Declared(values=tuple(str(v) for v in values if v != "off"))
    for field, names in RANGES.items():
        minimum, maximum, step = (_number(capabilities.get(name)) for name in names)
        if minimum is not None or maximum is not None:
            fields[field] = Declared(minimum=minimum, maximum=maximum, step=step)
    modes = capabilities.get("supported_color_modes")
    if isinstance(modes, list) and set(modes) - {"onoff"}:
        fields["brightness"] = Declared(minimum=1, maximum=100, step=1)
    return fields


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None

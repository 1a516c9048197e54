"""Device lists (home-assistant-datasets' YAML) as what a simulated home can do and sense."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.records import Value

KINDS = {
    "light": "light",
    "light-dimmable": "dimmer",
    "light-rgbw": "dimmer",
    "smart-tv": "tv",
    "smart-speaker": "speaker",
    "hvac": "climate",
    "heat-pump": "climate",
    "heater": "climate",
    "fan-oscilating": "fan",
    "exhaust-fan": "exhaust",
    "smart-plug": "appliance",
    "switch": "appliance",
    "smart-blinds": "blinds",
    "smart-sprinkler": "water",
    "water-valve": "water",
    "garage-door": "gate",
    "gate": "gate",
    "smart-lock": "lock",
    "vacuum": "vacuum",
}
"""Device types that can be operated; cameras and sensors cannot."""

ROOM_USES = {
    "kitchen": ("kitchen",),
    "living": ("living", "family", "main house", "veranda"),
    "bath": ("bath", "sauna", "wc", "toilet"),
    "dining": ("dining",),
    "work": ("office", "study", "studio", "workshop", "gym", "work"),
    "guest": ("guest",),
    "kids": ("kid", "child", "play"),
    "bed": ("bed", "schlaf", "loft"),
    "outdoor": (
        "garden", "yard", "balcony", "terrace", "porch", "patio", "pool", "courtyard", "garage",
        "dock", "deck", "barn", "beach",
    ),
}  # fmt: skip
"""What a room is for, by a part of its name; the first that fits."""

SENSORS = {"temperature": 0.6, "motion": 0.6, "illuminance": 0.5, "humidity": 0.3}
"""How likely a room has a sensor beside those that its device list names."""


@dataclass(frozen=True)
class Device:
    """One device that can be operated."""

    room: str
    name: str
    kind: str


@dataclass(frozen=True)
class House:
    """Rooms, what they are for, what is in them, and what they sense."""

    name: str
    country: str
    uses: dict[str, str]
    """Room to use, a key of ROOM_USES or "other"."""
    devices: tuple[Device, ...]
    sensors: dict[str, tuple[str, ...]]
    """Room to indicators."""

    def rooms_for(self, use: str) -> list[str]:
        """The rooms of one use."""
        return [room for room, its_use in self.uses.items() if its_use == use]


def load_houses(path: Path) -> list[dict[str, Any]]:
    """The device lists in a YAML file or in every `*.yaml` of a folder, in order of their names.

    Raises GpiotError when there is none or one is not a device list.
    """
    paths = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not paths or not all(file.is_file() for file in paths):
        raise GpiotError(f"There is no device list at {path}.", "Name a YAML file or a folder.")
    lists = []
    for file in paths:
        try:
            body = yaml.safe_load(file.read_text())
        except (yaml.YAMLError, ValueError) as error:
            raise GpiotError(f"{file} is no YAML: {error}.") from error
        if not isinstance(body, dict) or not isinstance(body.get("devices"), dict):
            raise GpiotError(
                f"{file} is no device list.",
                "It has `devices:` with rooms, each a list of `name:` and `device_type:`.",
            )
        lists.append({"file": file.stem, **body})
    return lists


def furnish(body: dict[str, Any], dice: random.Random) -> House:
    """A house from its device list; sensors that the list does not name are drawn."""
    devices: list[Device] = []
    uses: dict[str, str] = {}
    sensors: dict[str, tuple[str, ...]] = {}
    for room, things in body["devices"].items():
        uses[room] = _use_of(room)
        named = [str(thing.get("device_type")) for thing in things or ()]
        sensed = [
            indicator
            for indicator, chance in SENSORS.items()
            if f"{indicator}-sensor" in named or dice.random() < chance
        ]
        sensors[room] = tuple(sensed)
        for thing in things or ():
            kind = KINDS.get(str(thing.get("device_type")))
            name = str(thing.get("name"))
            taken = {device.name for device in devices if device.room == room}
            if kind:
                number = sum(name == other or other.startswith(f"{name} ") for other in taken)
                unique = name if name not in taken else f"{name} {number + 1}"
                devices.append(Device(room, unique, kind))
    return House(
        name=str(body.get("file") or body.get("name")),
        country=str(body.get("country_code") or ""),
        uses=uses,
        devices=tuple(devices),
        sensors=sensors,
    )


def _use_of(room: str) -> str:
    lower = room.lower()
    return next(
        (use for use, words in ROOM_USES.items() if any(w in lower for w in words)), "other"
    )


RESTING: dict[str, dict[str, Value]] = {
    "blinds": {"state": "open"},
    "gate": {"state": "closed"},
    "lock": {"state": "locked"},
    "vacuum": {"state": "docked"},
}
"""How a device starts; all others are off."""

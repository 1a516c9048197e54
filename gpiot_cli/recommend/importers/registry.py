"""Rooms and names: exports hold neither, the registries beside them do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.records import DEVICES

FILES = (
    "core.*_registry",
    "core.config",
    "*area_registry*.json",
    "*device_registry*.json",
    "*entity_registry*.json",
    "*devices.json",
    "*rooms.json",
    "*items.json",
)
"""Home Assistant's `.storage` and WebSocket lists; SmartThings' lists; openHAB's `/rest/items`."""


class Known(NamedTuple):
    """What a registry says of one entity, device or item."""

    room: str = ""
    name: str = ""
    kind: str = ""
    """Home Assistant's device class or openHAB's item type."""


class Place(NamedTuple):
    """Where a device stands in the records: its room ("" if unknown), its name, its kind."""

    room: str
    device: str
    kind: str


@dataclass
class Registry:
    """Everything known about the home beside its log; empty when there is nothing."""

    known: dict[str, Known] = field(default_factory=dict)
    """By entity id, device id or item name."""
    area_of: dict[str, str] = field(default_factory=dict)
    """Home Assistant: area id of an entity."""
    device_of: dict[str, str] = field(default_factory=dict)
    """Home Assistant: device id of an entity."""
    groups: dict[tuple[str, str], frozenset[tuple[str, str]]] = field(default_factory=dict)
    """The devices that a device stands for, as the records name them: (room, name)."""
    timezone: str = ""
    files: list[str] = field(default_factory=list)
    _places: dict[str, Place] = field(default_factory=dict)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def place(self, key: str, shown_name: str = "", part: str = "") -> Place:
        """Room and name of an entity; two of the same name in a room are told apart by their key.

        A `part` of it (the second outlet of a strip) is a device of its own, in the same room.
        """
        own_key = f"{key}/{part}" if part else key
        if own_key not in self._places:
            known = self.known.get(key, Known())
            name = f"{known.name or shown_name or _readable(key)} {part}".rstrip()
            if (known.room, name) in self._taken:
                name = f"{name} ({own_key})"
            self.keep(own_key, known.room, name)
        return self._places[own_key]

    def keep(self, key: str, room: str, name: str) -> None:
        """Give an entity a room ("" if unknown) and a name, whatever the registry says."""
        self._taken.add((room, name))
        self._places[key] = Place(room, name, self.known.get(key, Known()).kind)

    def places(self) -> dict[str, Place]:
        """Every key that was placed so far."""
        return dict(self._places)

    def members(self, areas: Iterable[str], devices: Iterable[str]) -> list[str]:
        """The entities in these Home Assistant areas and devices."""
        areas, devices = set(areas), set(devices)
        return [
            entity
            for entity in self.known
            if self.area_of.get(entity) in areas or self.device_of.get(entity) in devices
        ]


def find_registry(log: Path) -> Registry:
    """The registry beside a log (`.storage`, `storage` or the same folder); empty if none."""
    for folder in (log.parent / ".storage", log.parent / "storage", log.parent):
        if folder.is_dir() and any(path != log for path in _files(folder)):
            return load_registry(folder, skip=log)
    return Registry()


def load_registry(folder: Path, skip: Path | None = None) -> Registry:
    """Read every registry file of a folder, told apart by what their rows hold.

    Raises GpiotError when there is none or one is damaged.
    """
    paths = [path for path in _files(folder) if path != skip] if folder.is_dir() else []
    if not paths:
        raise GpiotError(
            f"No registry is in {folder}.",
            "It holds Home Assistant's core.area_registry, core.device_registry and "
            "core.entity_registry (from .storage), SmartThings' devices.json and rooms.json, "
            "or openHAB's items.json.",
        )
    registry = Registry(files=[path.name for path in paths])
    rows: list[dict[str, Any]] = []
    for path in paths:
        try:
            document = json.loads(path.read_text(encoding="utf-8-sig"))
        except (ValueError, OSError) as error:
            raise GpiotError(f"{path} is damaged: {error}.", "Export it again.") from error
        rows += _rows(document)
    _add_home_assistant(registry, rows)
    _add_smartthings(registry, rows)
    _add_openhab(registry, rows)
    return registry


def _files(folder: Path) -> list[Path]:
    """The registry files; what an import wrote is none, it knows no more than the log."""
    found = {path for pattern in FILES for path in folder.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not path.name.endswith(DEVICES))


def _rows(document: object) -> Iterator[dict[str, Any]]:
    """The objects of all lists in a document, and `data` itself (`core.config`)."""
    if isinstance(document, list):
        yield from (row for row in document if isinstance(row, dict))
    elif isinstance(document, dict):
        for key, value in document.items():
            if key == "data" and isinstance(value, dict):
                yield value
            if key in ("data", "result", "items", "areas", "devices", "entities"):
                yield from _rows(value)


def _add_home_assistant(registry: Registry, rows: list[dict[str, Any]]) -> None:
    areas: dict[str, str] = {}
    devices: dict[str, dict[str, Any]] = {}
    for row in rows:
        if "time_zone" in row:
            registry.timezone = str(row["time_zone"])
        elif "identifiers" in row:
            devices[str(row.get("id"))] = row
        elif "name" in row and "entity_id" not in row and ("area_id" in row or "id" in row):
            # A floor or a label, which have names too, has neither.
            areas[str(row.get("area_id") or row.get("id"))] = str(row["name"])
    for row in rows:
        entity = row.get("entity_id") or row.get("ei")
        if not entity or "state" in row:
            continue
        device = devices.get(str(row.get("device_id") or row.get("di")), {})
        area = row.get("area_id") or row.get("ai") or device.get("area_id")
        registry.known[entity] = Known(
            room=areas.get(str(area), ""),
            name=_entity_name(row, device),
            kind=row.get("device_class") or row.get("original_device_class") or "",
        )
        registry.area_of[entity] = str(area or "")
        registry.device_of[entity] = str(device.get("id", ""))


def _entity_name(row: Mapping[str, Any], device: Mapping[str, Any]) -> str:
    """The user's name, else the integration's; with `has_entity_name` it follows the device's."""
    own = row.get("name") or row.get("original_name") or row.get("en") or ""
    if row.get("name") or not (row.get("has_entity_name") or row.get("hn")):
        return str(own)
    whole = f"{device.get('name_by_user') or device.get('name') or ''} {own}"
    return whole.strip()


def _add_smartthings(registry: Registry, rows: list[dict[str, Any]]) -> None:
    rooms = {
        str(row["roomId"]): str(row["name"])
        for row in rows
        if "roomId" in row and "name" in row and "deviceId" not in row
    }
    for row in rows:
        if "deviceId" in row:
            registry.known[str(row["deviceId"])] = Known(
                room=rooms.get(str(row.get("roomId")), ""),
                name=str(row.get("label") or row.get("name") or ""),
            )


def _add_openhab(registry: Registry, rows: list[dict[str, Any]]) -> None:
    items = {str(row["name"]): row for row in rows if "groupNames" in row and "name" in row}
    for name, row in items.items():
        registry.known[name] = Known(
            room=_location(name, items),
            name=str(row.get("label") or ""),
            kind=str(row.get("type") or ""),
        )


def _location(name: str, items: Mapping[str, dict[str, Any]]) -> str:
    """The label of the nearest group that openHAB's semantic model calls a location."""
    waiting, seen = [name], {name}
    while waiting:
        row = items.get(waiting.pop(0), {})
        semantics = row.get("metadata", {}).get("semantics", {}).get("value", "")
        if row.get("type") == "Group" and str(semantics).startswith("Location"):
            return str(row.get("label") or row["name"])
        waiting += [group for group in row.get("groupNames", []) if group not in seen]
        seen.update(waiting)
    return ""


def _readable(key: str) -> str:
    """`light.bedroom_lamp` as "bedroom lamp"."""
    return key.rpartition(".")[2].replace("_", " ").strip() or key

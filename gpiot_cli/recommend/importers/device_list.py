"""The devices that an import found, with their entities."""

from collections.abc import Collection, Iterable

from gpiot_cli.recommend.importers.events import NO_ROOM, device_of
from gpiot_cli.recommend.importers.registry import Known, Registry
from gpiot_cli.recommend.records import SCHEMA_VERSION, Device, DeviceList


def device_list(
    registry: Registry, operated: Collection[tuple[str, str]], before: Iterable[Device] = ()
) -> DeviceList:
    """The operated devices whose entity is known, and those of `before`, by room and name."""
    listed = {(device.room, device.device): device for device in before}
    for entity, place in registry.places().items():
        room, name = key = device_of(place)
        if key in operated:
            listed[key] = Device(room=room, device=name, entity=entity)
    return DeviceList(v=SCHEMA_VERSION, devices=tuple(listed[key] for key in sorted(listed)))


def keep_names(registry: Registry, before: Iterable[Device]) -> None:
    """Let devices of an earlier import keep their rooms and names, so that they stay the same."""
    for device in before:
        # Nothing but the registry tells a room that is called so from no room.
        in_none = device.room == NO_ROOM != registry.known.get(device.entity, Known()).room
        registry.keep(device.entity, "" if in_none else device.room, device.device)

"""The devices that an import found, with their entities."""

from collections.abc import Collection, Iterable

from gpiot_cli.recommend.importers.events import NO_ROOM
from gpiot_cli.recommend.importers.registry import Registry
from gpiot_cli.recommend.records import SCHEMA_VERSION, Device, DeviceList


def device_list(
    registry: Registry, operated: Collection[tuple[str, str]], before: Iterable[Device] = ()
) -> DeviceList:
    """The operated devices whose entity is known, and those of `before`, by room and name."""
    listed = {(device.room, device.device): device for device in before}
    for entity, place in registry.places().items():
        key = place.room or NO_ROOM, place.device
        if key in operated:
            listed[key] = Device(room=key[0], device=key[1], entity=entity)
    return DeviceList(v=SCHEMA_VERSION, devices=tuple(listed[key] for key in sorted(listed)))

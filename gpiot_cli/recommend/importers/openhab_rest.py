"""openHAB's REST persistence: `{"name": item, "datapoints": n, "data": [{time, state}]}`."""

from gpiot_cli.recommend.importers.events import (
    Event,
    Events,
    Source,
    actions_of,
    parse_time,
    reading_of,
)
from gpiot_cli.recommend.importers.json_stream import Record, Scalar, each_record
from gpiot_cli.recommend.importers.openhab_items import (
    fields_of,
    indicator_of,
    is_operated,
    value_of,
)


def matches(record: Record) -> bool:
    """Whether the first record of a document is a data point."""
    return record.prefix == "data.item" and {"time", "state"} <= record.body.keys()


def read(source: Source) -> Events:
    """Yield an event for each data point of the item, or of each item of concatenated documents."""
    item = ""

    def name(scalar: Scalar) -> None:
        nonlocal item
        if scalar.prefix == "name":
            item = str(scalar.value)

    return each_record(source, lambda record: _event(source, record, item), name)


def _event(source: Source, record: Record, item: str) -> Event:
    if not item:
        raise ValueError("a data point before its item's name")
    time, _ = parse_time(record.body.get("time"), source.zone)
    state = str(record.body.get("state", ""))
    place = source.registry.place(item)
    if state in ("NULL", "UNDEF", ""):
        raise ValueError("a state that is NULL or UNDEF")
    if indicator := indicator_of(item, place):
        reading = reading_of(place, indicator, value_of(state))
        return Event(time, record.number, "state", readings=(reading,))
    if not is_operated(item, place, state):
        raise ValueError("a state of an item that is neither known to be operated nor a sensor")
    return Event(time, record.number, "value", actions_of(place, fields_of(item, place, state)))

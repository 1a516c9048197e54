"""openHAB's `events.log`: commands are the operations, sensors' changes the environment."""

import re

from gpiot_cli.recommend.importers.events import (
    Event,
    Events,
    Source,
    actions_of,
    parse_time,
    reading_of,
)
from gpiot_cli.recommend.importers.lines import each_line
from gpiot_cli.recommend.importers.openhab_items import fields_of, indicator_of, value_of
from gpiot_cli.recommend.records import Cause

LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d+)\s+(?:\[\w+\s*\]\s+)?"
    r"\[[\w.$]*?(?P<type>\w*Event)\s*\]\s+-\s+(?P<text>.*)"
)
COMMAND = re.compile(r"(?:Item ')?(?P<item>\w+)'? received command (?P<value>.*)")
CHANGE = re.compile(r"(?:Item ')?(?P<item>\w+)'? changed from .* to (?P<value>.*)")
SENDER = re.compile(r"\s+\(source: (?P<source>.*)\)$")


def read(source: Source) -> Events:
    """Yield an event for each line."""
    return each_line(source, lambda number, line: _event(source, number, line))


def _event(source: Source, number: int, line: str) -> Event:
    match = LINE.match(line)
    if not match:
        raise ValueError("not a line of an openHAB log")
    text, sender = match["text"], SENDER.search(match["text"])
    if sender:
        text = text[: sender.start()]
    time, _ = parse_time(match["time"].replace(",", "."), source.zone)
    if command := COMMAND.match(text):
        place = source.registry.place(command["item"])
        actions = actions_of(place, fields_of(command["item"], place, command["value"].strip()))
        cause = _cause(sender["source"]) if sender else "unknown"
        return Event(time, number, "command", actions, cause=cause)
    if match["type"].endswith("ItemStateChangedEvent") and (change := CHANGE.match(text)):
        place = source.registry.place(change["item"])
        if change["value"] in ("NULL", "UNDEF"):
            raise ValueError("a state that is NULL or UNDEF")
        if indicator := indicator_of(change["item"], place):
            reading = reading_of(place, indicator, value_of(change["value"]))
            return Event(time, number, "state", readings=(reading,))
        raise ValueError("a state change of an item that is no sensor: commands are the operations")
    raise ValueError(f"an event of type {match['type']}")


def _cause(sender: str) -> Cause:
    """The chain of senders that openHAB 5.1 and later append (`a=>b$actor`)."""
    if "org.openhab.core.automation" in sender:
        return "automation"
    if "org.openhab.binding" in sender or "org.openhab.core.thing" in sender:
        return "unknown"
    return "person"

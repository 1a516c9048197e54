"""What a log says before it is put in order: one event for one line, row or record of the source."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Literal, NamedTuple

from gpiot_cli.recommend.importers.registry import Place, Registry
from gpiot_cli.recommend.records import Action, Cause, Reading, Value

NO_ROOM = "Home"
"""The room of a device whose room the export does not tell."""

OUTSIDE = "Outside"
"""The room of weather and sun."""

TOGGLE = "toggle"
"""A commanded value that depends on the present state; `interpret` resolves it."""

DATE_ALONE = "a date without a time of day"

Kind = Literal["record", "command", "state", "value", "change", "gone", "automation"]


class Event(NamedTuple):
    """One unit of the source that says something about the home.

    `kind` tells what `actions` mean: an operation as it stands ("record"), what was commanded
    ("command"), what the device now is ("state"), what one of its fields now is, where a source
    tells them one by one ("value"), what it turned into, where a source has changes alone
    ("change"), that its state got lost ("gone"), or that an automation began ("automation").
    """

    time: float
    """Epoch seconds."""
    number: int
    """The line, row or record of the source, from 1."""
    kind: Kind
    actions: tuple[Action, ...] = ()
    readings: tuple[Reading, ...] = ()
    """The environment as it is from now on."""
    env: tuple[Reading, ...] | None = None
    """The environment as the source itself states it for this operation."""
    cause: Cause = "unknown"
    context: str = ""
    """Ties what follows from one action together (Home Assistant's context id)."""
    description: str = ""
    offset: int | None = None
    """UTC offset in seconds, where the source states the home's own."""
    origin: Literal["log", "simulated"] = "log"


class Dropped(NamedTuple):
    """One unit of the source that says nothing of use, and why."""

    number: int
    reason: str


Events = Iterator[Event | Dropped]


class Source(NamedTuple):
    """What a reader gets: the file, what is known of the home, and a place for remarks."""

    path: Path
    registry: Registry
    zone: tzinfo | None
    """For times without an offset; None is this machine's time zone."""
    mapping: Mapping[str, str]
    """Column to field, for tables."""
    notes: list[str]


def device_of(place: Place) -> tuple[str, str]:
    """The device of a place as the records name it: room and name."""
    return place.room or NO_ROOM, place.device


def actions_of(place: Place, fields: Mapping[str, Value]) -> tuple[Action, ...]:
    """Fields of one device as actions."""
    room, device = device_of(place)
    return tuple(Action(room, device, field, value) for field, value in fields.items())


def reading_of(place: Place, indicator: str, value: Value) -> Reading:
    """A sensor's word; without a room the sensor's name keeps two of a kind apart."""
    if place.room:
        return Reading(place.room, indicator, value)
    return Reading(NO_ROOM, place.device, value)


def parse_json(text: str) -> dict[str, Any]:
    """A JSON object. Raises ValueError for anything else, also for half of a surrogate pair."""
    try:
        value = json.loads(text)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(value, dict):
        raise ValueError("no JSON object")
    return value


def parse_time(value: object, zone: tzinfo | None) -> tuple[float, int | None]:
    """Epoch seconds and the stated UTC offset of an ISO 8601 or epoch (s, ms) time.

    Raises ValueError for anything else, for a date alone, and outside 1970 to 2100.
    """
    offset: int | None = None
    number = _as_number(value)
    if number is not None:
        if 1e7 <= number < 1e8:  # 20240301; as epoch seconds it would be in 1970
            raise ValueError(DATE_ALONE)
        epoch = number / 1000 if abs(number) > 1e11 else float(number)
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("no time in a known format") from None
        if len(value.strip()) <= len("2024-03-01"):
            raise ValueError(DATE_ALONE)
        stated = moment.utcoffset()
        offset = None if stated is None else int(stated.total_seconds())
        try:
            if stated is None:
                moment = moment.replace(tzinfo=zone) if zone else moment.astimezone()
            epoch = moment.timestamp()
        except (OverflowError, OSError, ValueError):
            raise ValueError("time outside 1970 to 2100") from None
    else:
        raise ValueError("no time")
    if not 0 < epoch < 4_102_444_800:
        raise ValueError("time outside 1970 to 2100")
    return epoch, offset


def tidy(value: object) -> Value:
    """A value as the records hold it: numbers as numbers, on and off in lower case.

    Raises ValueError when there is none.
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    number = _as_number(value)
    if number is not None:
        return number
    if not isinstance(value, str) or not (text := value.strip()):
        raise ValueError("no value")
    return text.lower() if text.lower() in ("on", "off", "true", "false") else text


def _as_number(value: object) -> int | float | None:
    """A finite number, from a number or from text; whole numbers as int."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and not value[-1:].isdigit():
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not abs(number) < 1e15:
        return None
    return int(number) if number.is_integer() else number

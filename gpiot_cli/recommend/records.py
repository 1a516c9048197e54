"""Operation records (DevPiolt, section 2): what a home's log says, one JSON object per line.

`docs/home-jsonl.md` describes the format for people.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gpiot_cli.errors import GpiotError, first_fault

SCHEMA_VERSION: Literal[1] = 1
LONGEST_LINE = 1 << 20
"""Characters of one line that are held in memory; a longer line is a bad line."""

MOMENTARY = "activate"
"""The field of what is done rather than set (scenes, scripts, buttons): always possible again."""

Value = bool | int | float | str
Cause = Literal["person", "automation", "unknown"]


class Action(NamedTuple):
    """The paper's action quadruplet [room][device][field][value]."""

    room: str
    device: str
    field: str
    value: Value


class Reading(NamedTuple):
    """The paper's environment triplet [room][indicator][value]."""

    room: str
    indicator: str
    value: Value


class Operation(BaseModel):
    """One operation: when, in which environment, what was done, by whom."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    time: AwareDatetime
    """Local time with its offset: habits follow the clock on the wall."""
    env: tuple[Reading, ...] = ()
    description: str = ""
    actions: tuple[Action, ...] = Field(min_length=1)
    cause: Cause = "unknown"
    origin: Literal["log", "simulated"] = "log"
    """Whether a home did this or `devpiolt simulate` made it up."""

    @model_validator(mode="before")
    @classmethod
    def _accept_flat(cls, data: object) -> object:
        """Accept a single action written flat (room, device, field, value) and a weekday."""
        if not isinstance(data, dict):
            return data
        version = data.get("v", SCHEMA_VERSION)
        if version != SCHEMA_VERSION:
            raise ValueError(f"schema version {version!r}, expected {SCHEMA_VERSION}")
        data = {key: value for key, value in data.items() if key not in ("weekday", "v")}
        if "actions" not in data and {"room", "device", "field", "value"} <= data.keys():
            data["actions"] = [[data.pop(k) for k in ("room", "device", "field", "value")]]
        return data

    @property
    def weekday(self) -> str:
        """Mon … Sun."""
        return WEEKDAYS[self.time.weekday()]

    def to_line(self) -> str:
        """The record as one line of `home.jsonl`, without the newline."""
        body = self.model_dump_json(exclude_defaults=True)
        return f'{{"v":{SCHEMA_VERSION},"weekday":"{self.weekday}",{body[1:]}'


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class BadLine(NamedTuple):
    """A line that is not an operation record: its 1-based number and why."""

    number: int
    reason: str


def read_operations(path: Path) -> Iterator[Operation | BadLine]:
    """Stream `home.jsonl` (also `.gz`) in constant memory; bad lines are reported, never fatal.

    Blank lines are skipped. A compressed file that breaks off ends with one BadLine.
    """
    number = 0
    with open_text(path) as file:
        try:
            for number, line in numbered_lines(file):
                if line.strip():
                    yield parse_line(number, line)
        except BROKEN_FILE as error:
            yield BadLine(number + 1, f"the file is damaged from here: {error}")


BROKEN_FILE = (OSError, EOFError, zlib.error)
"""What reading a truncated or damaged (compressed) file raises."""


def parse_line(number: int, line: str) -> Operation | BadLine:
    """Line `number` of `home.jsonl` as a record, or why it is none."""
    parsed = parse_operation(line)
    return BadLine(number, parsed) if isinstance(parsed, str) else parsed


def parse_operation(line: str | bytes) -> Operation | str:
    """One line of `home.jsonl` as a record, or in words why it is not one."""
    try:
        return Operation.model_validate_json(line)
    except ValidationError as error:
        return first_fault(error)


def open_text(path: Path) -> IO[str]:
    """A log opened as text, unpacked if gzip; undecodable bytes become U+FFFD, never an error."""
    opener = gzip.open if _packed(path) else open
    return opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="\n")


def digest(path: Path) -> str:
    """The hexadecimal SHA-256 of a log, unpacked if gzip: a compressed copy has the same.

    Of a compressed file that breaks off it is that of what can be read.
    """
    found = hashlib.sha256()
    with (gzip.open if _packed(path) else open)(path, "rb") as file, suppress(*BROKEN_FILE):
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def _packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def numbered_lines(file: IO[str]) -> Iterator[tuple[int, str]]:
    """Lines with 1-based numbers, each cut after LONGEST_LINE characters (its rest is skipped)."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith("\n"):
            rest = file.readline(LONGEST_LINE)
        yield number, line


class Device(BaseModel):
    """One device of the home as its system knows it."""

    model_config = ConfigDict(frozen=True)

    room: str
    device: str
    entity: str
    """Home Assistant's entity id, SmartThings' device id or openHAB's item."""


class DeviceList(BaseModel):
    """`home.devices.json`."""

    v: Literal[1] = SCHEMA_VERSION
    devices: tuple[Device, ...] = ()


DEVICES = ".devices.json"
"""How the name of a device list ends."""


def devices_path(logs: Path) -> Path:
    """The device list beside `home.jsonl` (or `.jsonl.gz`): `home.devices.json`."""
    return logs.with_name(logs.name.removesuffix(".gz").removesuffix(".jsonl") + DEVICES)


def read_devices(logs: Path) -> tuple[Device, ...]:
    """The devices that `devpiolt import` listed beside a log; none if it listed none.

    Raises GpiotError when the list is damaged.
    """
    path = devices_path(logs)
    if not path.is_file():
        return ()
    try:
        return DeviceList.model_validate_json(path.read_bytes()).devices
    except ValidationError as error:
        raise GpiotError(f"{path} is damaged.", "Remove it, and import the log again.") from error


DAY = 1440
"""Minutes."""


def minutes_of_day(time: datetime) -> int:
    """Minutes since local midnight, 0 to 1439."""
    return time.hour * 60 + time.minute


def minutes_apart(time: datetime, other: datetime) -> int:
    """By how much `time` is later in the day than `other`, the short way round: -720 to 719."""
    return (minutes_of_day(time) - minutes_of_day(other) + DAY // 2) % DAY - DAY // 2

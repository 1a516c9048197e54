"""Operation records (DevPiolt, section 2): what a home's log says, one JSON object per line."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

SCHEMA_VERSION = 1

Value = bool | int | float | str


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

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: AwareDatetime
    """Local time with its offset: habits follow the clock on the wall."""
    env: tuple[Reading, ...] = ()
    description: str = ""
    actions: tuple[Action, ...] = Field(min_length=1)
    cause: Literal["person", "automation", "unknown"] = "unknown"

    @model_validator(mode="before")
    @classmethod
    def _accept_flat(cls, data: object) -> object:
        """Accept a single action written flat (room, device, field, value) and a weekday."""
        if not isinstance(data, dict):
            return data
        data = {key: value for key, value in data.items() if key not in ("weekday", "v")}
        if "actions" not in data and {"room", "device", "field", "value"} <= data.keys():
            data["actions"] = [[data.pop(k) for k in ("room", "device", "field", "value")]]
        return data

    @property
    def weekday(self) -> str:
        """Mon … Sun."""
        return self.time.strftime("%a")

    def to_line(self) -> str:
        """The record as one line of `home.jsonl`, without the newline."""
        body = self.model_dump(mode="json", exclude_defaults=True)
        return _dump({"v": SCHEMA_VERSION, "weekday": self.weekday, **body})


class BadLine(NamedTuple):
    """A line that is not an operation record: its 1-based number and why."""

    number: int
    reason: str


def read_operations(path: Path) -> Iterator[Operation | BadLine]:
    """Stream `home.jsonl` (also `.gz`) in constant memory; bad lines are reported, never fatal."""
    import gzip

    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield Operation.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                where = ".".join(str(part) for part in first["loc"])
                yield BadLine(number, f"{where}: {first['msg']}" if where else first["msg"])


def _dump(body: dict[str, object]) -> str:
    import json

    return json.dumps(body, ensure_ascii=False)


def minutes_of_day(time: datetime) -> int:
    """Minutes since local midnight, 0 to 1439."""
    return time.hour * 60 + time.minute

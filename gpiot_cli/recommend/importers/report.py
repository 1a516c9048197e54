"""What an import found, and what it dropped and why."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gpiot_cli.recommend.importers.events import NO_ROOM
from gpiot_cli.recommend.records import Operation

EXAMPLES = 5
"""Line numbers kept for each reason."""


@dataclass
class Report:
    """The account of one import: every unit read is an operation, a reading or dropped."""

    source: str
    format: str
    unit: str
    """What the numbers count: "line", "record" or "row"."""
    registry: list[str]
    timezone: str
    """What holds where a record does not state its own offset."""
    own_offsets: int = 0
    """Operations whose record states one."""
    read: int = 0
    operations: int = 0
    already_there: int = 0
    """Operations among them that the records had before (`--add`)."""
    readings: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)
    out_of_order: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    devices: set[tuple[str, str]] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    notes: list[str] = field(default_factory=list)

    def drop(self, number: int, reason: str) -> None:
        """Count one unit that is not used."""
        self.dropped[reason] += 1
        numbers = self.examples.setdefault(reason, [])
        if len(numbers) < EXAMPLES:
            numbers.append(number)

    def keep(self, operation: Operation) -> None:
        """Count one operation that is written."""
        self.operations += 1
        self.causes[operation.cause] += 1
        self.devices.update((action.room, action.device) for action in operation.actions)
        self.first = self.first or operation.time
        self.last = operation.time

    @property
    def rooms(self) -> list[str]:
        """The rooms that devices were found in."""
        return sorted({room for room, _ in self.devices})

    @property
    def clock(self) -> str:
        """Whose clock the times are of."""
        if not self.own_offsets:
            return self.timezone
        if self.own_offsets == self.operations:
            return "each record's own offset"
        return f"each record's own offset, without one {self.timezone}"

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "source": self.source,
            "format": self.format,
            "unit": self.unit,
            "read": self.read,
            "operations": self.operations,
            "already_there": self.already_there,
            "readings": self.readings,
            "dropped": dict(self.dropped.most_common()),
            "examples": self.examples,
            "out_of_order": self.out_of_order,
            "causes": dict(self.causes),
            "devices": len(self.devices),
            "rooms": self.rooms,
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "timezone": self.clock,
            "registry": self.registry,
            "notes": self.notes,
        }

    def in_words(self) -> str:
        """For people."""
        lines = [
            f"{self.source}: {self.format}, {self.read:,} {self.unit}s",
            f"  {self.operations:,} operations of {len(self.devices)} devices in "
            f"{len(self.rooms)} rooms" + self._period(),
        ]
        if self.operations:
            causes = ", ".join(f"{count:,} by {cause}" for cause, count in self.causes.items())
            lines.append(f"  {causes.replace('by unknown', 'of unknown cause')}")
        if self.already_there:
            lines.append(f"  {self.already_there:,} operations were there already")
        if self.readings:
            lines.append(f"  {self.readings:,} {self.unit}s of sensors, used as environment")
        if self.dropped:
            lines.append(f"  {self.dropped.total():,} {self.unit}s dropped:")
        for reason, count in self.dropped.most_common():
            numbers = ", ".join(map(str, self.examples[reason]))
            more = ", …" if count > len(self.examples[reason]) else ""
            lines.append(f"    {count:>9,}  {reason} ({self.unit} {numbers}{more})")
        if self.out_of_order:
            lines.append(f"  {self.out_of_order:,} {self.unit}s were out of order; now sorted")
        lines.append(f"  times in {self.clock}")
        if NO_ROOM in self.rooms and not self.registry:
            lines.append(f'  devices without a room are in "{NO_ROOM}"; --registry DIR names rooms')
        return "\n".join(lines + [f"  {note}" for note in self.notes])

    def _period(self) -> str:
        if not (self.first and self.last):
            return ""
        return f", {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}"

"""A home as its own log shows it: devices, values seen, the present state, what is possible now."""

from collections.abc import Iterable
from datetime import datetime

from gpiot_cli.recommend.records import MOMENTARY, Action, Operation, Reading, Value

Candidate = tuple[Action, ...]
"""The actions of one operation: what is recommended, and what an operation is compared with."""

Device = tuple[str, str]
"""Room and name."""


class Home:
    """Everything seen so far. Candidates are legal by construction: only what was seen exists.

    Operations are learned in order of time; nothing here looks ahead. Without `mask` everything
    counts as possible, to measure what the mask is worth.
    """

    def __init__(self, mask: bool = True) -> None:
        self._mask = mask
        self.candidates: list[Candidate] = []
        """In order of first appearance; a candidate's place here is its number."""
        self.number: dict[frozenset[Action], int] = {}
        """The same actions in another order are the same candidate."""
        self.log: list[tuple[datetime, int]] = []
        """When which candidate was done, oldest first."""
        self.devices: dict[Device, set[str]] = {}
        """The fields of each device."""
        self.state: dict[tuple[str, str, str], Value] = {}
        """The present value of each (room, device, field), as far as the log tells."""
        self.changed: dict[Device, float] = {}
        """When each device was last operated, in POSIX seconds."""
        self.readings: dict[tuple[str, str], Value] = {}
        """The last known value of each (room, indicator)."""
        self.rooms: dict[str, float] = {}
        """When a device of each room was last operated, in POSIX seconds."""
        self._told_anyway: set[tuple[str, str]] = set()
        """Sensors (room, indicator) listed with the last operation outside their room, and since."""

    @property
    def last(self) -> datetime | None:
        """The time of the last operation."""
        return self.log[-1][0] if self.log else None

    def possible(self, candidate: Candidate) -> bool:
        """Whether it would change anything: a lamp that is on is not switched on, a scene is."""
        return not self._mask or any(
            action.field == MOMENTARY or self.state.get(action[:3]) != action.value
            for action in candidate
        )

    def legal(self) -> list[int]:
        """The numbers of all candidates that are possible now."""
        possible = self.possible
        return [i for i, candidate in enumerate(self.candidates) if possible(candidate)]

    def known_before(self, operation: Operation) -> tuple[Reading, ...]:
        """Those readings of a record that do not give away which room was operated.

        Logs often keep only the readings of the operated room. Which rooms are listed then is the
        answer, so such readings count from the next operation on. Taken at once are those of sensors
        that were listed with the last operation elsewhere, too: of those outdoors, and of all in a
        log that lists all rooms. A record that leaves out a room which was listed so is of another
        kind, and nothing of it is taken at once.
        """
        listed = {reading.room for reading in operation.env}
        if not all(room in listed for room, _ in self._told_anyway):
            return ()
        return tuple(reading for reading in operation.env if reading[:2] in self._told_anyway)

    def observe(self, readings: Iterable[Reading]) -> None:
        """Take in sensor readings."""
        for room, indicator, value in readings:
            self.readings[room, indicator] = value

    def learn(self, operation: Operation) -> int:
        """Take in an operation; the number of its candidate."""
        seconds = operation.time.timestamp()
        operated = {action.room for action in operation.actions}
        # The operated room's own are listed in any case: of them it is known only from before.
        known = self.known_before(operation)
        self._told_anyway = {
            reading[:2]
            for reading in operation.env
            if reading.room not in operated or reading in known
        }
        self.observe(operation.env)
        for action in operation.actions:
            device = (action.room, action.device)
            self.devices.setdefault(device, set()).add(action.field)
            self.state[action[:3]] = action.value
            self.changed[device] = seconds
            self.rooms[action.room] = seconds
        key = frozenset(operation.actions)
        if key not in self.number:
            self.number[key] = len(self.candidates)
            self.candidates.append(operation.actions)
        self.log.append((operation.time, self.number[key]))
        return self.number[key]


OPPOSITES: dict[Value, Value] = {
    "on": "off",
    "open": "closed",
    "locked": "unlocked",
    "playing": "paused",
    "cleaning": "docked",
    "lock": "unlock",
    "play": "pause",
    "up": "down",
    "start": "stop",
    True: False,
}
OPPOSITES |= {value: key for key, value in OPPOSITES.items()}
# Words that share their opposite with one of those above, which the importers write.
OPPOSITES |= {"opened": "closed", "close": "open", "mowing": "docked"}


def opposite(action: Action) -> Action | None:
    """The action that undoes this one ("off" after "on"), None where a value has no opposite."""
    value = action.value.lower() if isinstance(action.value, str) else action.value
    # 1 == True in Python, but the number 1 is a level, not a switch.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None
    undone = OPPOSITES.get(value)
    return None if undone is None else action._replace(value=undone)

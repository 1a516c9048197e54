"""Events in order of time to operations: what changed, by whom, in which environment."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from gpiot_cli.recommend.home import opposite
from gpiot_cli.recommend.importers.events import OUTSIDE, TOGGLE, Event
from gpiot_cli.recommend.importers.report import Report
from gpiot_cli.recommend.records import Action, Cause, Operation, Reading, Value

STALE = 24 * 3600
"""Seconds after which a sensor's last word is no longer the environment."""
ECHO = 10
"""Seconds after a command within which the device's reports (a lamp that dims) answer it."""
CHOSEN = {"mode", "playback", "position"}
"""Fields that count as changed when first reported; a lamp's brightness merely comes back."""
CONTEXTS = 10_000
"""Contexts remembered; what follows from an action comes within seconds of it."""
ENVIRONMENT = 12
"""Readings kept with one operation, those of its own rooms first."""
OUTDOORS = {"outside", "outdoor", "outdoors", "garden", "yard", "terrace", "patio", "balcony"}
"""Words of room names whose readings belong to every operation's environment."""


def operations(events: Iterable[Event], report: Report, zone: tzinfo | None) -> Iterator[Operation]:
    """Turn events, sorted by time, into operations; what yields none is counted in `report`."""
    home = _Home()
    for event in events:
        home.sense(event)
        outcome = home.outcome(event)
        if isinstance(outcome, tuple):
            operation = Operation.model_construct(
                time=_local(event.time, event.offset, zone),
                env=home.environment(outcome, event.time) if event.env is None else event.env,
                description=event.description,
                actions=outcome,
                cause=home.cause(event),
                origin=event.origin,
            )
            report.keep(operation)
            yield operation
        elif event.readings:
            report.readings += 1
        else:
            report.drop(event.number, outcome)


class _Home:
    """What is known of the home at one moment of its log."""

    def __init__(self) -> None:
        self._state: dict[tuple[str, str], dict[str, Value]] = {}
        self._gone: set[tuple[str, str]] = set()
        self._commanded_at: dict[tuple[str, str], float] = {}
        self._sensed: dict[tuple[str, str], tuple[Value, float]] = {}
        self._acted = _Recent()
        """Contexts whose action is an operation already."""
        self._automations = _Recent()
        """Contexts that an automation began."""

    def outcome(self, event: Event) -> tuple[Action, ...] | str:
        """The actions that make an event an operation, or why it is none."""
        if event.kind == "record":
            return event.actions
        if event.kind == "automation":
            self._automations.add(event.context)
            return "the start of an automation: its calls are read instead"
        if event.kind == "command":
            return self._commanded(event)
        if not event.actions:
            return "no state of a device"
        return self._reported(event)

    def _commanded(self, event: Event) -> tuple[Action, ...] | str:
        if event.context in self._acted:
            return "a nested call: its action is there already"
        actions = tuple(filter(None, map(self._resolved, event.actions)))
        if not actions:
            return "a toggle of a device whose state is unknown"
        actions = self._without_repeated_power(actions)
        for room, device, field, value in actions:
            self._state.setdefault((room, device), {})[field] = value
            self._commanded_at[room, device] = event.time
        self._acted.add(event.context)
        return actions

    def _reported(self, event: Event) -> tuple[Action, ...] | str:
        device = event.actions[0][:2]
        if event.kind == "gone":
            self._gone.add(device)
            return "unavailable or unknown"
        before = self._state.setdefault(device, {})
        known = bool(before)
        changed = tuple(
            action
            for action in event.actions
            if before.get(action.field, None if action.field in CHOSEN else action.value)
            != action.value
        )
        before.update((action.field, action.value) for action in event.actions)
        if device in self._gone:
            self._gone.discard(device)
            return "the first state of a device that was unavailable"
        if not known:
            return "the first state of a device: nothing to compare it with"
        if not changed:
            return "no change of a controllable field"
        if event.context in self._acted:
            return "the result of a call that is there already"
        echo = event.time - self._commanded_at.get(device, -ECHO) < ECHO
        if echo and event.cause == "unknown" and all(action.field != "power" for action in changed):
            return f"a report within {ECHO} s of a command to the device"
        return changed

    def _resolved(self, action: Action) -> Action | None:
        """A toggle as the value it leads to; None when the present one is unknown."""
        if action.value != TOGGLE:
            return action
        present = self._state.get(action[:2], {}).get(action.field)
        return None if present is None else opposite(action._replace(value=present))

    def _without_repeated_power(self, actions: tuple[Action, ...]) -> tuple[Action, ...]:
        """Leave out "power on", which comes with every new brightness, if the device is on."""
        needed = tuple(
            action
            for action in actions
            if (action.field, action.value) != ("power", "on")
            or self._state.get(action[:2], {}).get("power") != "on"
        )
        return needed or actions

    def cause(self, event: Event) -> Cause:
        """Who did it: the source's word, else whether an automation began the context."""
        if event.cause == "unknown" and event.context in self._automations:
            return "automation"
        return event.cause

    def sense(self, event: Event) -> None:
        """Remember the environment that an event tells."""
        for room, indicator, value in event.readings:
            self._sensed[room, indicator] = value, event.time

    def environment(self, actions: tuple[Action, ...], now: float) -> tuple[Reading, ...]:
        """Fresh readings of the rooms acted in, then those of outdoors."""
        rooms = {action.room for action in actions}
        fresh = [
            Reading(room, indicator, value)
            for (room, indicator), (value, time) in self._sensed.items()
            if now - time < STALE and (room in rooms or _outdoors(room))
        ]
        fresh.sort(key=lambda reading: reading.room not in rooms)
        return tuple(fresh[:ENVIRONMENT])


class _Recent:
    """A set of the last CONTEXTS names; the empty name is never in it."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()

    def add(self, name: str) -> None:
        if not name:
            return
        self._names[name] = None
        if len(self._names) > CONTEXTS:
            self._names.popitem(last=False)

    def __contains__(self, name: str) -> bool:
        return name in self._names


@lru_cache(maxsize=1024)
def _outdoors(room: str) -> bool:
    return room == OUTSIDE or not OUTDOORS.isdisjoint(room.lower().split())


@lru_cache(maxsize=64)
def _fixed(offset: int) -> timezone:
    return timezone(timedelta(seconds=offset))


def _local(epoch: float, offset: int | None, zone: tzinfo | None) -> datetime:
    """The clock on the wall, in whole seconds."""
    if offset is not None:
        return datetime.fromtimestamp(int(epoch), _fixed(offset))
    if zone is not None:
        return datetime.fromtimestamp(int(epoch), zone)
    return datetime.fromtimestamp(int(epoch)).astimezone()

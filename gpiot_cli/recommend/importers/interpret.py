"""Events in order of time to operations: what changed, by whom, in which environment."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from gpiot_cli.recommend.home import Device, opposite
from gpiot_cli.recommend.importers.events import OUTSIDE, TOGGLE, Event, Kind
from gpiot_cli.recommend.importers.report import Report
from gpiot_cli.recommend.records import Action, Cause, Operation, Reading, Value

STALE = 24 * 3600
"""Seconds after which a sensor's last word is no longer the environment."""
ECHO = 10
"""Seconds after a command within which the device's reports (a lamp that dims) answer it."""
CHOSEN = {"mode", "playback", "position"}
"""Fields that count as changed when a device's states first have them; a lamp's brightness merely
comes back with its light."""
CONTEXTS = 10_000
"""Contexts remembered; what follows from an action comes within seconds of it."""
ENVIRONMENT = 12
"""Readings kept with one operation, those of its own rooms first."""
OUTDOORS = {"outside", "outdoor", "outdoors", "garden", "yard", "terrace", "patio", "balcony"}
"""Words of room names whose readings belong to every operation's environment."""


def operations(
    events: Iterable[Event],
    report: Report,
    zone: tzinfo | None,
    groups: Mapping[Device, Collection[Device]],
) -> Iterator[Operation]:
    """Turn events, sorted by time, into operations; what yields none is counted in `report`.

    `groups` is from a device to those that it stands for; it is looked at once events come.
    """
    home = _Home(groups)
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
            report.own_offsets += event.offset is not None
            yield operation
        elif event.readings:
            report.readings += 1
        else:
            report.drop(event.number, outcome)


class _Home:
    """What is known of the home at one moment of its log."""

    def __init__(self, groups: Mapping[Device, Collection[Device]]) -> None:
        self._groups = groups
        self._state: dict[Device, dict[str, Value]] = {}
        self._gone: set[Device] = set()
        self._commanded_at: dict[Device, float] = {}
        self._sensed: dict[tuple[str, str], tuple[Value, float]] = {}
        self._contexts = _Contexts()

    def outcome(self, event: Event) -> tuple[Action, ...] | str:
        """The actions that make an event an operation, or why it is none."""
        if event.kind == "record":
            return event.actions
        if event.kind == "automation":
            self._contexts.keep(event.context).automatic = True
            return "the start of an automation: its calls are read instead"
        if event.kind == "command":
            return self._commanded(event)
        if not event.actions:
            return "no state of a device"
        return self._reported(event)

    def _commanded(self, event: Event) -> tuple[Action, ...] | str:
        called = tuple(filter(None, map(self._resolved, event.actions)))
        if not called:
            return "a toggle of a device whose state is unknown"
        context = self._contexts.keep(event.context)
        new = tuple(action for action in called if not context.has(action))
        for action in called:
            for device in (action[:2], *self._groups.get(action[:2], ())):
                context.done.setdefault(device, {})[action.field] = action.value
                self._commanded_at[device] = event.time
        if not new:
            return "a nested call: its action is there already"
        actions = self._without_repeated_power(new)
        for action in actions:
            self._state.setdefault(action[:2], {})[action.field] = action.value
        return actions

    def _reported(self, event: Event) -> tuple[Action, ...] | str:
        device = event.actions[0][:2]
        if event.kind == "gone":
            self._gone.add(device)
            return "unavailable or unknown"
        before = self._state.setdefault(device, {})
        if device in self._gone:
            self._gone.discard(device)
            before.clear()
            before.update((action.field, action.value) for action in event.actions)
            return "the first state of a device that was unavailable"
        known = event.kind == "change" or any(a.field in before for a in event.actions)
        changed = tuple(action for action in event.actions if _differs(action, before, event.kind))
        before.update((action.field, action.value) for action in event.actions)
        if not known:
            return "the first state of a device: nothing to compare it with"
        if not changed:
            return "no change of a controllable field"
        context = self._contexts.find(event.context)
        if not context.done.keys().isdisjoint((device, *self._groups.get(device, ()))):
            context.done.setdefault(device, {})  # a group of this group follows it in turn
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
        if event.cause == "unknown" and self._contexts.find(event.context).automatic:
            return "automation"
        return event.cause

    def sense(self, event: Event) -> None:
        """Remember the environment that an event tells."""
        for room, indicator, value in event.readings:
            self._sensed[room, indicator] = value, event.time

    def environment(self, actions: tuple[Action, ...], now: float) -> tuple[Reading, ...]:
        """Fresh readings of outdoors, then those of the rooms acted in.

        The former are in every record: if they were cut off, that would tell of a room with many.
        """
        rooms = {action.room for action in actions}
        fresh = [
            Reading(room, indicator, value)
            for (room, indicator), (value, time) in self._sensed.items()
            if now - time < STALE and (room in rooms or _outdoors(room))
        ]
        fresh.sort(key=lambda reading: not _outdoors(reading.room))
        return tuple(fresh[:ENVIRONMENT])


@dataclass
class _Context:
    """What follows from one action: a run of an automation, or what a person did."""

    automatic: bool = False
    """Whether an automation began it."""
    done: dict[Device, dict[str, Value]] = field(default_factory=dict)
    """The devices that it concerned, also as members of groups, and what was last called of them."""

    def has(self, action: Action) -> bool:
        """Whether its last call of this field says the same."""
        return self.done.get(action[:2], {}).get(action.field) == action.value


class _Contexts:
    """The last CONTEXTS contexts by name; the empty name ties nothing together."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Context] = OrderedDict()

    def find(self, name: str) -> _Context:
        """The context of that name; one in which nothing was done if there is none."""
        return self._kept.get(name) or _Context()

    def keep(self, name: str) -> _Context:
        """The same, and remembered from now on."""
        context = self.find(name)
        if name:
            self._kept[name] = context
        if len(self._kept) > CONTEXTS:
            self._kept.popitem(last=False)
        return context


def _differs(action: Action, before: Mapping[str, Value], kind: Kind) -> bool:
    """Whether a report is a change; where the field was never told it depends on the source."""
    if action.field in before:
        return before[action.field] != action.value
    return kind == "change" or (kind == "state" and action.field in CHOSEN)


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

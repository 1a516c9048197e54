"""Numbers that a device passes on its way (a blind that moves, a dimmed lamp) are no operations."""

from collections import deque
from collections.abc import Iterable, Iterator

from gpiot_cli.recommend.importers.events import Event
from gpiot_cli.recommend.importers.report import Report
from gpiot_cli.recommend.records import Action

SETTLED = 10
"""Seconds that a number stands. Whether and when a blind says that it moves depends on its driver;
that it reports where it is every few seconds on the way does not."""

Part = tuple[str, str, str]
"""Room, device and field."""


def settled(events: Iterable[Event], report: Report) -> Iterator[Event]:
    """The events, sorted by time, without numbers that the same field leaves within SETTLED seconds.

    That concerns sources that tell fields one by one ("value"). What is left out is counted in
    `report`; no more than the events of SETTLED seconds are held.
    """
    held: deque[Event] = deque()
    latest: dict[Part, tuple[Action, ...]] = {}

    def release() -> Iterator[Event]:
        event = held.popleft()
        part = _part_with_number(event)
        if part is None or latest[part] == event.actions:
            yield event
        else:
            report.drop(event.number, f"a number that the device left again within {SETTLED} s")

    for event in events:
        while held and event.time - held[0].time > SETTLED:
            yield from release()
        held.append(event)
        if (part := _part_with_number(event)) is not None:
            latest[part] = event.actions
    while held:
        yield from release()


def _part_with_number(event: Event) -> Part | None:
    """The field that an event gives a number to."""
    if event.kind != "value" or isinstance(event.actions[0].value, str):
        return None
    return event.actions[0][:3]

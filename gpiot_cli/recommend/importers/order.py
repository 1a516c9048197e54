"""Putting events in order of time in bounded memory: sorted runs on disk, merged while read."""

import heapq
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from gpiot_cli.recommend.importers.events import Event
from gpiot_cli.recommend.records import Action, Reading

RUN = 50_000
"""Events sorted in memory at a time (some 50 MB)."""
BATCH = 100
"""Events of each run in memory while runs are merged."""


def in_order(events: Iterable[Event], folder: Path) -> Iterator[Event]:
    """All events by time, those of one time as the source has them; runs are kept in `folder`."""
    with TemporaryFile(dir=folder) as file:
        starts: list[int] = []
        run: list[Event] = []
        for event in events:
            run.append(event)
            if len(run) == RUN:
                starts.append(_write_run(run, file))
                run = []
        run.sort(key=_when)
        runs = [_read_run(file, start) for start in starts]
        yield from heapq.merge(*runs, run, key=_when)


def _when(event: Event) -> tuple[float, int]:
    return event.time, event.number


def _write_run(run: list[Event], file: IO[bytes]) -> int:
    """Append a sorted run to the file, a batch a line, closed by an empty line; where it starts."""
    start = file.tell()
    run.sort(key=_when)
    for first in range(0, len(run), BATCH):
        file.write(json.dumps(run[first : first + BATCH]).encode() + b"\n")
    file.write(b"\n")
    return start


def _read_run(file: IO[bytes], position: int) -> Iterator[Event]:
    while True:
        file.seek(position)
        line = file.readline().strip()
        position = file.tell()
        if not line:
            return
        yield from map(_event, json.loads(line))


def _event(row: list[Any]) -> Event:
    event = Event(*row)
    return event._replace(
        actions=tuple(Action(*action) for action in event.actions),
        readings=tuple(Reading(*reading) for reading in event.readings),
        env=None if event.env is None else tuple(Reading(*reading) for reading in event.env),
    )

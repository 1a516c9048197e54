"""What an export holds and the records that are there already: `--add`, or none may be lost."""

from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from pathlib import Path

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.importers import home_jsonl
from gpiot_cli.recommend.importers.events import Event, Source
from gpiot_cli.recommend.importers.json_stream import open_bytes
from gpiot_cli.recommend.importers.order import in_order
from gpiot_cli.recommend.importers.registry import Registry
from gpiot_cli.recommend.importers.report import Report
from gpiot_cli.recommend.records import BROKEN_FILE, Action, Operation, parse_operation

Entry = tuple[int, bool, bytes, frozenset[Action]]
"""Its second, whether it is new, its line, its actions (none where the line is no record)."""


def added(path: Path, operations: Iterable[Operation], report: Report) -> Iterator[bytes]:
    """The lines of `path` byte for byte, and among them by time the operations that are new.

    Of exports that overlap, the later one knows less of its first states: "on, 50%" is what the
    earlier one calls "50%". So a record of the same second that says the same, more or less is the
    same operation; it is counted in `report`. Raises GpiotError when `path` is out of order.
    """
    second = -1
    there: list[frozenset[Action]] = []
    for at, is_new, line, actions in merge(_present(path), _new(operations), key=itemgetter(0)):
        if at != second:
            second, there = at, []
        if not is_new:
            there.append(actions)
        elif any(actions <= other or actions >= other for other in there if other):
            report.already_there += 1
            continue
        yield line


def refuse_loss(path: Path, operations: Iterable[Operation]) -> Iterator[Operation]:
    """The operations; raises GpiotError at their end when `path` holds some that are not there.

    They are told by their seconds alone: another registry or mapping gives the same operations
    other rooms, names and fields, and is the reason to import once more.
    """
    events = home_jsonl.read(Source(path, Registry(), None, {}, []))
    records = (event for event in events if isinstance(event, Event))
    earlier = (int(event.time) for event in in_order(records, path.parent))
    held = lost = 0
    there = next(earlier, None)
    for operation in operations:
        second = int(operation.time.timestamp())
        while there is not None and there < second:
            lost += 1
            there = next(earlier, None)
        if there == second:
            held += 1
            there = next(earlier, None)
        yield operation
    if there is not None:
        lost += 1 + sum(1 for _ in earlier)
    if lost:
        raise GpiotError(
            f"{path} holds {held + lost:,} operations, and this import lacks {lost:,} of them.",
            f"Keep them with --add, name another file with --out, or delete {path} first.",
        )


def _new(operations: Iterable[Operation]) -> Iterator[Entry]:
    for operation in operations:
        line = operation.to_line().encode()
        yield int(operation.time.timestamp()), True, line, frozenset(operation.actions)


def _present(path: Path) -> Iterator[Entry]:
    """The lines that are there; one that is no record stays behind the one before it."""
    second = 0
    try:
        with open_bytes(path) as file:
            for number, line in enumerate(file, start=1):
                line = line.rstrip(b"\n").removeprefix(b"\xef\xbb\xbf" if number == 1 else b"")
                record = parse_operation(line)
                if isinstance(record, str):
                    yield second, False, line, frozenset()
                    continue
                if (at := int(record.time.timestamp())) < second:
                    raise GpiotError(
                        f"{path} is not in order of time from line {number} on.",
                        f"`devpiolt import {path} --out {path}` sorts it.",
                    )
                second = at
                yield second, False, line, frozenset(record.actions)
    except BROKEN_FILE as error:
        raise GpiotError(f"{path} is damaged: {error}.", "Import into another file.") from error

"""DevPiolt's two rules (section 3.2): what not to suggest now, and why.

The paper uses them to label bad suggestions. Measured on a real home they would also reject true
operations (reference: homes.md), so each is only applied where it is right nearly always.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from gpiot_cli.recommend.home import Candidate, opposite
from gpiot_cli.recommend.records import Operation

AROUND = timedelta(hours=1)

DAYS_NEEDED = 30
"""With 7 days of history the ±1 hour rule rejects 8.3% of true operations, with 30 days 2.3%."""

CONFLICT = timedelta(minutes=10)

CONFLICT_TOGGLED = timedelta(minutes=2)
"""For devices that are often switched back."""

TOGGLED = 0.1
"""A device is toggled when this share of its operations undoes one within CONFLICT."""


def objection(candidate: Candidate, time: datetime, operations: Sequence[Operation]) -> str | None:
    """Why `candidate` should not be suggested at `time`, in words; None when nothing is wrong."""
    return conflict(candidate, time, operations) or untimely(candidate, time, operations)


def conflict(candidate: Candidate, time: datetime, operations: Sequence[Operation]) -> str | None:
    """It would undo what was just done on the same device."""
    undoing = {opposite(action) for action in candidate} - {None}
    for operation in reversed(operations):
        ago = time - operation.time
        if ago > CONFLICT:
            return None
        if undoing & set(operation.actions):
            limit = CONFLICT_TOGGLED if toggled(candidate, operations) else CONFLICT
            if ago <= limit:
                return f"it would undo what was done {_ago(ago)} ago"
    return None


def untimely(candidate: Candidate, time: datetime, operations: Sequence[Operation]) -> str | None:
    """It was never done within an hour of this time of day."""
    if not operations or time - operations[0].time < timedelta(days=DAYS_NEEDED):
        return None
    wanted = set(candidate)
    if any(
        set(operation.actions) == wanted and _apart(operation.time, time) <= AROUND
        for operation in reversed(operations)
    ):
        return None
    return f"it was never done within an hour of {time:%H:%M}"


def toggled(candidate: Candidate, operations: Sequence[Operation]) -> bool:
    """Whether the candidate's device is often switched back within ten minutes."""
    device = candidate[0][:3]
    mine = [
        (operation.time, action)
        for operation in operations[-5000:]
        for action in operation.actions
        if action[:3] == device
    ]
    undone = sum(
        after == opposite(before) and later - earlier <= CONFLICT
        for (earlier, before), (later, after) in pairwise(mine)
    )
    return len(mine) > 1 and undone >= TOGGLED * (len(mine) - 1)


def _apart(a: datetime, b: datetime) -> timedelta:
    minutes = abs((a.hour * 60 + a.minute) - (b.hour * 60 + b.minute))
    return timedelta(minutes=min(minutes, 1440 - minutes))


def _ago(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"

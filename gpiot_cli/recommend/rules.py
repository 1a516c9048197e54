"""DevPiolt's two rules (section 3.2): what not to suggest now, and why.

The paper uses them to label bad suggestions. Measured on a real home they would also reject true
operations (docs/home-jsonl.md), so each is only applied where it is right nearly always.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from gpiot_cli.recommend.home import Home, opposite
from gpiot_cli.recommend.records import minutes_apart

AROUND = 60
"""Minutes on each side."""

DAYS_NEEDED = 30
"""With 7 days of history the ±1 hour rule rejects 8.3% of true operations, with 30 days 2.3%."""

CONFLICT = timedelta(minutes=10)

CONFLICT_TOGGLED = timedelta(minutes=2)
"""For devices that are often switched back."""

TOGGLED = 0.1
"""A device is toggled when this share of its operations undoes one within CONFLICT."""

RECENT = 5000
"""Operations that this is judged by."""


def objection(number: int, time: datetime, home: Home) -> str | None:
    """Why candidate `number` should not be suggested at `time`, in words; None if nothing is."""
    return conflict(number, time, home) or untimely(number, time, home)


def conflict(number: int, time: datetime, home: Home) -> str | None:
    """It would undo what was just done on the same device."""
    undoing = {opposite(action) for action in home.candidates[number]} - {None}
    for when, what in reversed(home.log):
        ago = time - when
        if ago > CONFLICT:
            return None
        if undoing.intersection(home.candidates[what]):
            if ago <= (CONFLICT_TOGGLED if toggled(number, home) else CONFLICT):
                return f"it would undo what was done {_span(ago)} ago"
            return None
    return None


def untimely(number: int, time: datetime, home: Home) -> str | None:
    """It was never done within an hour of this time of day."""
    if not home.log or time - home.log[0][0] < timedelta(days=DAYS_NEEDED):
        return None
    if any(
        what == number and abs(minutes_apart(when, time)) <= AROUND
        for when, what in reversed(home.log)
    ):
        return None
    return f"it was never done within an hour of {time:%H:%M}"


def toggled(number: int, home: Home) -> bool:
    """Whether the candidate's device is often switched back within ten minutes."""
    where = home.candidates[number][0][:3]
    mine = [
        (when, action)
        for when, what in home.log[-RECENT:]
        for action in home.candidates[what]
        if action[:3] == where
    ]
    undone = sum(
        after == opposite(before) and later - earlier <= CONFLICT
        for (earlier, before), (later, after) in pairwise(mine)
    )
    return len(mine) > 1 and undone >= TOGGLED * (len(mine) - 1)


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"

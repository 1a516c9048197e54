"""What a suggestion rests on, in words that can be checked in the log."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from gpiot_cli.recommend.describe import describe
from gpiot_cli.recommend.home import Candidate
from gpiot_cli.recommend.records import Operation

DAYS = 21
"""How many days of a kind a habit is counted over."""

WINDOWS = (20, 30, 60)
"""Half widths in minutes that a habit may have; the narrowest that holds most of it is told."""

FOLLOWS = timedelta(minutes=15)
"""How soon after the last operation one is said to follow it."""


def explain(candidate: Candidate, time: datetime, operations: Sequence[Operation]) -> list[str]:
    """Facts about `candidate` at `time`, the strongest first; empty if there are none.

    `operations` is the home's history, oldest first.
    """
    facts = [
        fact
        for fact in (habit(candidate, time, operations), follows(candidate, operations))
        if fact
    ]
    return [words for _, words in sorted(facts, key=lambda fact: -fact[0])]


def habit(
    candidate: Candidate, time: datetime, operations: Sequence[Operation]
) -> tuple[float, str] | None:
    """On how many of the last days of this kind it was done around this time, as share and words."""
    if not operations:
        return None
    weekend = time.weekday() >= 5
    days: list[date] = []
    day = time.date() - timedelta(days=1)
    first = max(
        operations[0].time.date(),
        time.date() - timedelta(days=DAYS * 7 // (2 if weekend else 5) + 7),
    )
    while day >= first and len(days) < DAYS:
        if (day.weekday() >= 5) == weekend:
            days.append(day)
        day -= timedelta(days=1)
    if len(days) < 3:
        return None
    now = time.hour * 60 + time.minute
    done: dict[date, list[int]] = {}
    wanted, oldest = set(candidate), days[-1]
    for operation in reversed(operations):
        if operation.time.date() < oldest:
            break
        if set(operation.actions) == wanted:
            minute = operation.time.hour * 60 + operation.time.minute
            done.setdefault(operation.time.date(), []).append(minute)
    counts = {
        half: sum(any(abs(m - now) <= half for m in done.get(day, ())) for day in days)
        for half in WINDOWS
    }
    most = counts[WINDOWS[-1]]
    half = next(h for h in WINDOWS if counts[h] >= 0.8 * most)
    if counts[half] < 2:
        return None
    start, end = max(0, now - half), min(1439, now + half)
    kind = "weekend days" if weekend else "weekdays"
    words = (
        f"{counts[half]} of the last {len(days)} {kind} "
        f"between {start // 60:02}:{start % 60:02} and {end // 60:02}:{end % 60:02}"
    )
    return counts[half] / len(days), words


def follows(candidate: Candidate, operations: Sequence[Operation]) -> tuple[float, str] | None:
    """How often it came next after what was done last, as share and words."""
    if not operations:
        return None
    last, wanted = set(operations[-1].actions), set(candidate)
    times = next_times = 0
    for before, after in zip(reversed(operations[:-1]), reversed(operations), strict=False):
        if set(before.actions) == last:
            times += 1
            next_times += set(after.actions) == wanted and after.time - before.time <= FOLLOWS
        if times == 50:
            break
    if next_times < 2:
        return None
    what = describe(operations[-1].actions).rstrip(".")
    words = (
        f"followed “{what}” within {FOLLOWS.seconds // 60} minutes "
        f"{next_times} of the last {times} times"
    )
    return next_times / times, words

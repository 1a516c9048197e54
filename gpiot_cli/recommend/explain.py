"""What a suggestion rests on, in words that can be checked in the log."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from gpiot_cli.recommend.describe import describe
from gpiot_cli.recommend.home import Home
from gpiot_cli.recommend.records import DAY, minutes_apart, minutes_of_day

DAYS = 21
"""How many days of a kind a habit is counted over."""

HALF_WIDTHS = (20, 30, 60)
"""In minutes; the narrowest window that holds most of the habit is told."""

FOLLOWS = timedelta(minutes=15)
"""How soon after the last operation one is said to follow it."""

TIMES = 50
"""How many of the last operation's earlier occurrences are looked at."""


class Habit(NamedTuple):
    """On how many of the last days of this kind it was done between two times of day."""

    days: int
    of: int
    weekend: bool
    start: int
    """Minutes since midnight; may be of the day before or after, as the next two."""
    end: int
    usual: int
    """The median minute."""

    @property
    def share(self) -> float:
        """On what share of the days."""
        return self.days / self.of

    @property
    def words(self) -> str:
        """ "18 of the last 21 weekdays between 22:40 and 23:20" """
        kind = "weekend days" if self.weekend else "weekdays"
        return (
            f"{self.days} of the last {self.of} {kind} "
            f"between {clock(self.start)} and {clock(self.end)}"
        )


class Sequel(NamedTuple):
    """How often it came next, and soon, after what was done last."""

    times: int
    of: int
    after: int
    """The number of what was done last."""
    gap: timedelta
    """The median time between the two."""

    @property
    def share(self) -> float:
        """How often of the times."""
        return self.times / self.of


def explain(number: int, time: datetime, home: Home) -> list[str]:
    """Facts about the candidate `number` at `time`, the strongest first; empty if there are none."""
    facts: list[tuple[float, str]] = []
    if found := habit(number, time, home):
        facts.append((found.share, found.words))
    if sequel := follows(number, time, home):
        what = describe(home.candidates[sequel.after]).rstrip(".")
        words = (
            f"came within 15 minutes after “{what}” {sequel.times} of the last {sequel.of} times"
        )
        facts.append((sequel.share, words))
    return [words for _, words in sorted(facts, reverse=True)]


def habit(number: int, time: datetime, home: Home) -> Habit | None:
    """The habit of doing it around this time on days like this; None without one."""
    weekend = time.weekday() >= 5
    days = _days_like(time.date(), weekend, home)
    if len(days) < 3:
        return None
    done: dict[date, list[int]] = {}
    for when, what in reversed(home.log):
        if when.date() < days[-1] - timedelta(days=1):
            break
        if what == number:
            apart = minutes_apart(when, time)
            # Five to midnight counts for the day whose 00:04 is asked about: the next one.
            done.setdefault((when - timedelta(minutes=apart)).date(), []).append(apart)
    counted = {
        half: [near for day in days if abs(near := min(done.get(day, [DAY]), key=abs)) <= half]
        for half in HALF_WIDTHS
    }
    most = len(counted[HALF_WIDTHS[-1]])
    half = next(h for h in HALF_WIDTHS if len(counted[h]) >= 0.8 * most)
    apart_by = sorted(counted[half])
    if len(apart_by) < 2:
        return None
    now = minutes_of_day(time)
    usual = now + apart_by[len(apart_by) // 2]
    return Habit(len(apart_by), len(days), weekend, now - half, now + half, usual)


def follows(number: int, time: datetime, home: Home) -> Sequel | None:
    """How often it followed what was done last; None when it hardly ever did, or by now is late."""
    if not home.log or time - home.log[-1][0] > FOLLOWS:
        return None
    last = home.log[-1][1]
    of = 0
    gaps: list[timedelta] = []
    for i in range(len(home.log) - 2, -1, -1):
        before, what = home.log[i]
        if what == last:
            after, next_one = home.log[i + 1]
            of += 1
            if next_one == number and after - before <= FOLLOWS:
                gaps.append(after - before)
            if of == TIMES:
                break
    if len(gaps) < 2:
        return None
    return Sequel(len(gaps), of, last, sorted(gaps)[len(gaps) // 2])


def clock(minute: int) -> str:
    """Minutes since midnight, of any day, as HH:MM."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _days_like(today: date, weekend: bool, home: Home) -> list[date]:
    """The last DAYS weekdays or weekend days before today that the log covers, latest first."""
    days: list[date] = []
    day = today - timedelta(days=1)
    while home.log and day >= home.log[0][0].date() and len(days) < DAYS:
        if (day.weekday() >= 5) == weekend:
            days.append(day)
        day -= timedelta(days=1)
    return days

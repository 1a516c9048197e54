"""What a home's log shows: devices, values, habits, and whether it is enough to learn from."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any, NamedTuple

from gpiot_cli.recommend.records import (
    DAY,
    WEEKDAYS,
    Action,
    BadLine,
    Operation,
    Value,
    minutes_of_day,
)

WINDOW = 40
"""Minutes of the span that a habit is looked for in."""
RECENT = 60
"""Days back from the last operation that habits are looked for in."""
HABIT_SHARE, HABIT_DAYS = 0.5, 4
"""A habit is kept on at least this share of its days, and this often."""

RULE = (
    "Enough is 14 days and 300 operations; 30 days are good. On one real home, one hour either "
    "side of the clock had no example for 8.3% of the true operations after 7 days, 4.5% after 14 "
    "and 2.3% after 30. Home Assistant keeps 10 days unless purge_keep_days says more."
)


class Habit(NamedTuple):
    """An action that is done at its time on most weekdays or weekend days."""

    action: Action
    days: str
    """"weekdays" or "weekend days"."""
    start: str
    """HH:MM, and so is `end`."""
    end: str
    kept: int
    of: int


@dataclass
class Device:
    """One device as its operations show it."""

    room: str
    name: str
    operations: int = 0
    fields: dict[str, Counter[Value]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass
class Home:
    """Counts of a log, gathered in one pass."""

    operations: int = 0
    simulated: int = 0
    several: int = 0
    """Operations of more than one action."""
    devices: dict[tuple[str, str], Device] = field(default_factory=dict)
    causes: Counter[str] = field(default_factory=Counter)
    indicators: Counter[tuple[str, str]] = field(default_factory=Counter)
    week: list[list[int]] = field(default_factory=lambda: [[0] * 24 for _ in range(7)])
    """Operations by weekday (Monday first) and hour."""
    times: "dict[Action, array[int]]" = field(
        default_factory=lambda: defaultdict(lambda: array("L"))
    )
    """When each action was done, as minutes on the calendar."""
    days: set[date] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    bad: list[BadLine] = field(default_factory=list)
    """The first ten lines that are no records."""
    bad_lines: int = 0

    @property
    def verdict(self) -> str:
        """ "too little", "thin", "enough" or "good", by RULE."""
        if len(self.days) < 7 or self.operations < 100:
            return "too little"
        if len(self.days) < 14 or self.operations < 300:
            return "thin"
        return "good" if len(self.days) >= 30 else "enough"

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "operations": self.operations,
            "simulated": self.simulated,
            "several_actions": self.several,
            "bad_lines": self.bad_lines,
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "days": len(self.days),
            "verdict": self.verdict,
            "rule": RULE,
            "causes": dict(self.causes),
            "devices": [
                {
                    "room": device.room,
                    "device": device.name,
                    "operations": device.operations,
                    "fields": {name: observed(values) for name, values in device.fields.items()},
                }
                for device in self.busiest()
            ],
            "environment": [list(indicator) for indicator in sorted(self.indicators)],
            "habits": [{**habit._asdict(), "action": list(habit.action)} for habit in habits(self)],
            "week": self.week,
        }

    def busiest(self) -> list[Device]:
        """Devices, the most operated first."""
        return sorted(self.devices.values(), key=lambda device: -device.operations)


def examine(operations: Iterable[Operation | BadLine]) -> Home:
    """Count a log in one pass."""
    home = Home()
    for operation in operations:
        if isinstance(operation, BadLine):
            home.bad_lines += 1
            home.bad += [operation] if len(home.bad) < 10 else []
            continue
        time = operation.time
        home.operations += 1
        home.simulated += operation.origin == "simulated"
        home.several += len(operation.actions) > 1
        home.causes[operation.cause] += 1
        home.week[time.weekday()][time.hour] += 1
        home.days.add(time.date())
        home.first = min(home.first or time, time)
        home.last = max(home.last or time, time)
        home.indicators.update((room, indicator) for room, indicator, _ in operation.env)
        for action in operation.actions:
            key = action.room, action.device
            device = home.devices.setdefault(key, Device(*key))
            device.operations += 1
            device.fields[action.field][action.value] += 1
            home.times[action].append(time.toordinal() * DAY + minutes_of_day(time))
    return home


def observed(values: Counter[Value]) -> dict[str, Any]:
    """A field's values in short: the range of numbers, else the words and how often."""
    numbers = [value for value in values if isinstance(value, (int, float))]
    if numbers and len(numbers) == len(values) and len(values) > 4:
        usual = values.most_common(1)[0][0]
        return {"lowest": min(numbers), "highest": max(numbers), "most_often": usual}
    return {str(value): count for value, count in values.most_common(8)}


def habits(home: Home) -> list[Habit]:
    """What is done at its time on most weekdays or weekend days, the steadiest first."""
    if home.last is None:
        return []
    begin = home.last.toordinal() - RECENT
    kinds = {
        "weekdays": {d.toordinal() for d in home.days if d.weekday() < 5},
        "weekend days": {d.toordinal() for d in home.days if d.weekday() >= 5},
    }
    found = []
    for action, times in home.times.items():
        for kind, days in kinds.items():
            recent = {day for day in days if day > begin}
            moments = [divmod(time, DAY) for time in times]
            best = _best_window([(m, d) for d, m in moments if d in recent])
            if best and best[1] >= HABIT_DAYS and best[1] / len(recent) >= HABIT_SHARE:
                start, kept = best
                found.append(
                    Habit(
                        action,
                        kind,
                        _clock(start),
                        _clock(min(start + WINDOW, DAY - 1)),
                        kept,
                        len(recent),
                    )
                )
    return sorted(found, key=lambda habit: -habit.kept / habit.of)


def _best_window(moments: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The start of the WINDOW minutes that (minute, day) pairs of most days fall in, and how many."""
    moments.sort()
    inside: Counter[int] = Counter()
    best, first = None, 0
    for minute, day in moments:
        inside[day] += 1
        while moments[first][0] < minute - WINDOW:
            left = moments[first][1]
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
            first += 1
        if best is None or len(inside) > best[1]:
            best = moments[first][0], len(inside)
    return best


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def week_png(home: Home, devices: int = 8) -> bytes:
    """The week as a picture: operations by weekday and hour, and by device and half hour."""
    from matplotlib.figure import Figure

    rows = _half_hours(home, devices)
    figure = Figure(figsize=(10, 3.2 + 0.32 * (len(rows) + 1)), layout="constrained", dpi=130)
    upper, lower = figure.subplots(2, 1, height_ratios=(7, max(len(rows), 1)))
    image = upper.imshow(home.week, aspect="auto", cmap="YlGnBu", extent=(0, 24, 7, 0))
    upper.set_yticks([day + 0.5 for day in range(7)], WEEKDAYS)
    upper.set_title(_title(home), loc="left", fontsize=11, fontweight="bold")
    figure.colorbar(image, ax=upper, pad=0.01).set_label("operations", fontsize=8)
    if rows:
        shares = [counts for _, counts in rows]
        below = lower.imshow(shares, aspect="auto", cmap="PuRd", extent=(0, 24, len(rows), 0))
        lower.set_yticks([row + 0.5 for row in range(len(rows))], [label for label, _ in rows])
        bar = figure.colorbar(below, ax=lower, pad=0.01)
        bar.set_label("share of its busiest half hour", fontsize=8)
    lower.set_title("When the busiest devices are operated", loc="left", fontsize=10)
    for axes in (upper, lower):
        axes.set_xticks(range(0, 25, 3), [f"{hour:02}:00" for hour in range(0, 25, 3)])
        axes.tick_params(length=0, labelsize=8)
        axes.spines[:].set_visible(False)
        axes.vlines(range(3, 24, 3), *axes.get_ylim(), color="white", linewidth=0.6)
    picture = BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _half_hours(home: Home, devices: int) -> list[tuple[str, list[float]]]:
    """Label of the busiest devices, and each half hour as a share of the device's busiest one."""
    counts: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * 48)
    for action, times in home.times.items():
        for time in times:
            counts[action.room, action.device][time % DAY // 30] += 1
    rows = []
    for device in home.busiest()[:devices]:
        slots = counts[device.room, device.name]
        rows.append((f"{device.room} · {device.name}"[:34], [n / max(slots) for n in slots]))
    return rows


def _title(home: Home) -> str:
    period = f"{home.first:%Y-%m-%d} to {home.last:%Y-%m-%d}" if home.first else "no operations"
    simulated = " (simulated)" if home.simulated else ""
    return f"{home.operations:,} operations{simulated}, {period}"

"""What the home's whole history says about each candidate: counts, learned online, as features.

Every view counts which operation followed in one kind of context (after the last two, around this
time of day, ...) and reads it as a share that backs off to a coarser view. Rates say how often a
candidate was chosen when it could have been. A ranker weighs these features (ranker.py).
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpiot_cli.recommend.home import Home, opposite
from gpiot_cli.recommend.records import Operation, Reading, Value

CANDIDATES = 24
"""How many candidates a scene keeps; on the real home at hand all true ones are among them."""

DAY = 86_400.0

GAPS = (1.5, 5, 15, 40, 120, 300, 900, 2400, 7200, 21_600, DAY)
"""Upper bounds in seconds of the elapsed-time buckets."""

ON = {"on", "open", "opened", "unlock", "unlocked", "play", "playing", "up", "start", "true"}
OFF = {"off", "close", "closed", "lock", "locked", "pause", "paused", "down", "stop", "false"}

EXPONENT = 300.0
"""Largest exponent of a weight: e to this, squared, is still a number."""


class Moment(NamedTuple):
    """The context just before an operation."""

    seconds: float
    """POSIX time."""
    day: int
    """The local date, as its ordinal."""
    minute: int
    """Minutes since local midnight."""
    whole_minute: bool
    """Schedules fire at second 0."""
    weekend: bool
    gap: float
    """Seconds since the last operation."""
    bucket: int
    """Of `gap`, among GAPS."""
    last: tuple[int, ...]
    """Numbers of the last four operations' candidates, latest first."""


class View(NamedTuple):
    """One way of looking at the history."""

    name: str
    write: Callable[[Moment], Iterable[Hashable]]
    """The contexts an operation is counted in: neighbouring slots of the day, for instance."""
    read: Callable[[Moment], Hashable]
    """The context that is asked for."""
    parent: str
    """The coarser view that this one backs off to; "" is the uniform share."""
    strength: float
    """How many observations the parent's share counts as."""
    half_life: float = math.inf
    """Days after which an observation counts half."""


def _context(
    name: str,
    key: Callable[[Moment], Hashable],
    parent: str,
    strength: float,
    half_life: float = math.inf,
) -> View:
    return View(name, lambda moment: (key(moment),), key, parent, strength, half_life)


def _clock(
    name: str,
    width: int,
    reach: int,
    parent: str,
    strength: float,
    half_life: float = math.inf,
    weekend: bool = False,
) -> View:
    """Slots of `width` minutes that hear `reach` neighbours on each side, midnight wrapping."""
    slots = 1440 // width

    def write(moment: Moment) -> list[Hashable]:
        slot, kind = moment.minute // width, weekend and moment.weekend
        return [((slot + k) % slots, kind) for k in range(-reach, reach + 1)]

    def read(moment: Moment) -> Hashable:
        return moment.minute // width, weekend and moment.weekend

    return View(name, write, read, parent, strength, half_life)


VIEWS: tuple[View, ...] = (
    _context("ever", lambda _: (), "", 1),
    _context("month", lambda _: (), "ever", 1, half_life=30),
    _context("week", lambda _: (), "month", 1, half_life=7),
    _context("after 1", lambda m: m.last[:1], "ever", 2),
    _context("after 2", lambda m: m.last[:2], "after 1", 2),
    _context("after 3", lambda m: m.last[:3], "after 2", 2),
    _context("after 4", lambda m: m.last[:4], "after 3", 2),
    _context("after 1, month", lambda m: m.last[:1], "month", 2, half_life=30),
    _context("after 2, month", lambda m: m.last[:2], "after 1, month", 2, half_life=30),
    _context("after 1 and gap", lambda m: (m.last[:1], m.bucket), "after 1", 3),
    _context("after 2 and gap", lambda m: (m.last[:2], m.bucket), "after 1 and gap", 3),
    _context("after 1 and hour", lambda m: (m.last[:1], m.minute // 60), "after 1", 3),
    _context(
        "after 1, gap and hours",
        lambda m: (m.last[:1], m.bucket, m.minute // 120),
        "after 1 and gap",
        3,
    ),
    _clock("within 1 hour", 30, 2, "ever", 5),
    _clock("within 20 minutes", 10, 2, "within 1 hour", 5),
    _clock("within 5 minutes", 5, 1, "within 20 minutes", 5),
    _clock("this minute", 1, 0, "within 5 minutes", 2),
    _clock("within 15 minutes, season", 10, 1, "within 1 hour", 3, half_life=45),
    _clock("within 30 minutes, week", 15, 2, "week", 3, half_life=7),
    _clock("this minute, week", 2, 1, "within 30 minutes, week", 1, half_life=7),
    _clock("within 30 minutes, weekend or not", 15, 2, "within 1 hour", 5, weekend=True),
)
"""Widths, strengths and half-lives were chosen on training data only; none is sensitive."""

SHORTLIST = ("ever", "after 1", "after 2", "after 1 and gap", "within 1 hour")
"""The views whose summed shares choose the candidates of a scene; each one's parent is here too."""

RATES = ("since device, coarse", "since device, fine", "since itself, coarse")

PLAIN = (
    "states",
    "readings",
    "log seconds since device",
    "log seconds since itself",
    "log seconds since room",
    "log gap",
    "same device as last",
    "same room as last",
    "same as the one before last",
    "undoes the last",
    "turns on",
    "times today",
    "device's value",
    "devices on",
    "minute of day",
    "weekend",
    "whole minute",
)

FEATURES = (*(view.name for view in VIEWS), *RATES, *PLAIN)


@dataclass(frozen=True)
class Scene:
    """The candidates at one moment and what the history says about each."""

    moment: Moment
    numbers: list[int]
    """The candidates' numbers in the home, the shortlist's favourite first."""
    features: npt.NDArray[np.float32]
    """(candidates, FEATURES)."""
    states: list[int]
    readings: list[int]
    """Which circumstances hold."""
    elapsed: dict[str, list[tuple[int, int]]]
    """For each of RATES, the candidates' buckets."""


class _Shares:
    """Counts of candidates per context. With a half-life, later counts weigh more."""

    def __init__(self, half_life: float) -> None:
        self._rate = math.log(2) / (half_life * DAY)
        self._counts: dict[Hashable, dict[int, float]] = {}
        self._totals: dict[Hashable, float] = {}
        self._origin = 0.0

    def weight(self, seconds: float) -> float:
        # Growing weights of the new stand for shrinking weights of all the old.
        exponent = self._rate * (seconds - self._origin)
        return math.exp(max(-EXPONENT, min(EXPONENT, exponent)))

    def add(self, contexts: Iterable[Hashable], number: int, seconds: float) -> None:
        if not self._totals:
            self._origin = seconds
        elif self._rate * (seconds - self._origin) > EXPONENT:
            self._start_at(seconds)
        weight = self.weight(seconds)
        for context in contexts:
            counts = self._counts.setdefault(context, {})
            counts[number] = counts.get(number, 0.0) + weight
            self._totals[context] = self._totals.get(context, 0.0) + weight

    def _start_at(self, seconds: float) -> None:
        """Make this the time whose observations weigh 1."""
        shrunk = math.exp(-self._rate * (seconds - self._origin))
        for counts in self._counts.values():
            for number in counts:
                counts[number] *= shrunk
        for context in self._totals:
            self._totals[context] *= shrunk
        self._origin = seconds

    def read(
        self,
        context: Hashable,
        numbers: Sequence[int],
        parent: npt.NDArray[np.float64],
        strength: float,
        seconds: float,
    ) -> npt.NDArray[np.float64]:
        """The numbers' shares in this context, of which `strength` observations are the parent's."""
        counts = self._counts.get(context)
        if counts is None:
            return parent
        strength *= self.weight(seconds)
        seen = np.fromiter(map(counts.get, numbers, repeat(0.0)), np.float64, len(numbers))
        return (seen + strength * parent) / (self._totals[context] + strength)


class _Rates:
    """How often a candidate was chosen when it was offered, per bucket of elapsed time."""

    def __init__(self) -> None:
        self._chosen: dict[tuple[int, int], int] = {}
        self._offered: dict[tuple[int, int], int] = {}

    def read(
        self, keys: Sequence[tuple[int, int]], parent: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        chosen = np.fromiter(map(self._chosen.get, keys, repeat(0)), np.float64, len(keys))
        offered = np.fromiter(map(self._offered.get, keys, repeat(0)), np.float64, len(keys))
        return (chosen + 2 * parent) / (offered + 2)

    def add(self, keys: Sequence[tuple[int, int]], chosen: int | None) -> None:
        """Count all `keys` as offered, and as chosen the one at the place `chosen`, if there is one."""
        for key in keys:
            self._offered[key] = self._offered.get(key, 0) + 1
        if chosen is not None:
            self._chosen[keys[chosen]] = self._chosen.get(keys[chosen], 0) + 1


class _Circumstances:
    """Naive Bayes over what holds at the moment: each device's state, each sensor's reading."""

    SMOOTHING = 3.0

    def __init__(self) -> None:
        self._ids: dict[Hashable, int] = {}
        self._counts = np.zeros((64, 64), dtype=np.float32)  # (candidates, circumstances)
        self._chosen = np.zeros(64, dtype=np.float32)
        self._held = np.zeros(64, dtype=np.float32)
        self._total = 0

    def ids(self, names: Iterable[Hashable]) -> list[int]:
        return [self._ids.setdefault(name, len(self._ids)) for name in names]

    def read(self, numbers: Sequence[int], holding: Sequence[int]) -> npt.NDArray[np.float32]:
        """Σ log P(circumstance | candidate) / P(circumstance) of each candidate."""
        self._grow(max(numbers, default=0), len(self._ids))
        share = (self._held[holding] + 0.5) / (self._total + 1)
        joint = self._counts[np.ix_(numbers, holding)] + self.SMOOTHING * share
        given = joint / (self._chosen[numbers, None] + self.SMOOTHING)
        return np.asarray(np.log(given / share).sum(axis=1), dtype=np.float32)

    def add(self, number: int, holding: Sequence[int]) -> None:
        self._grow(number, len(self._ids))
        self._counts[number, holding] += 1
        self._chosen[number] += 1
        self._held[holding] += 1
        self._total += 1

    def _grow(self, number: int, circumstances: int) -> None:
        rows, columns = self._counts.shape
        extra = [(0, _more(rows, number + 1)), (0, _more(columns, circumstances))]
        if any(more for _, more in extra):
            self._counts = np.pad(self._counts, extra)
            self._chosen = np.pad(self._chosen, extra[0])
            self._held = np.pad(self._held, extra[1])


def _more(size: int, needed: int) -> int:
    """By how much a table grows: at least to twice its size, as each time all of it is copied."""
    return max(size, needed - size) if needed > size else 0


class _Scale:
    """Buckets a sensor's numbers by half standard deviations around their running mean."""

    def __init__(self) -> None:
        self._n, self._mean, self._squares = 0, 0.0, 0.0

    def bucket(self, value: float) -> int:
        deviation = math.sqrt(self._squares / self._n) if self._n > 1 else 0.0
        return round(max(-3.0, min(3.0, (value - self._mean) / deviation)) * 2) if deviation else 0

    def add(self, value: float) -> None:
        self._n += 1
        delta = value - self._mean
        self._mean += delta / self._n
        self._squares += delta * (value - self._mean)


class Prior:
    """The counts. `scene` reads them before an operation, `learn` adds the operation."""

    def __init__(self, mask: bool = True) -> None:
        self.home = Home(mask)
        self._shares = {view.name: _Shares(view.half_life) for view in VIEWS}
        self._rates = {name: _Rates() for name in RATES}
        self._states = _Circumstances()
        self._readings = _Circumstances()
        self._scales: dict[tuple[str, str], _Scale] = {}
        self._last: tuple[int, ...] = ()
        self._own: list[float] = []
        self._undone_by: list[int] = []
        self._turns_on: list[float] = []
        self._today: tuple[int, dict[int, int]] = (0, {})
        self._switched_on: set[tuple[str, str, str]] = set()

    def scene(
        self, time: datetime, readings: Iterable[Reading] = (), limit: int = CANDIDATES
    ) -> Scene:
        """The candidates possible at `time`, at most `limit` of them, and their features.

        `readings` are those known at that moment; older ones are remembered.
        """
        home = self.home
        home.observe(readings)
        moment = self._moment(time)
        numbers = self._shortlist(moment, limit)
        features = np.empty((len(numbers), len(FEATURES)), dtype=np.float32)
        shares = self._read_views(VIEWS, moment, numbers)
        elapsed = {name: self._elapsed(name, numbers, moment) for name in RATES}
        uniform = _uniform(numbers)
        coarse = self._rates[RATES[0]].read(elapsed[RATES[0]], uniform)
        fine = self._rates[RATES[1]].read(elapsed[RATES[1]], coarse)
        own = self._rates[RATES[2]].read(elapsed[RATES[2]], uniform)
        counted = np.array([*shares.values(), coarse, fine, own])
        states, held = self._circumstances()
        features[:, : len(counted)] = np.log(np.maximum(counted, 1e-9)).T
        features[:, len(counted)] = self._states.read(numbers, states)
        features[:, len(counted) + 1] = self._readings.read(numbers, held)
        if numbers:
            features[:, len(counted) + 2 :] = [self._plain(i, moment) for i in numbers]
        return Scene(moment, numbers, features, states, held, elapsed)

    def learn(self, operation: Operation, scene: Scene | None = None) -> int:
        """Count `operation`, which happened in `scene`; the number of its candidate.

        Without its scene it is learned several times faster, only the rates do not hear of it.
        """
        if scene is None:
            self.home.observe(self.home.known_before(operation))
            moment = self._moment(operation.time)
            states, readings = self._circumstances()
        else:
            moment, states, readings = scene.moment, scene.states, scene.readings
        known = len(self.home.candidates)
        number = self.home.number.get(frozenset(operation.actions), known)
        if scene:
            chosen = scene.numbers.index(number) if number in scene.numbers else None
            for name, keys in scene.elapsed.items():
                self._rates[name].add(keys, chosen)
        self._states.add(number, states)
        self._readings.add(number, readings)
        for view in VIEWS:
            self._shares[view.name].add(view.write(moment), number, moment.seconds)
        for room, indicator, value in operation.env:
            if (numeric := _number(value)) is not None:
                self._scales.setdefault((room, indicator), _Scale()).add(numeric)
        self.home.learn(operation)
        if number == known:
            self._meet(operation)
        self._own[number] = moment.seconds
        self._last = (number, *self._last[:3])
        day = operation.time.toordinal()
        if self._today[0] != day:
            self._today = (day, {})
        self._today[1][number] = self._today[1].get(number, 0) + 1
        for action in operation.actions:
            (self._switched_on.add if _turns_on(action.value) == 1 else self._switched_on.discard)(
                action[:3]
            )
        return number

    def _moment(self, time: datetime) -> Moment:
        seconds = time.timestamp()
        last = self.home.last
        gap = max(0.0, seconds - last.timestamp()) if last else DAY
        return Moment(
            seconds,
            time.toordinal(),
            time.hour * 60 + time.minute,
            time.second == 0,
            time.weekday() >= 5,
            gap,
            _bucket(gap),
            self._last,
        )

    def _shortlist(self, moment: Moment, limit: int) -> list[int]:
        """The likeliest of the possible candidates by the sum of a few views."""
        numbers = self.home.legal()
        if len(numbers) <= limit:
            return numbers
        views = [view for view in VIEWS if view.name in SHORTLIST]
        shares = self._read_views(views, moment, numbers)
        best = np.argsort(-np.sum(list(shares.values()), axis=0), kind="stable")[:limit]
        return [numbers[i] for i in best]

    def _read_views(
        self, views: Iterable[View], moment: Moment, numbers: Sequence[int]
    ) -> dict[str, npt.NDArray[np.float64]]:
        shares: dict[str, npt.NDArray[np.float64]] = {}
        uniform = _uniform(numbers)
        for view in views:
            shares[view.name] = self._shares[view.name].read(
                view.read(moment),
                numbers,
                shares[view.parent] if view.parent else uniform,
                view.strength,
                moment.seconds,
            )
        return shares

    def _elapsed(self, name: str, numbers: Sequence[int], moment: Moment) -> list[tuple[int, int]]:
        """Each candidate with the bucket of the time since its device's or its own last use."""
        since = self._own.__getitem__ if "itself" in name else self._device_changed
        seconds = [max(moment.seconds - since(i), 0.0) for i in numbers]
        if "fine" in name:  # steps of about 10%
            return [(int(math.log1p(s) * 10), i) for s, i in zip(seconds, numbers, strict=True)]
        return [(_bucket(s), i) for s, i in zip(seconds, numbers, strict=True)]

    def _device_changed(self, number: int) -> float:
        action = self.home.candidates[number][0]
        return self.home.changed[action.room, action.device]

    def _circumstances(self) -> tuple[list[int], list[int]]:
        buckets: list[Hashable] = []
        for key, value in self.home.readings.items():
            numeric = _number(value)
            scale = self._scales.get(key)
            buckets.append((key, scale.bucket(numeric) if numeric is not None and scale else value))
        return self._states.ids(self.home.state.items()), self._readings.ids(buckets)

    def _plain(self, number: int, moment: Moment) -> list[float]:
        home = self.home
        action = home.candidates[number][0]
        last = home.candidates[moment.last[0]][0] if moment.last else None
        return [
            # An operation that was written late is older than what was learned already.
            math.log1p(max(0.0, moment.seconds - self._device_changed(number))),
            math.log1p(max(0.0, moment.seconds - self._own[number])),
            math.log1p(max(0.0, moment.seconds - home.rooms[action.room])),
            math.log1p(moment.gap),
            last is not None and action[:2] == last[:2],
            last is not None and action.room == last.room,
            len(moment.last) > 1 and moment.last[1] == number,
            bool(moment.last) and self._undone_by[number] == moment.last[0],
            self._turns_on[number],
            self._today[1].get(number, 0) if moment.day == self._today[0] else 0,
            action[:3] in self._switched_on,
            len(self._switched_on),
            moment.minute,
            moment.weekend,
            moment.whole_minute,
        ]

    def _meet(self, operation: Operation) -> None:
        """Prepare the tables for a candidate that was never seen before."""
        number = len(self._own)
        self._own.append(operation.time.timestamp())
        self._turns_on.append(_turns_on(operation.actions[0].value))
        undo = frozenset(undone for action in operation.actions if (undone := opposite(action)))
        other = self.home.number.get(undo, -1)
        self._undone_by.append(other)
        if other >= 0:
            self._undone_by[other] = number


def _uniform(numbers: Sequence[int]) -> npt.NDArray[np.float64]:
    return np.full(len(numbers), 1 / max(len(numbers), 1))


def _bucket(seconds: float) -> int:
    return bisect_left(GAPS, seconds)


def _number(value: Value) -> float | None:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _turns_on(value: Value) -> float:
    """1 for what switches on, 0 for what switches off, 0.5 for a level."""
    text = str(value).lower()
    return 1.0 if text in ON else 0.0 if text in OFF else 0.5

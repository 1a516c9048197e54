"""Counting without a model: the floors that a recommender must beat (docs/results/devpiolt.md)."""

from collections import Counter, defaultdict
from collections.abc import Hashable
from datetime import datetime

from gpiot_cli.recommend.home import Home
from gpiot_cli.recommend.records import Operation, minutes_of_day

SLOT = 30
"""Minutes per slot of the time of day."""

REACH = 2
"""Neighbouring slots that count, on each side."""

POWER = "power"


class Counting:
    """Weighted shares: overall, after the last operation, after the last two, by time of day.

    `mask` leaves out power values equal to the device's present state.
    """

    def __init__(
        self, *, overall: float = 0, last: float = 0, two: float = 0, time: float = 0, mask: bool
    ) -> None:
        self.home = Home()
        self._weights = (overall, last, two, time)
        self._mask = mask
        self._overall: Counter[int] = Counter()
        self._after: dict[Hashable, Counter[int]] = defaultdict(Counter)
        self._slots: list[Counter[int]] = [Counter() for _ in range(1440 // SLOT)]
        self._last: tuple[int, ...] = ()

    def ranked(self, time: datetime) -> list[tuple[int, float]]:
        """The candidates' numbers and shares of the total score, best first."""
        slot = minutes_of_day(time) // SLOT
        around: Counter[int] = Counter()
        for k in range(-REACH, REACH + 1):
            around.update(self._slots[(slot + k) % len(self._slots)])
        sources = (
            self._overall,
            self._after.get(self._last[:1], Counter()),
            self._after.get(self._last, Counter()),
            around,
        )
        scores: dict[int, float] = {}
        for weight, counts in zip(self._weights, sources, strict=True):
            if weight and counts:
                scale = weight / counts.total()
                for number, count in counts.items():
                    scores[number] = scores.get(number, 0.0) + scale * count
        if self._mask:
            scores = {i: s for i, s in scores.items() if not self._holds_already(i)}
        total = sum(scores.values())
        # Ties go to what is done more often.
        order = sorted(scores, key=lambda i: (-scores[i], -self._overall[i]))
        return [(i, scores[i] / total) for i in order]

    def _holds_already(self, number: int) -> bool:
        return all(
            action.field == POWER and self.home.state.get(action[:3]) == action.value
            for action in self.home.candidates[number]
        )

    def learn(self, operation: Operation) -> None:
        """Count an operation."""
        number = self.home.learn(operation)
        self._overall[number] += 1
        self._after[self._last[:1]][number] += 1
        if len(self._last) == 2:
            self._after[self._last][number] += 1
        self._slots[minutes_of_day(operation.time) // SLOT][number] += 1
        self._last = (number, *self._last[:1])


def popularity() -> Counting:
    """What is done most."""
    return Counting(overall=1, mask=False)


def time_of_day() -> Counting:
    """What is done most at this time of day, possible now."""
    return Counting(overall=1e-6, time=1, mask=True)


def markov() -> Counting:
    """What followed the last operation, possible now."""
    return Counting(overall=1e-6, last=1, mask=True)


def markov2_and_time() -> Counting:
    """The floor: second-order Markov, time of day and the device-state mask."""
    return Counting(overall=0.15, last=1, two=1, time=1, mask=True)

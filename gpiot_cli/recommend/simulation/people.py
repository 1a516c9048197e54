"""The people of a simulated home and where they are during a day."""

import random
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

DAY = 24 * 60


class Stay(NamedTuple):
    """One person in one kind of room."""

    start: int
    """Minutes since midnight; more than 1440 is the night after."""
    end: int
    use: str
    activity: str


@dataclass(frozen=True)
class Person:
    """Times are minutes since midnight; spreads are standard deviations in minutes."""

    wake: float
    bed: float
    spread: float
    """How regular the person is: 8 (clockwork) to 35."""
    works: tuple[bool, ...]
    """Monday to Sunday: whether out for work or school."""
    leave: float
    back: float
    cooks: float
    """How likely the person cooks in the evening."""
    television: float
    bedroom: str
    """"bed" or "kids"."""


def draw_people(dice: random.Random) -> list[Person]:
    """One to four people; the first two sleep in the bedroom, others in the kids' room."""
    size = dice.choices((1, 2, 3, 4), (0.25, 0.4, 0.2, 0.15))[0]
    return [_draw(dice, child=number >= 2) for number in range(size)]


def _draw(dice: random.Random, child: bool) -> Person:
    home_days = dice.sample(range(5), dice.choices((0, 1, 2, 5), (0.4, 0.2, 0.2, 0.2))[0])
    works = tuple(day < 5 and (child or day not in home_days) for day in range(7))
    wake = dice.gauss(400 if not child else 415, 35)
    return Person(
        wake=wake,
        bed=dice.gauss(1260 if child else 1385, 35),
        spread=dice.uniform(8, 35),
        works=works,
        leave=wake + dice.gauss(75, 15),
        back=dice.gauss(930 if child else 1060, 40),
        cooks=0.0 if child else dice.uniform(0.3, 0.8),
        television=dice.uniform(0.3, 0.9),
        bedroom="kids" if child else "bed",
    )


def day_of(person: Person, day: date, guests: bool, dice: random.Random) -> list[Stay]:
    """Where a person is from waking to sleep; out of the home between the stays."""
    weekend = day.weekday() >= 5
    wake = _about(dice, person.wake + (80 if weekend else 0), person)
    bed = _about(dice, person.bed + (40 if day.weekday() in (4, 5) else 0), person)
    bed = max(bed + (75 if guests else 0), wake + 8 * 60)
    plan = _Plan(wake, dice)
    plan.stay("bath", 8, 22, "morning")
    plan.stay("kitchen", 12, 30, "breakfast")
    if person.works[day.weekday()]:
        plan.until("living", _about(dice, person.leave, person), "morning")
        plan.away(_about(dice, person.back, person))
    else:
        while plan.now < 17 * 60:
            if dice.random() < 0.2:
                plan.away(plan.now + dice.randint(60, 240))
            else:
                use = dice.choices(("living", "work", "outdoor", "kitchen"), (5, 3, 1, 2))[0]
                plan.stay(use, 25, 120, "day")
    if dice.random() < person.cooks:
        plan.until("living", max(plan.now, int(dice.gauss(18 * 60, 20))), "rest")
        plan.stay("kitchen", 25, 50, "cooking")
    else:
        plan.stay("living", 15, 45, "rest")
    plan.stay("dining" if dice.random() < 0.7 else "kitchen", 20, 40, "dinner")
    if not guests and dice.random() < 0.12:
        plan.away(plan.now + dice.randint(90, 180))
    evening = "television" if guests or dice.random() < person.television else "reading"
    while plan.now < bed - 45:
        plan.until("living", min(bed - 25, plan.now + dice.randint(35, 110)), evening)
        plan.stay(dice.choice(("kitchen", "bath")), 3, 9, "visit")
    plan.stay("bath", 5, 14, "night")
    plan.stay(person.bedroom, 8, 35, "bed")
    if dice.random() < 0.2:
        plan.away(plan.now + dice.randint(120, 240))
        plan.stay("bath", 2, 5, "night")
    return plan.stays


def _about(dice: random.Random, minute: float, person: Person) -> int:
    return int(dice.gauss(minute, person.spread))


class _Plan:
    """Stays one after the other."""

    def __init__(self, start: int, dice: random.Random) -> None:
        self.now = start
        self.stays: list[Stay] = []
        self._dice = dice

    def stay(self, use: str, shortest: int, longest: int, activity: str) -> None:
        self.until(use, self.now + self._dice.randint(shortest, longest), activity)

    def until(self, use: str, end: int, activity: str) -> None:
        if end > self.now:
            self.stays.append(Stay(self.now, end, use, activity))
            self.now = end

    def away(self, until: int) -> None:
        self.now = max(self.now, until)

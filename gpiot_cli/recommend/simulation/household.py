"""People in a house on the days that pass: what they switch, what runs by itself, what fails."""

import heapq
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from gpiot_cli.recommend.records import Action, Cause, Operation, Reading, Value
from gpiot_cli.recommend.simulation.climate import Climate
from gpiot_cli.recommend.simulation.devices import RESTING, Device, House
from gpiot_cli.recommend.simulation.people import Person, Stay, day_of, draw_people

MINUTE = 60
Wanted = tuple[Device, str, Value]
"""Device, field, value."""
VISITOR = 99
"""The number of whoever sleeps in the guest room."""
ACTIVITIES = {
    "light": ("morning", "breakfast", "day", "cooking", "dinner", "rest", "television", "reading",
              "visit", "night", "bed"),
    "tv": ("television",),
    "speaker": ("morning", "breakfast", "day", "cooking", "reading"),
    "fan": ("day", "rest", "television", "bed"),
    "exhaust": ("morning", "cooking"),
    "appliance": ("breakfast", "day", "cooking"),
}  # fmt: skip
"""What a kind of device is switched on for; households differ in how likely each is."""
TYPICAL = {"light": 0.85, "tv": 0.9, "speaker": 0.3, "fan": 0.6, "exhaust": 0.5, "appliance": 0.4}
"""The middle of those likelihoods."""
DIMMED: dict[str, int] = {"television": 30, "bed": 20, "night": 10, "dinner": 60, "reading": 80}
"""Brightness (%) that people may set for an activity."""


@dataclass(frozen=True)
class Character:
    """How one household is; drawn once and kept."""

    dark: float
    """Lux below which lamps are switched on."""
    tidy: float
    """How likely what is on is switched off when a room empties."""
    at_once: float
    """How likely several actions are one operation (a scene, a voice command)."""
    fumble: float
    """How likely a switch is pressed in error or pressed again."""
    comfort: int
    """Set temperature (°C)."""
    heat_below: float
    cool_above: float


class Household:
    """Simulates one home from `start` on. The same dice give the same home."""

    def __init__(self, house: House, start: date, days: int, dice: random.Random) -> None:
        self.house = house
        self.climate = Climate(house.country, dice)
        self.people = draw_people(dice)
        self.character = Character(
            dark=dice.uniform(60, 160),
            tidy=dice.uniform(0.65, 0.95),
            at_once=dice.uniform(0.2, 0.6),
            fumble=dice.uniform(0.02, 0.09),
            comfort=dice.choice((20, 21, 21, 22, 23)),
            heat_below=dice.uniform(9, 14),
            cool_above=dice.uniform(24, 27),
        )
        self._dice = dice
        self._start, self._days = start, days
        self._zone = ZoneInfo(self.climate.zone)
        self._habit = {
            (device, activity): _likelihood(dice, TYPICAL[_family(device)])
            for device in house.devices
            if _family(device) in ACTIVITIES
            for activity in ACTIVITIES[_family(device)]
        }
        self._rooms: dict[tuple[int, str], str] = {}
        """The room that a person has for a use, chosen when first needed."""
        self._automatic = {
            room
            for room, sensed in house.sensors.items()
            if "motion" in sensed and house.uses[room] in ("bath", "kitchen", "other")
            if dice.random() < 0.4
        }
        """Rooms whose lamps follow motion."""
        self._sunset_lamps = dice.random() < 0.6
        self._state: dict[Device, dict[str, Value]] = {
            device: dict(RESTING.get(device.kind, {"power": "off"})) for device in house.devices
        }
        self._where: dict[int, str] = {}
        """The room that each person at home is in."""
        self._broken_until: dict[Device | str, float] = {}
        self._day = -1
        self._log: list[Operation] = []
        self._agenda: list[tuple[float, int, str, tuple[object, ...]]] = []
        self._count = count()

    def live(self) -> list[Operation]:
        """The home's operations over its days, by time."""
        silent = self._plan()
        while self._agenda:
            second, _, what, details = heapq.heappop(self._agenda)
            while self._day < second // 86400:
                self._day += 1
                self.climate.next_day()
                self._fail(second)
            getattr(self, f"_{what}")(second, *details)
        silent.add(self._start + timedelta(days=self._days))
        kept = (operation for operation in self._log if operation.time.date() not in silent)
        return sorted(kept, key=lambda operation: operation.time)

    # ------------------------------------------------------------ the days

    def _plan(self) -> set[date]:
        """Put all days on the agenda; returns the days that the log misses."""
        dice, silent = self._dice, set()
        away_until, silent_until = -1, -1
        people = self.people
        change = dice.randrange(30, 400)
        for day in range(self._days):
            today = self._start + timedelta(days=day)
            if day == change:
                people = [_changed(person, dice) for person in people]
            if dice.random() < 0.012:
                away_until = day + dice.randint(2, 9)
            if dice.random() < 0.008:
                silent_until = day + dice.randint(0, 2)
            if day <= silent_until:
                silent.add(today)
            self._automations(day)
            if day > away_until:
                self._day_of_people(day, today, people)
        return silent

    def _automations(self, day: int) -> None:
        if self._sunset_lamps:
            noon = day * 86400 + 12 * 3600
            hours = (noon + step * 600 for step in range(72))
            self._at(next((s for s in hours if self._is_dark(s)), noon + 9 * 3600), "sunset")
            self._at(day * 86400 + 23 * 3600 + 15 * MINUTE, "curfew")
        self._at(day * 86400 + 6.5 * 3600, "garden")
        self._at(day * 86400 + 10.5 * 3600, "clean")

    def _day_of_people(self, day: int, today: date, people: Iterable[Person]) -> None:
        guests = self._dice.random() < (0.22 if today.weekday() in (4, 5) else 0.04)
        for number, person in enumerate(people):
            stays = day_of(person, today, guests and person.bedroom == "bed", self._dice)
            for stay, next_start in zip(stays, [s.start for s in stays[1:]] + [0], strict=True):
                begin = day * 86400 + stay.start * MINUTE + self._dice.randrange(50)
                end = day * 86400 + stay.end * MINUTE - self._dice.randrange(10)
                out = next_start > stay.end and stay.activity != "bed"
                self._at(begin, "enter", number, stay)
                self._at(end, "leave", number, stay, out)
        if guests and self.house.rooms_for("guest"):
            stay = Stay(23 * 60 + self._dice.randint(0, 60), 24 * 60 + 30, "guest", "bed")
            self._at(day * 86400 + stay.start * MINUTE, "enter", VISITOR, stay)
            self._at(day * 86400 + stay.end * MINUTE, "leave", VISITOR, stay, True)

    def _at(self, second: float, what: str, *details: object) -> None:
        heapq.heappush(self._agenda, (second, next(self._count), what, details))

    def _fail(self, second: float) -> None:
        """Now and then a device or a room's sensors are out of order for days."""
        things: list[Device | str] = [*self.house.devices, *self.house.sensors]
        for thing in things:
            if self._dice.random() < 1 / 250:
                self._broken_until[thing] = second + self._dice.uniform(0.3, 4) * 86400

    # ------------------------------------------------------------ what people do

    def _enter(self, second: float, person: int, stay: Stay) -> None:
        was_empty, before = not self._where, self._where.get(person)
        room = self._where[person] = self._room_for(person, stay)
        if before not in (None, room):
            self._vacate(second, str(before))
        wanted = self._arrive(second) if was_empty else []
        if stay.activity == "morning" and stay.use == "bath":
            wanted += [(d, "state", "open") for d in self._all("blinds")]
        for device in self._all("climate"):
            if device.room == room and stay.activity in ("breakfast", "rest", "day", "bed"):
                wanted += self._tempered(device, second)
        if room in self._automatic and self._is_dark(second, room):
            lamps = [d for d in self._in_room(room) if d.kind in ("light", "dimmer")]
            self._do(second + 1, [(d, "power", "on") for d in lamps[:1]], "automation")
        for device in self._in_room(room):
            chance = self._habit.get((device, stay.activity), 0.0)
            if self._dice.random() < chance and self._wanted(device, second, room):
                wanted.append((device, "power", "on"))
                dims = device.kind == "dimmer" and stay.activity in DIMMED
                if dims and self._dice.random() < 0.4:
                    wanted.append((device, "brightness", DIMMED[stay.activity]))
        self._do(second + self._dice.uniform(2, 25), wanted, "person")
        if stay.activity == "bed":
            self._at(second + self._dice.uniform(20, 120), "bedtime", room)

    def _leave(self, second: float, person: int, stay: Stay, out: bool) -> None:
        """The end of a stay: lamps out for the night, or out of the home."""
        room = self._room_for(person, stay)
        if stay.activity in ("bed", "night"):
            self._do(second, self._all_off(room), "person")
        if out and person in self._where:
            del self._where[person]
            self._vacate(second, room)
            if not self._where:
                self._at(second + self._dice.uniform(30, 240), "depart")

    def _vacate(self, second: float, room: str) -> None:
        """Somebody goes out of a room; the last one may switch off what is on."""
        if room in self._where.values():
            return
        if room in self._automatic:
            self._at(second + self._dice.uniform(60, 300), "nobody", room)
        left = [off for off in self._all_off(room) if self._dice.random() < self.character.tidy]
        self._do(second, left, "person")

    def _arrive(self, second: float) -> list[Wanted]:
        """The first one home opens, and heats or cools."""
        wanted: list[Wanted] = [(device, "state", "unlocked") for device in self._all("lock")]
        for device in self._all("gate"):
            self._do(second, [(device, "state", "open")], "person")
            self._do(second + 60, [(device, "state", "closed")], "person")
        for device in self._all("climate"):
            wanted += self._tempered(device, second)
        return wanted

    def _depart(self, second: float) -> None:
        """The last one out switches off what is on, and locks."""
        if self._where:
            return
        wanted: list[Wanted] = [
            (device, "power", "off")
            for device, state in self._state.items()
            if state.get("power") == "on" and self._dice.random() < 0.9
        ]
        wanted += [(device, "state", "locked") for device in self._all("lock")]
        self._do(second, wanted, "person")
        for device in self._all("gate"):
            self._do(second + 40, [(device, "state", "open")], "person")
            self._do(second + 130, [(device, "state", "closed")], "person")

    def _bedtime(self, second: float, bedroom: str) -> None:
        """Whoever goes to bed last makes the round."""
        if set(self._where.values()) - {bedroom}:
            return
        wanted: list[Wanted] = [
            (device, "power", "off")
            for device, state in self._state.items()
            if state.get("power") == "on" and device.room != bedroom and self._dice.random() < 0.85
        ]
        wanted += [(d, "state", "closed") for d in self._all("blinds")]
        wanted += [(d, "state", "locked") for d in self._all("lock")]
        self._do(second, wanted, "person")

    def _all_off(self, room: str) -> list[Wanted]:
        """Everything in a room off but the heating."""
        on = [d for d in self._in_room(room) if self._state[d].get("power") == "on"]
        return [(device, "power", "off") for device in on if device.kind != "climate"]

    # ------------------------------------------------------------ what runs by itself

    def _nobody(self, second: float, room: str) -> None:
        if room not in self._where.values():
            lamps = [d for d in self._in_room(room) if d.kind in ("light", "dimmer")]
            self._do(second, [(d, "power", "off") for d in lamps], "automation")

    def _sunset(self, second: float) -> None:
        lamps = [d for d in self._outdoors() if d.kind in ("light", "dimmer")]
        self._do(second, [(d, "power", "on") for d in lamps], "automation")

    def _curfew(self, second: float) -> None:
        lamps = [d for d in self._outdoors() if d.kind in ("light", "dimmer")]
        self._do(second, [(d, "power", "off") for d in lamps], "automation")

    def _garden(self, second: float) -> None:
        if self.climate.outdoors(self._clock(second)) > 15 and self.climate.cloud < 0.6:
            for device in self._all("water"):
                self._do(second, [(device, "power", "on")], "automation")
                self._do(second + 20 * MINUTE, [(device, "power", "off")], "automation")

    def _clean(self, second: float) -> None:
        if self._dice.random() < 0.35:
            for device in self._all("vacuum"):
                cause: Cause = "automation" if self._dice.random() < 0.5 else "person"
                self._do(second, [(device, "state", "cleaning")], cause)
                self._do(second + 50 * MINUTE, [(device, "state", "docked")], "automation")

    # ------------------------------------------------------------ doing and sensing

    def _do(self, second: float, wanted: Iterable[Wanted], cause: Cause) -> None:
        """Put actions on the agenda: at once as one operation, or one after the other."""
        wanted = list(wanted)
        if cause == "automation" or self._dice.random() < self.character.at_once:
            self._at(second, "step", wanted, cause)
            return
        for action in wanted:
            self._at(second, "step", [action], cause)
            if self._state[action[0]].get(action[1]) != action[2]:
                second += self._dice.uniform(1, 7)

    def _step(self, second: float, wanted: list[Wanted], cause: Cause) -> None:
        """Carry out what changes something, as one operation."""
        actions = []
        for device, field, value in wanted:
            if self._state[device].get(field) == value or self._broken(device, second):
                continue
            self._state[device][field] = value
            actions.append(Action(device.room, device.name, field, value))
            if cause == "person" and field == "power" and value == "on":
                self._maybe_fumble(second, device)
        if actions:
            self._record(second, tuple(actions), cause)

    def _maybe_fumble(self, second: float, device: Device) -> None:
        """A switch is pressed by mistake, or once more."""
        if self._dice.random() < self.character.fumble:
            pause = self._dice.uniform(5, 90)
            self._at(second + pause, "step", [(device, "power", "off")], "person")
            again = second + pause * self._dice.uniform(1.2, 4)
            self._at(again, "step", [(device, "power", "on")], "person")

    def _record(self, second: float, actions: tuple[Action, ...], cause: Cause) -> None:
        time = self._clock(second)
        self._log.append(
            Operation(
                time=time,
                env=self._environment(second, time, {action.room for action in actions}),
                actions=actions,
                cause=cause,
                origin="simulated",
            )
        )

    def _environment(self, second: float, time: datetime, rooms: set[str]) -> tuple[Reading, ...]:
        """What the sensors of these rooms and the weather say."""
        outdoors = self.climate.outdoors(time)
        readings = []
        for room in sorted(rooms):
            if self._broken(room, second):
                continue
            lamps = [d for d in self._in_room(room) if d.kind in ("light", "dimmer")]
            lit = sum(self._state[lamp]["power"] == "on" for lamp in lamps)
            values: dict[str, Value] = {
                "temperature": round(20 + 0.12 * (outdoors - 10) + self._dice.gauss(0, 0.3), 1),
                "motion": "active" if room in self._where.values() else "inactive",
                "illuminance": round(self.climate.daylight(time) + 40 * lit),
                "humidity": round(50 + self._dice.gauss(0, 4)),
            }
            sensed = self.house.sensors.get(room, ())
            readings += [Reading(room, indicator, values[indicator]) for indicator in sensed]
        readings.append(Reading("Outside", "temperature", round(outdoors, 1)))
        sun = "above_horizon" if self.climate.sun_height(time) > 0 else "below_horizon"
        return (*readings, Reading("Outside", "sun", sun))

    def _wanted(self, device: Device, second: float, room: str) -> bool:
        """Lamps when it is dark, fans when it is warm, the rest whenever the habit says so."""
        if device.kind in ("light", "dimmer"):
            return room not in self._automatic and self._is_dark(second, room)
        if device.kind == "fan":
            return self.climate.outdoors(self._clock(second)) > 23
        return True

    def _tempered(self, device: Device, second: float) -> list[Wanted]:
        outdoors = self.climate.outdoors(self._clock(second))
        cold, warm = outdoors < self.character.heat_below, outdoors > self.character.cool_above
        if not (cold or warm) or self._state[device].get("power") == "on":
            return []
        degrees = self.character.comfort + (3 if warm else 0) + self._dice.choice((-1, 0, 0, 0, 1))
        wanted: list[Wanted] = [(device, "power", "on")]
        wanted.append((device, "mode", "cool" if warm else "heat"))
        return [*wanted, (device, "temperature", degrees)]

    def _is_dark(self, second: float, room: str = "") -> bool:
        """Too dark to do without a lamp; bathrooms and halls have no windows."""
        use = self.house.uses.get(room, "outdoor")
        if use == "outdoor":
            return self.climate.sun_height(self._clock(second)) < 0.03
        return (
            use in ("bath", "other")
            or self.climate.daylight(self._clock(second)) < self.character.dark
        )

    def _room_for(self, person: int, stay: Stay) -> str:
        """The person's room for that use, else the nearest thing to it."""
        if (person, stay.use) not in self._rooms:
            nearest = {"kids": "guest", "work": "bed", "dining": "kitchen"}
            uses = (stay.use, nearest.get(stay.use, "living"), "living", "bed", "kitchen")
            rooms = next(filter(None, map(self.house.rooms_for, uses)), list(self.house.uses))
            shared = rooms[0] if stay.use in ("bed", "living", "kitchen") else None
            self._rooms[person, stay.use] = shared or self._dice.choice(rooms)
        return self._rooms[person, stay.use]

    def _all(self, kind: str) -> list[Device]:
        return [device for device in self.house.devices if device.kind == kind]

    def _in_room(self, room: str) -> list[Device]:
        return [device for device in self.house.devices if device.room == room]

    def _outdoors(self) -> list[Device]:
        return [d for d in self.house.devices if self.house.uses[d.room] == "outdoor"]

    def _broken(self, thing: Device | str, second: float) -> bool:
        return self._broken_until.get(thing, -1.0) > second

    def _clock(self, second: float) -> datetime:
        """Wall-clock time; an hour that daylight saving skips is moved as clocks move."""
        naive = datetime.combine(self._start, datetime.min.time()) + timedelta(seconds=int(second))
        return naive.replace(tzinfo=self._zone).astimezone(UTC).astimezone(self._zone)


def _family(device: Device) -> str:
    return "light" if device.kind == "dimmer" else device.kind


def _likelihood(dice: random.Random, middle: float) -> float:
    """Most habits are near the typical one; every fifth device is hardly ever used for this."""
    if dice.random() < 0.2:
        return dice.uniform(0, 0.1)
    return dice.betavariate(8 * middle, 8 * (1 - middle))


def _changed(person: Person, dice: random.Random) -> Person:
    """A new job or season of life: times shift for good."""
    return replace(
        person,
        wake=person.wake + dice.gauss(0, 30),
        leave=person.leave + dice.gauss(0, 30),
        bed=person.bed + dice.gauss(0, 25),
    )

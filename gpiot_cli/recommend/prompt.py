"""DevPiolt's prompt (Fig. 4): devices, history, present time and environment; then the action.

The history is the reply's beginning, so a new operation only adds to the prompt's end and the
engine's cached prompt serves the next call.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from gpiot_cli.engine.adapters import AdapterSet
from gpiot_cli.engine.protocol import Prompt
from gpiot_cli.errors import GpiotError
from gpiot_cli.prompts import render
from gpiot_cli.recommend.describe import describe
from gpiot_cli.recommend.home import Candidate, Home
from gpiot_cli.recommend.records import Operation, Reading, Value

HISTORY = 60
"""Operations in the prompt, at least; at twice as many the older half is dropped at once, because
dropping one each time would change the prompt's beginning each time."""

MOST_VALUES = 8
"""Values shown per field."""


class Style(NamedTuple):
    """What prompts are like; adapters answer those best that they were trained on."""

    history: int = HISTORY
    """Operations in the prompt, at least."""
    text_first: bool = False
    """Whether the description stands before the action."""


def style(
    adapters: AdapterSet | None, history: int | None = None, text_first: bool | None = None
) -> Style:
    """What is asked for, else what the adapters were trained on, else the default.

    Raises `GpiotError` where what is asked for is not what they were trained on.
    """
    return Style(
        _agreed(adapters, "history", history, HISTORY),
        _agreed(adapters, "text first", text_first, False),
    )


def _agreed(adapters: AdapterSet | None, name: str, asked: Any, default: Any) -> Any:
    trained = adapters.card.settings.get(name) if adapters else None
    if asked is None or adapters is None or trained is None:
        return next(value for value in (asked, trained, default) if value is not None)
    if asked != trained:
        raise GpiotError(
            f"The adapters {adapters.card.name} were trained with {name} {trained}, not {asked}.",
            f"Leave out --{name.replace(' ', '-')}: prompts are as the adapters know them.",
        )
    return asked


class LogPrompt:
    """The prompt for a home's next operation, growing with the log."""

    def __init__(self, history: int = HISTORY, text_first: bool = False) -> None:
        self._history = history
        self._text_first = text_first
        self._lines: list[str] = []
        self._day = ""
        self._said: dict[tuple[str, str], Value] = {}
        self._devices: list[str] = []

    def append(self, operation: Operation, readings: Iterable[Reading], home: Home) -> None:
        """Add an operation and the readings known before it."""
        if len(self._lines) + 1 >= 2 * self._history:
            self._lines = self._lines[-self._history :] if self._history else []
            self._day, self._said = "", {}
            self.list_devices(home)
        elif not self._devices:
            self.list_devices(home)
        start = self._line(operation.time, readings)
        self._lines.append(f"{start}{self.continuation(operation.actions)}\n")
        self._day = _day(operation.time)
        self._said.update({(r.room, r.indicator): r.value for r in readings})

    def list_devices(self, home: Home) -> None:
        """Renew the list of devices. It stands before the log, so this is for where a log begins."""
        self._devices = device_list(home)

    def render(self, time: datetime, readings: Iterable[Reading]) -> Prompt:
        """The prompt up to the arrow after which the next operation is written."""
        prompt = render("recommend", devices=self._devices)
        log = "".join(self._lines) + self._line(time, readings)
        return Prompt(prompt.system, prompt.user, log)

    def continuation(self, candidate: Candidate) -> str:
        """What the model would write for `candidate`: the action, or its description first."""
        written = " and ".join(
            f"{a.room}/{a.device} {a.field}={_value(a.value)}" for a in candidate
        )
        return f" {_plain(f'{describe(candidate)} {written}' if self._text_first else written)}"

    def _line(self, time: datetime, readings: Iterable[Reading]) -> str:
        """Only what changed is said: the day when it begins, a reading when it is another."""
        day = _day(time)
        parts = [] if day == self._day and self._lines else [f"{day}\n"]
        news = [
            f", {r.room} {r.indicator} {_value(r.value)}"
            for r in readings
            if self._said.get((r.room, r.indicator)) != r.value
        ]
        return _plain("".join([*parts, f"{time:%H:%M}", *news, " ->"]))


def device_list(home: Home) -> list[str]:
    """One line per device: its fields and the values seen."""
    values: dict[tuple[str, str], dict[str, list[str]]] = {}
    for candidate in home.candidates:
        for action in candidate:
            seen = values.setdefault(action[:2], {}).setdefault(action.field, [])
            if (value := _value(action.value)) not in seen:
                seen.append(value)
    return [
        f"{room}/{device} "
        + ", ".join(f"{field}={'|'.join(seen[:MOST_VALUES])}" for field, seen in fields.items())
        for (room, device), fields in sorted(values.items())
    ]


def _day(time: datetime) -> str:
    return f"{time:%a %Y-%m-%d}"


def _value(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(text: str) -> str:
    """Names come from outside: they must not close the model's turn with a control token."""
    return text.replace("<|", "< |")

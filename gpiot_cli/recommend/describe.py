"""An operation as one sentence that names the room."""

from collections.abc import Callable
from math import floor

from gpiot_cli.recommend.home import Candidate
from gpiot_cli.recommend.records import MOMENTARY, Action

VERBS = {
    "on": "Turn on",
    "off": "Turn off",
    "true": "Turn on",
    "false": "Turn off",
    "open": "Open",
    "close": "Close",
    "closed": "Close",
    "lock": "Lock",
    "locked": "Lock",
    "unlock": "Unlock",
    "unlocked": "Unlock",
    "play": "Start playing on",
    "playing": "Start playing on",
    "pause": "Pause",
    "paused": "Pause",
    "start": "Start",
    "stop": "Stop",
}

SWITCHES = {"power", "switch", "state", "playback", "value", MOMENTARY}
"""Fields that say what the whole device does: a TV whose `mute` is on is not turned on by that."""

UNITS = {"brightness": "%", "position": "%", "volume": "%", "humidity": "%", "temperature": "°"}


def describe(candidate: Candidate) -> str:
    """ "Turn on the sofa lamp in the Living Room and set its brightness to 40%." """
    parts: list[str] = []
    previous: Action | None = None
    for action in candidate:
        same = previous is not None and previous[:2] == action[:2]
        parts.append(_phrase(action, same))
        previous = action
    sentence = " and ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def percent(share: float, rounding: Callable[[float], int] = floor) -> str:
    """A probability rounded down; a threshold is rounded up with `ceil`.

    So what is below a threshold never reads as if it reached it.
    """
    return f"{rounding(round(share * 100, 6))}%"


def _phrase(action: Action, same_device: bool) -> str:
    value = str(action.value).lower()
    where = "it" if same_device else f"{_the(action.device)} in {_the(action.room)}"
    if action.field in SWITCHES and value in VERBS:
        verb = VERBS[value]
        return f"{verb[:1].lower()}{verb[1:]} {where}"
    amount = action.value
    if isinstance(amount, float):
        amount = f"{amount:g}"
    field = action.field.replace("_", " ")
    of = f"its {field}" if same_device else f"the {field} of {where}"
    return f"set {of} to {amount}{UNITS.get(action.field, '')}"


def _the(name: str) -> str:
    return name if name.lower().startswith(("the ", "my ")) else f"the {name}"

"""A suggestion as a Home Assistant automation (the syntax of 2024.10 and later)."""

import re
from datetime import datetime
from typing import Any

import yaml

from gpiot_cli.recommend.categories import category
from gpiot_cli.recommend.describe import describe
from gpiot_cli.recommend.explain import clock, explain, follows, habit
from gpiot_cli.recommend.home import Home
from gpiot_cli.recommend.records import Action

DOMAINS = {
    "light": "light",
    "AC": "climate",
    "fan": "fan",
    "cover": "cover",
    "lock": "lock",
    "media": "media_player",
    "cleaner": "vacuum",
    "camera": "camera",
}

SERVICES = {
    ("cover", "open"): "cover.open_cover",
    ("cover", "closed"): "cover.close_cover",
    ("cover", "close"): "cover.close_cover",
    ("lock", "lock"): "lock.lock",
    ("lock", "locked"): "lock.lock",
    ("lock", "unlock"): "lock.unlock",
    ("lock", "unlocked"): "lock.unlock",
    ("media_player", "playing"): "media_player.media_play",
    ("media_player", "play"): "media_player.media_play",
    ("media_player", "paused"): "media_player.media_pause",
    ("media_player", "pause"): "media_player.media_pause",
}

SETTINGS = {
    "brightness": ("light", "light.turn_on", "brightness_pct"),
    "color_temperature": ("light", "light.turn_on", "color_temp_kelvin"),
    "temperature": ("climate", "climate.set_temperature", "temperature"),
    "hvac_mode": ("climate", "climate.set_hvac_mode", "hvac_mode"),
    "mode": ("climate", "climate.set_hvac_mode", "hvac_mode"),
    "position": ("cover", "cover.set_cover_position", "position"),
    "fan_mode": ("climate", "climate.set_fan_mode", "fan_mode"),
}

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
WEEKEND = ["sat", "sun"]


def automation(number: int, time: datetime, home: Home) -> str:
    """YAML for `automations.yaml` or the automation editor.

    It fires after the operation that this one follows, if it follows it more often than it keeps
    to a time of day, else at the habit's usual time. Logs hold names, not entity ids: those here
    are what Home Assistant makes of such names, and a comment says so.
    """
    candidate = home.candidates[number]
    found, sequel = habit(number, time, home), follows(number, home)
    body: dict[str, Any] = {
        "alias": describe(candidate).rstrip("."),
        "description": "; ".join(explain(number, time, home)) or "suggested by devpiolt",
    }
    strength = found.days / found.of if found else 0.0
    trigger = _state_trigger(home, sequel.after) if sequel else None
    if sequel and trigger and sequel.times / sequel.of > strength:
        body["triggers"] = [trigger]
        body["conditions"] = []
    else:
        at = clock(found.usual) if found else f"{time:%H:%M}"
        weekend = found.weekend if found else time.weekday() >= 5
        body["triggers"] = [{"trigger": "time", "at": f"{at}:00"}]
        body["conditions"] = [{"condition": "time", "weekday": WEEKEND if weekend else WEEKDAYS}]
    body["actions"] = [_call(action, home) for action in candidate]
    body["mode"] = "single"
    text = yaml.safe_dump([body], sort_keys=False, allow_unicode=True, width=100)
    return (
        f"# The entity ids are guessed from the names in the log: compare them with yours.\n{text}"
    )


def _state_trigger(home: Home, number: int) -> dict[str, Any] | None:
    action = home.candidates[number][0]
    if str(action.value).lower() not in ("on", "off", "open", "closed", "locked", "unlocked"):
        return None
    return {
        "trigger": "state",
        "entity_id": _entity(action, home),
        "to": str(action.value).lower(),
    }


def _call(action: Action, home: Home) -> dict[str, Any]:
    entity = _entity(action, home)
    domain = entity.partition(".")[0]
    value = str(action.value).lower()
    target = {"entity_id": entity}
    if service := SERVICES.get((domain, value)):
        return {"action": service, "target": target}
    if action.field in SETTINGS:
        _, service, key = SETTINGS[action.field]
        return {"action": service, "target": target, "data": {key: _plain(action.value)}}
    on = value not in ("off", "false")
    return {"action": f"homeassistant.turn_{'on' if on else 'off'}", "target": target}


def _entity(action: Action, home: Home) -> str:
    if re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", action.device):
        return action.device
    device = action[:2]
    fields = home.devices[device]
    domain = next(
        (SETTINGS[field][0] for field in sorted(fields) if field in SETTINGS),
        DOMAINS.get(category(device, fields), "switch"),
    )
    slug = re.sub(r"[^a-z0-9]+", "_", action.device.lower()).strip("_")
    return f"{domain}.{slug or 'unnamed'}"


def _plain(value: object) -> object:
    """Numbers that a log holds as text become numbers."""
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number.is_integer() else number
    return value

"""Which kind of device an operation is about, as far as its names tell."""

import re
from collections.abc import Collection

from gpiot_cli.recommend.home import Device

KINDS = (
    ("fan", r"\bfans?\b(?!.*(light|lamp))|ventilat"),
    ("light", r"light|lamp|bulb|chandelier|\bleds?\b|\bceiling|\bhue\b"),
    ("AC", r"\bac\b|air ?con|thermostat|climate|\bheat|hvac|radiator"),
    ("warmer", r"boiler|warmer|kettle"),
    ("camera", r"camera|doorbell"),
    ("cover", r"curtain|blind|shade|shutter|\bcover|garage|\bgate"),
    ("lock", r"\b(door)?lock"),
    ("media", r"\btv\b|television|speaker|\bsound|\bmusic|player|\bradio|theat(er|re)"),
    ("cleaner", r"vacuum|robot|mower"),
)
"""The first whose pattern is found: a ceiling fan is a fan, an OLED TV no LED, a clock no lock."""

NO_LETTERS = re.compile(r"[\W\d_]+|(?<=[a-z])(?=[A-Z])")
"""What stands between the words of a name: "hall_fan2" and "HallFan" are two."""

FIELDS = {
    "brightness": "light",
    "hue": "light",
    "color_temperature": "light",
    "hvac_mode": "AC",
    "position": "cover",
    "volume": "media",
}


def category(device: Device, fields: Collection[str]) -> str:
    """One of KINDS by the device's fields or name, else "switch"."""
    for field in fields:
        if field in FIELDS:
            return FIELDS[field]
    words = NO_LETTERS.sub(" ", device[1]).lower()
    return next((kind for kind, pattern in KINDS if re.search(pattern, words)), "switch")


def device_count(devices: int) -> str:
    """The paper's classes of homes."""
    return next(
        (name for most, name in ((5, "1-5"), (10, "6-10"), (20, "11-20")) if devices <= most), "20+"
    )

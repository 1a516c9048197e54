"""Which kind of device an operation is about, as far as its names tell."""

import re
from collections.abc import Collection

from gpiot_cli.recommend.home import Device

KINDS = (
    ("light", r"light|lamp|led|bulb|ceiling|chandelier|hue"),
    ("AC", r"\bac\b|air.?con|thermostat|climate|heat|hvac|radiator"),
    ("fan", r"\bfan\b|ventilat"),
    ("warmer", r"boiler|warmer|kettle"),
    ("camera", r"camera|doorbell"),
    ("cover", r"curtain|blind|shade|shutter|cover|garage|gate"),
    ("lock", r"lock"),
    ("media", r"\btv\b|television|speaker|sound|music|player|radio"),
    ("cleaner", r"vacuum|robot|mower"),
)

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
    name = device[1].lower()
    return next((kind for kind, pattern in KINDS if re.search(pattern, name)), "switch")


def device_count(devices: int) -> str:
    """The paper's classes of homes."""
    return next(
        (name for most, name in ((5, "1-5"), (10, "6-10"), (20, "11-20")) if devices <= most), "20+"
    )

"""Kinds of devices, as far as their names tell."""

import pytest

from gpiot_cli.recommend.categories import category


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Ceiling Fan", "fan"),
        ("hall_fan2", "fan"),
        ("Ceiling fan light", "light"),
        ("ceiling II", "light"),
        ("Nightlight", "light"),
        ("LED strip", "light"),
        ("OLED TV", "media"),
        ("Home Theater", "media"),
        ("SmartTV", "media"),
        ("Sauna Heater", "AC"),
        ("A.C. (air-con)", "AC"),
        ("Front door lock", "lock"),
        ("Alarm Clock", "switch"),
        ("bathtube", "switch"),
    ],
)
def test_a_name_tells_the_kind(name: str, kind: str) -> None:
    assert category(("Room", name), ["power"]) == kind


def test_fields_tell_more_than_the_name() -> None:
    assert category(("Room", "Fan"), ["power", "brightness"]) == "light"

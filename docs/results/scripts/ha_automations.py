"""Writes the automations of every operation of some homes, and of the tests, into one file.

    devpiolt simulate --homes 10 --days 30 --out homes
    PYTHONPATH=tests python ha_automations.py automations.yaml homes/*.simulated.jsonl

Home Assistant's own check reads it: `hass --script check_config --config DIR`, where DIR holds it
beside a `configuration.yaml` with the line `automation: !include automations.yaml`.
"""

import sys
from contextlib import suppress
from pathlib import Path

import test_automation
import yaml

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.automation import automation
from gpiot_cli.recommend.home import Home
from gpiot_cli.recommend.records import Action, Device, Operation, read_operations


def main() -> None:
    """Write the file and say how many there are."""
    out, *logs = map(Path, sys.argv[1:])
    texts = list(of_the_tests())
    for log in logs:
        operations = [o for o in read_operations(log) if isinstance(o, Operation)]
        home = Home()
        for operation in operations:
            home.learn(operation)
        for number in range(len(home.candidates)):
            with suppress(GpiotError):  # neither the clock nor a state tells when
                texts.append(automation(number, operations[-1].time, home))
    found = [one for text in texts for one in yaml.safe_load(text)]
    for number, one in enumerate(found):  # ids and names are their own
        one |= {"id": f"{one['id']}-{number}", "alias": f"{one['alias']} {number}"}
    out.write_text(yaml.safe_dump(found, sort_keys=False))
    print(len(found))


def of_the_tests():
    """What `test_automation.py` makes of each kind of entity."""
    time = test_automation.MONDAY
    for function in vars(test_automation).values():
        for mark in getattr(function, "pytestmark", []):
            if mark.name == "parametrize" and mark.args[0] == ("entity", "fields"):
                for entity, fields in mark.args[1]:
                    actions = tuple(Action("Room", "It", *field) for field in fields.items())
                    home = Home()
                    home.learn(Operation(time=time, actions=actions))
                    device = Device(room="Room", device="It", entity=entity)
                    yield automation(0, time, home, [device])


if __name__ == "__main__":
    main()

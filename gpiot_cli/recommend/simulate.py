"""`devpiolt simulate`: logs of homes that do not exist, for demos, tests and training.

No real log that was found may be shipped. `docs/home-jsonl.md` states the rules of the simulation
and compares its statistics with a real home. Every record says `"origin": "simulated"` and every
file ends in `.simulated.jsonl`.
"""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from gpiot_cli.files import write_atomic
from gpiot_cli.paths import PACKAGE
from gpiot_cli.recommend.simulation.devices import furnish, load_houses
from gpiot_cli.recommend.simulation.household import Household

HOMES = PACKAGE / "recommend" / "homes"
"""Device lists of home-assistant-datasets (Apache-2.0)."""
START = date(2024, 3, 4)
"""A Monday; all simulated homes begin on it."""


def simulate(
    homes: int, days: int, seed: int, out: Path, devices: Path = HOMES
) -> Iterator[tuple[Path, int]]:
    """Write one log per home to `out`, taking the device lists in turn; yields path and operations.

    The same seed and number give the same home, whatever the other numbers are; a longer
    simulation is another one, not the shorter one continued.
    """
    houses = load_houses(devices)
    for number in range(homes):
        dice = random.Random(f"{seed}/{number}")
        house = furnish(houses[number % len(houses)], dice)
        log = Household(house, START, days, dice).live()
        path = out / f"home-{number + 1:03}-{house.name}.simulated.jsonl"
        write_atomic(path, "".join(operation.to_line() + "\n" for operation in log))
        yield path, len(log)

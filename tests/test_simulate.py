"""`devpiolt simulate` and the shipped demo home."""

import itertools
import json
from collections import defaultdict
from pathlib import Path

import pytest

from gpiot_cli.cli.devpiolt import app
from gpiot_cli.cli.main import run
from gpiot_cli.paths import PACKAGE
from gpiot_cli.recommend.records import Operation, read_operations
from gpiot_cli.recommend.simulate import HOMES

DEMO = PACKAGE / "data" / "home" / "demo.simulated.jsonl"


def simulated(out: Path, *options: str) -> list[Path]:
    assert run(app, "devpiolt", ["simulate", "--out", str(out), *options]) == 0
    return sorted(out.iterdir())


def records(path: Path) -> list[Operation]:
    found = list(read_operations(path))
    assert all(isinstance(operation, Operation) for operation in found)
    return [operation for operation in found if isinstance(operation, Operation)]


def test_same_seed_same_homes_and_another_seed_others(tmp_path: Path) -> None:
    first = simulated(tmp_path / "a", "--homes", "3", "--days", "9", "--seed", "5")
    again = simulated(tmp_path / "b", "--homes", "2", "--days", "9", "--seed", "5")
    other = simulated(tmp_path / "c", "--homes", "1", "--days", "9", "--seed", "6")
    assert [path.read_bytes() for path in first[:2]] == [path.read_bytes() for path in again]
    assert first[0].read_bytes() != other[0].read_bytes()
    assert len({path.name for path in first}) == 3


def test_every_simulated_record_and_file_says_so(tmp_path: Path) -> None:
    for path in simulated(tmp_path, "--homes", "2", "--days", "5"):
        assert path.name.endswith(".simulated.jsonl")
        assert {operation.origin for operation in records(path)} == {"simulated"}


def test_a_year_is_like_a_home(tmp_path: Path) -> None:
    (path,) = simulated(
        tmp_path, "--days", "365", "--seed", "2", "--devices", str(HOMES / "home1-nl.yaml")
    )
    log = records(path)
    times = [operation.time for operation in log]
    assert times == sorted(times)
    assert len({time.utcoffset() for time in times}) == 2, "no daylight saving"
    days = {time.date() for time in times}
    assert 300 < len(days) < 366, "no day is ever missed"
    assert 10 < len(log) / len(days) < 80
    assert 0.01 < sum(len(o.actions) > 1 for o in log) / len(log) < 0.3
    assert {operation.cause for operation in log} <= {"person", "automation"}
    night = sum(2 <= time.hour < 5 for time in times) / len(times)
    assert night < 0.06
    lamps = defaultdict(int)
    for operation in log:
        for room, device, field, value in operation.actions:
            if (device, field, value) == ("Philips Hue", "power", "on"):
                lamps[operation.time.month in (11, 12, 1)] += 1
            assert room
    assert lamps[True] / 3 > lamps[False] / 9, "lamps are not lit more in the dark season"
    winter = [r.value for o in log for r in o.env if r[:2] == ("Outside", "temperature")
              and o.time.month in (1, 2)]  # fmt: skip
    summer = [r.value for o in log for r in o.env if r[:2] == ("Outside", "temperature")
              and o.time.month in (7, 8)]  # fmt: skip
    assert sum(map(float, summer)) / len(summer) > sum(map(float, winter)) / len(winter) + 6


def test_no_lamp_is_switched_on_that_is_on(tmp_path: Path) -> None:
    (path,) = simulated(tmp_path, "--days", "60", "--seed", "4")
    states: dict[tuple[str, ...], list[object]] = defaultdict(list)
    for operation in records(path):
        for room, device, field, value in operation.actions:
            states[room, device, field].append(value)
    twice = sum(a == b for values in states.values() for a, b in itertools.pairwise(values))
    assert twice <= 10  # only around days that the log misses


def test_own_device_list_and_what_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("devices:\n  Kitchen:\n  - {name: Lamp, device_type: light}\n")
    (path,) = simulated(tmp_path / "out", "--days", "20", "--devices", str(mine))
    assert {a.device for o in records(path) for a in o.actions} == {"Lamp"}
    mine.write_text("devices: [lamp")
    assert run(app, "devpiolt", ["simulate", "--out", "x", "--devices", str(mine)]) == 1
    assert "is no YAML" in capsys.readouterr().err


def test_shipped_homes_name_their_source() -> None:
    lists = sorted(HOMES.glob("*.yaml"))
    assert len(lists) >= 6
    for path in lists:
        head = path.read_text()[:300]
        assert "home-assistant-datasets" in head
        assert "Apache-2.0" in head


def test_demo_is_small_and_simulated() -> None:
    assert DEMO.stat().st_size < 300_000
    lines = [json.loads(line) for line in DEMO.read_text().splitlines()]
    assert len(lines) > 500
    assert all(line["origin"] == "simulated" for line in lines)

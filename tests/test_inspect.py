"""`devpiolt inspect`: what a home's log shows."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gpiot_cli.cli.devpiolt import app
from gpiot_cli.cli.main import run
from gpiot_cli.paths import PACKAGE

DEMO = PACKAGE / "data" / "home" / "demo.simulated.jsonl"
ZONE = ZoneInfo("Europe/Amsterdam")


def line(time: datetime, value: object = "on", **more: object) -> str:
    actions = [["Bedroom", "Lamp", "power" if isinstance(value, str) else "brightness", value]]
    return json.dumps({"time": time.isoformat(), "actions": actions, **more}) + "\n"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Three weeks: a lamp at about 22:50 on weekdays but the last Friday, and a dimmer once a day."""
    path = tmp_path / "home.jsonl"
    start = datetime(2025, 3, 3, tzinfo=ZONE)
    lines = []
    for day in range(21):
        midnight = start + timedelta(days=day)
        if midnight.weekday() < 5 and day != 18:
            lines.append(line(midnight + timedelta(hours=22, minutes=45 + day % 9), cause="person"))
        lines.append(line(midnight + timedelta(hours=(7 * day) % 24), 5 * day))
    path.write_text("".join(lines) + "{broken\n")
    return path


def test_json_counts_habits_and_verdict(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, "devpiolt", ["inspect", "--logs", str(logs), "--json"]) == 0
    told = capsys.readouterr()
    home = json.loads(told.out)
    assert "line 36 is no record" in told.err
    assert (home["operations"], home["days"], home["bad_lines"]) == (35, 21, 1)
    assert home["devices"][0]["fields"] == {
        "brightness": {"lowest": 0, "highest": 100, "most_often": 0},
        "power": {"on": 14},
    }
    assert home["habits"][0] == {
        "action": ["Bedroom", "Lamp", "power", "on"],
        "days": "weekdays",
        "start": "22:45",
        "end": "23:25",
        "kept": 14,
        "of": 15,
    }
    assert home["verdict"] == "too little"
    assert sum(map(sum, home["week"])) == 35
    assert home["week"][0][22] == 3


def test_words_and_picture_of_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    png = tmp_path / "week.png"
    assert run(app, "devpiolt", ["inspect", "--logs", str(DEMO), "--png", str(png)]) == 0
    told = capsys.readouterr().out
    assert "simulated operations" in told
    assert "History: good" in told
    assert "of the last 22 weekdays between" in told
    assert png.read_bytes().startswith(b"\x89PNG")
    assert png.stat().st_size > 10_000


@pytest.mark.parametrize(("text", "said"), [(None, "no file"), ("{}\n", "holds no operations")])
def test_nothing_to_inspect(
    text: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "home.jsonl"
    if text is not None:
        path.write_text(text)
    assert run(app, "devpiolt", ["inspect", "--logs", str(path)]) == 1
    assert said in capsys.readouterr().err

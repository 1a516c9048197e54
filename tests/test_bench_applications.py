"""Each task of `gpiot bench tasks` can be solved, and a plausible wrong program is found out."""

import json
from pathlib import Path

import pytest

from gpiot_cli.bench.application_data import SOURCES, cases
from gpiot_cli.bench.applications import Bench, load_tasks, measure, settings
from gpiot_cli.bench.judging import Judge
from gpiot_cli.bench.results import Results
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.knowledge.recipe import load_recipes
from gpiot_cli.knowledge.store import Knowledge

SIGNALS = Path(__file__).parents[2] / "shared" / "data" / "signals"
TASKS = {task.name: task for task in load_tasks()}

RIGHT = {
    "ppg_heart_rate": """
from recipes.ppg_heart_rate_spectrum import ppg_heart_rate_spectrum
def estimate_heart_rate(ppg, fs):
    return ppg_heart_rate_spectrum(ppg, fs)[0]
""",
    "step_count": """
from recipes.step_count import step_count
def count_steps(acceleration, fs):
    return step_count(acceleration, fs)[0]
""",
    "csi_breathing": """
from recipes.csi_breathing_rate import csi_breathing_rate
def estimate_breathing_rate(csi, fs):
    return csi_breathing_rate(csi, fs)[0]
""",
    "sound_direction": """
from recipes.direction_of_arrival import direction_of_arrival
def find_azimuth(sound, positions, fs):
    return direction_of_arrival(sound, positions, fs)[0]
""",
    "people_from_co2": """
from recipes.co2_occupancy import co2_occupancy
def estimate_people(co2, interval_s, volume, air_changes):
    return co2_occupancy(co2, interval_s, volume, air_changes)
""",
    "room_occupancy": """
from sklearn.linear_model import LogisticRegression
def predict_occupancy(features, labels, new_features):
    return LogisticRegression(max_iter=1000).fit(features, labels).predict(new_features)
""",
    "uart_decode": """
def decode_uart(levels, fs, baud):
    bit, text, i = fs / baud, "", 0
    while i < len(levels):
        if levels[i]:
            i += 1
            continue
        bits = [int(levels[int(i + (k + 1.5) * bit)]) for k in range(8)]
        text += chr(sum(b << k for k, b in enumerate(bits)))
        i += int(9.5 * bit)
    return text
""",
    "breathing_pauses": """
import numpy as np
def count_breathing_pauses(respiration, fs):
    window = int(4 * fs)
    spread = [np.ptp(respiration[i:i + window]) for i in range(len(respiration) - window)]
    still = np.array(spread) < 0.35 * np.percentile(spread, 80)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
    lengths = (edges[1::2] - edges[::2] + window) / fs
    return int((lengths >= 10).sum())
""",
    "geofence_entries": """
import numpy as np
def count_entries(latitude, longitude, home_latitude, home_longitude, radius):
    north = np.radians(latitude - home_latitude) * 6371000
    east = np.radians(longitude - home_longitude) * 6371000 * np.cos(np.radians(home_latitude))
    inside = np.hypot(north, east) <= radius
    return int((inside[1:] & ~inside[:-1]).sum())
""",
    "carbon_monoxide_8h": """
import pandas as pd
def highest_8_hour_mean(co):
    valid = pd.Series(co).where(co != -200)
    return float(valid.rolling(8, min_periods=6).mean().max())
""",
}

WRONG = {
    "ppg_heart_rate": "def estimate_heart_rate(ppg, fs):\n    return 110.0\n",
    "step_count": "def count_steps(acceleration, fs):\n    return len(acceleration)\n",
    "csi_breathing": "def estimate_breathing_rate(csi, fs):\n    return 0.3\n",
    "sound_direction": "def find_azimuth(sound, positions, fs):\n    return 90.0\n",
    "people_from_co2": (
        "def estimate_people(co2, interval_s, volume, air_changes):\n    return (co2 - 420) / 100\n"
    ),
    "room_occupancy": (
        "def predict_occupancy(features, labels, new_features):\n"
        "    return (new_features[:, 2] < 1).astype(int)\n"
    ),
    "uart_decode": RIGHT["uart_decode"].replace("b << k", "b << (7 - k)"),
    "breathing_pauses": "def count_breathing_pauses(respiration, fs):\n    return 3.5\n",
    "geofence_entries": RIGHT["geofence_entries"].replace("inside[1:] & ~inside[:-1]", "inside"),
    "carbon_monoxide_8h": "def highest_8_hour_mean(co):\n    return float(co.mean())\n",
}


@pytest.mark.parametrize("name", TASKS)
def test_right_programs_pass_and_wrong_ones_fail(name: str, tmp_path: Path) -> None:
    if TASKS[name].source.startswith("real") and not SIGNALS.is_dir():
        pytest.skip("the data sets are not here")
    bench = Bench(TASKS[name], SIGNALS, tmp_path)
    right, wrong = bench.judge_program(RIGHT[name]), bench.judge_program(WRONG[name])
    assert right["ran"], right["records"]
    assert right["right"], right["records"]
    assert wrong["ran"], wrong["records"]
    assert not wrong["right"], wrong["records"]


def test_five_tasks_have_a_recipe_and_five_have_none() -> None:
    assert TASKS.keys() == SOURCES.keys() == RIGHT.keys()
    named = [task.recipe for task in TASKS.values() if task.recipe]
    assert len(named) == 5
    assert len(TASKS) == 10
    assert set(named) <= load_recipes().keys()


@pytest.mark.parametrize("name", [n for n, t in TASKS.items() if t.source.startswith("simulated")])
def test_simulated_recordings_are_the_same_every_time(name: str) -> None:
    first, again = cases(name, SIGNALS), cases(name, SIGNALS)
    assert str([case.truth for case in first]) == str([case.truth for case in again])
    assert len({str(case.values) for case in first}) == len(first)


def test_the_answer_is_found_by_kind_and_name() -> None:
    number = Judge(kind="number")
    outputs = [("report", "72 bpm"), ("confidence", 0.8), ("heart_rate", 72.0), ("raw", [1, 2])]
    assert number.find(outputs, "heart_rate") == 72.0
    assert number.find(outputs[:2], "heart_rate") == 0.8  # no name fits: the first of the kind
    assert number.find([("result", {"mean": 1.0, "rate": 2.0})], "heart_rate") == 2.0
    with pytest.raises(ValueError, match="no output is of the kind"):
        number.find([("flag", True), ("text", "3")], "steps")
    assert Judge(kind="angle", tolerance=2).is_right(359.0, 0.5)
    assert not number.is_right(float("nan"), 3)


def test_measuring_goes_on_where_it_stopped(tmp_path: Path) -> None:
    task = TASKS["geofence_entries"]
    reply = f"A count.\n\n```python{RIGHT['geofence_entries']}```"
    engine = ScriptedEngine({"direct": [reply, "no code"]})
    bench = Bench(task, SIGNALS, tmp_path / task.name)
    results = Results.open(tmp_path, "tasks", settings([bench], 2))

    def run(projects: int) -> None:
        measure(
            results,
            [bench],
            projects=projects,
            programs=2,
            candidates=2,
            engine=engine,
            knowledge=Knowledge.open(tmp_path / "knowledge"),
            say=lambda _: None,
        )

    run(0)
    assert [line["right"] for line in results.lines("direct")] == [True, False]
    asked = len(engine.requests)
    run(1)
    assert [request.stage for request in engine.requests[asked:]].count("direct") == 0
    (line,) = results.lines("system")
    assert line["whole run on the example"] == "passed"
    assert not line["right"]  # the scripted model only copies its input
    asked = len(engine.requests)
    run(1)
    assert len(engine.requests) == asked
    assert json.loads((tmp_path / "run.json").read_text())["settings"]["candidates"] == 2

"""Recognition from several kinds of sensors, in the place of the paper's Harmony (Fig. 16).

Harmony (audio, depth camera, radar) could not be had. What stands in is the UCI room occupancy set:
temperature with CO2, light and sound of one room, recorded together, and how many people were in it.
It is real and multimodal, but it is no activity recognition and far easier on memory, so its numbers
say nothing of the paper's; only the comparison of programs on it is meant.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from gpiot_cli.bench.application_data import Case
from gpiot_cli.bench.recognition import Task
from gpiot_cli.errors import GpiotError
from gpiot_cli.synthesis.specification import Specification, parse_parameter

STATEMENT = (
    "Count the people in a room from three kinds of sensors: train a classifier that fuses air, light "
    "and sound of the labelled moments, and give the number of people at each of the new moments"
)

MODALITIES = {
    "air": ("S1_Temp", "S2_Temp", "S3_Temp", "S4_Temp", "S5_CO2", "S5_CO2_Slope"),
    "light": ("S1_Light", "S2_Light", "S3_Light", "S4_Light"),
    "sound": ("S1_Sound", "S2_Sound", "S3_Sound", "S4_Sound"),
}
"""Three, as in the paper; the set's motion sensors are left out."""
MEANINGS = {
    "air": "temperature in Celsius at 4 places, CO2 in ppm and its slope, shape ({n}, 6)",
    "light": "light in lux at 4 places, shape ({n}, 4)",
    "sound": "sound level in volts at 4 places, shape ({n}, 4)",
}
LABEL = "Room_Occupancy_Count"

SPECIFICATION = Specification(
    name="count_people",
    target=STATEMENT,
    inputs=(
        *(
            parse_parameter(f"{name} (numpy.ndarray): {meaning.format(n='n')}, of labelled moments")
            for name, meaning in MEANINGS.items()
        ),
        parse_parameter("people (numpy.ndarray): number of people in labelled moments, shape (n,)"),
        *(
            parse_parameter(f"new_{name} (numpy.ndarray): {meaning.format(n='m')}, of new moments")
            for name, meaning in MEANINGS.items()
        ),
    ),
    outputs=(
        parse_parameter("new_people (numpy.ndarray): number of people in new moments, shape (m,)"),
    ),
)

REFERENCE = '''\
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def count_people(air, light, sound, people, new_air, new_light, new_sound):
    """Logistic regression on all sensors side by side."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(np.hstack([air, light, sound]), people)
    return model.predict(np.hstack([new_air, new_light, new_sound]))
'''

LEARNT = 0.7
EXAMPLE = 0.35
"""Projects are made on the first of the rows, of which every fourth is the example's new one."""

FACTS = (
    "UCI room occupancy (in place of Harmony, which could not be had), one row each 30 s; the first "
    "70% of the time are learnt from and the rest recognised (later), or 30% of the rows at random "
    "(random, seed 0), whose neighbours in time are learnt from. Projects are made on the first 35%, "
    "none of which is recognised in the split by time, but a part of which is in the random one"
)


def task(signals: Path) -> Task:
    """The task on the data sets in `signals`; a `GpiotError` when the data are not there."""
    path = signals / "uci_room_occupancy" / "Occupancy_Estimation.csv"
    try:
        table = pd.read_csv(path).ffill()  # a sensor's missing value is its last
    except OSError as error:
        raise GpiotError(
            f"The data of the room are not there: {path}.",
            "Name the folder that holds the data sets with --signals.",
        ) from error
    later = np.arange(len(table)) < round(LEARNT * len(table))
    drawn = np.random.default_rng(0).permutation(len(table)) < round(LEARNT * len(table))
    example = table[: round(EXAMPLE * len(table))]
    return Task(
        name="multimodal",
        statements={"room": STATEMENT},
        specification=SPECIFICATION,
        example=_case("example", example, np.arange(len(example)) % 4 != 0),
        splits={"later": _case("later", table, later), "random": _case("random", table, drawn)},
        reference=REFERENCE,
        facts=FACTS,
    )


def _case(name: str, table: pd.DataFrame, learnt: np.ndarray) -> Case:
    values: dict[str, object] = {}
    for modality, columns in MODALITIES.items():
        values[modality] = table.loc[learnt, list(columns)].to_numpy(dtype=float)
        values[f"new_{modality}"] = table.loc[~learnt, list(columns)].to_numpy(dtype=float)
    values["people"] = table.loc[learnt, LABEL].to_numpy(dtype=np.int64)
    ordered = {p.name: values[p.name] for p in SPECIFICATION.inputs}
    return Case(name, ordered, table.loc[~learnt, LABEL].to_numpy(dtype=np.int64))

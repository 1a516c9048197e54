"""Human activity recognition from Wi-Fi on WiAR (GPIoT, section 6.3.2 and Fig. 15).

The paper's statement (Fig. 13(b)) lets the program split the data and report its own accuracy, by
which a leak pays. Here the same task is put with the split made beforehand, in two ways: the last ten
repetitions of every activity (`repetitions`), which were recorded after those that are learnt from,
and ten drawn at random (`random`), as the paper's statement suggests. All recordings are of one
session, so even the first is no measure of another day or room.
"""

from pathlib import Path

import numpy as np

from gpiot_cli.bench.application_data import Case
from gpiot_cli.bench.recognition import Task
from gpiot_cli.errors import GpiotError
from gpiot_cli.synthesis.specification import Specification, parse_parameter

STATEMENT = (
    "Given labelled recordings of the Wi-Fi-based activity recognition (WiAR) dataset, perform human "
    "activity recognition: train a classifier on the amplitudes csi with their labels and give the "
    "activity of each recording in new_csi"
)

SPECIFICATION = Specification(
    name="recognise_activities",
    target=STATEMENT,
    inputs=(
        parse_parameter(
            "csi (numpy.ndarray): CSI amplitudes of labelled recordings, shape (n, 90, 250): 3 "
            "antennas x 30 subcarriers, 250 packets at about 30 Hz"
        ),
        parse_parameter("labels (numpy.ndarray): activity of each labelled recording, shape (n,)"),
        parse_parameter(
            "new_csi (numpy.ndarray): CSI amplitudes of recordings to recognise, shape (m, 90, 250)"
        ),
    ),
    outputs=(
        parse_parameter("activities (numpy.ndarray): activity of each new recording, shape (m,)"),
    ),
)

REFERENCE = '''\
import numpy as np
from sklearn.ensemble import RandomForestClassifier


def recognise_activities(csi, labels, new_csi):
    """A random forest on each channel's mean, deviation, change and low frequencies."""

    def features(x):
        x = np.asarray(x, dtype=float)
        spectrum = np.abs(np.fft.rfft(x - x.mean(axis=2, keepdims=True), axis=2))[:, :, 1:9]
        change = np.abs(np.diff(x, axis=2)).mean(axis=2)
        return np.hstack([x.mean(axis=2), x.std(axis=2), change, spectrum.reshape(len(x), -1)])

    forest = RandomForestClassifier(300, random_state=0)
    return forest.fit(features(csi), labels).predict(features(new_csi))
'''

REPETITIONS, LEARNT = 30, 20
SMALL_LEARNT = 14

FACTS = (
    "WiAR, height 90 cm, 15 activities x 30 repetitions; of each activity 20 repetitions are learnt "
    "from and 10 recognised: the last ten (repetitions), or ten at random (random, seed 0, as the "
    "paper's statement suggests). Projects are made on repetitions 1-14 and 15-20 of five of the "
    "activities, none of which is recognised in the split by repetitions, but some in the random one"
)


def task(signals: Path, statements: dict[str, str] | None = None) -> Task:
    """The task on the data sets in `signals`; a `GpiotError` when WiAR is not there."""
    folder = signals / "wiar"
    try:
        csi = np.load(folder / "wiar_450x90x250_float16.npy").astype(np.float32)
        labels = np.load(folder / "wiar_450_labels.npy").astype(np.int64)
        small = np.load(folder / "wiar_mini_100x90x250.npz")
    except OSError as error:
        raise GpiotError(
            f"The data of WiAR are not there: {error.filename}.",
            "Name the folder that holds the data sets with --signals.",
        ) from error
    repetition = np.tile(np.arange(REPETITIONS), labels.size // REPETITIONS)
    drawn = np.random.default_rng(0).permuted(repetition.reshape(-1, REPETITIONS), axis=1).ravel()
    example_csi, example_labels = small["X"].astype(np.float32), small["y"].astype(np.int64)
    return Task(
        name="har",
        statements=statements or {"wiar": STATEMENT},
        specification=SPECIFICATION,
        example=_case("example", example_csi, example_labels, small["repetition"] <= SMALL_LEARNT),
        splits={
            "repetitions": _case("repetitions", csi, labels, repetition < LEARNT),
            "random": _case("random", csi, labels, drawn < LEARNT),
        },
        reference=REFERENCE,
        facts=FACTS,
    )


def _case(name: str, csi: np.ndarray, labels: np.ndarray, learnt: np.ndarray) -> Case:
    values = {"csi": csi[learnt], "labels": labels[learnt], "new_csi": csi[~learnt]}
    return Case(name, values, labels[~learnt])

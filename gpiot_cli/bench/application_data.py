"""The recordings of the ten tasks with their truths: real ones read, simulated ones made from seeds.

Each function yields cases; the first is what projects are made on, the others are judged.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gpiot_cli.errors import GpiotError

Array = npt.NDArray[Any]

SIMULATED = 9
"""Recordings of a simulated task: one to make projects on, eight to judge."""


@dataclass(frozen=True)
class Case:
    """A recording and what is known to be true of it."""

    name: str
    values: dict[str, Any]
    truth: Any


def cases(task: str, signals: Path) -> list[Case]:
    """The cases of a task; real data are read from under `signals`."""
    try:
        return list(SOURCES[task](signals))
    except OSError as error:
        raise GpiotError(
            f"The data of {task} are not there: {error.filename}.",
            "Name the folder that holds the data sets with --signals.",
        ) from error


def _ppg_heart_rate(signals: Path) -> Iterator[Case]:
    folder = signals / "ppg_welltory" / "data"
    for number in range(1, 22):
        name = f"subject_{number:02d}"
        table = pd.read_csv(folder / name / "PPG.csv")
        intervals = np.array((folder / name / "RR.txt").read_text().split(), dtype=float)
        fs = 1000 * (len(table) - 1) / float(table["time"].iloc[-1] - table["time"].iloc[0])
        ppg = table["R"].to_numpy(dtype=float)
        yield Case(name, {"ppg": ppg, "fs": round(fs, 3)}, 60_000 / float(intervals.mean()))


def _step_count(signals: Path) -> Iterator[Case]:
    folder = signals / "oxford_steps" / "validation"
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise FileNotFoundError(2, "no walks", str(folder))
    for path in paths:
        table = pd.read_csv(path, header=None)
        seconds = float(table[0].iloc[-1] - table[0].iloc[0]) * 1e-9
        acceleration = table[[1, 2, 3]].to_numpy(dtype=float)
        fs = round((len(table) - 1) / seconds, 2)
        truth = int(table[5].iloc[-1] - table[5].iloc[0])
        name = path.stem.rpartition("_")[0]
        yield Case(name, {"acceleration": acceleration, "fs": fs}, truth)


def _csi_breathing(_signals: Path) -> Iterator[Case]:
    fs = 20.0
    t = np.arange(0, 60, 1 / fs)
    for number, rng in _generators("csi_breathing"):
        rate = float(rng.uniform(9, 26))
        phase = 2 * np.pi * rate / 60 * t + 0.3 * np.sin(2 * np.pi * 0.02 * t)
        chest = np.sin(phase) + 0.2 * np.sin(2 * phase)
        gains = rng.normal(0, 0.6, 30) * (rng.random(30) < 0.7)
        drift = np.cumsum(rng.normal(0, 0.01, (t.size, 1)), axis=0)
        csi = 15 + chest[:, None] * gains + drift + rng.normal(0, 0.4, (t.size, 30))
        yield Case(f"room_{number}", {"csi": csi, "fs": fs}, rate)


def _sound_direction(_signals: Path) -> Iterator[Case]:
    fs, n = 16_000.0, 8192
    positions = 0.05 * np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    frequencies = np.fft.rfftfreq(n, 1 / fs)
    for number, rng in _generators("sound_direction"):
        truth = float(rng.uniform(0, 360))
        toward = np.array([np.cos(np.radians(truth)), np.sin(np.radians(truth))])
        lead = positions @ toward / 343
        source = np.fft.rfft(rng.standard_normal(n))
        shifted = source[:, None] * np.exp(2j * np.pi * frequencies[:, None] * lead)
        sound = 0.1 * (np.fft.irfft(shifted, n, axis=0) + rng.normal(0, 0.2, (n, 4)))
        yield Case(f"sound_{number}", {"sound": sound, "positions": positions, "fs": fs}, truth)


def _room_occupancy(signals: Path) -> Iterator[Case]:
    folder = signals / "uci_occupancy"
    columns = ["Temperature", "Humidity", "Light", "CO2"]
    parts = {
        name: pd.read_csv(folder / f"{name}.txt")
        for name in ("datatraining", "datatest", "datatest2")
    }
    training = parts["datatraining"]
    early = int(0.7 * len(training))  # the end of the training part plays the new readings
    splits = {
        "training_part": (training.iloc[:early], training.iloc[early:]),
        "test_part_1": (training, parts["datatest"]),
        "test_part_2": (training, parts["datatest2"]),
    }
    for name, (known, new) in splits.items():
        values = {
            "features": known[columns].to_numpy(dtype=float),
            "labels": known["Occupancy"].to_numpy(dtype=int),
            "new_features": new[columns].to_numpy(dtype=float),
        }
        yield Case(name, values, new["Occupancy"].to_numpy(dtype=int))


SENTENCES = (
    "TEMP=21.5C HUM=40%",
    "$GPGLL,4916.45,N,12311.12,W",
    "boot ok, 3 sensors found",
    "ERR 17: valve stuck",
    '{"t": 19.25, "rh": 55}',
    "AT+CGATT=1",
    "door open 12:04:31",
    "battery 3.71 V, rssi -87",
    "pump on; flow 2.4 l/min",
)


def _uart_decode(_signals: Path) -> Iterator[Case]:
    for number, rng in _generators("uart_decode"):
        baud = float(rng.choice([1200, 9600, 115_200]))
        fs = baud * float(rng.choice([8, 10, 16]))
        bits = [1] * 20
        for character in SENTENCES[number].encode():
            bits += [0, *((character >> i) & 1 for i in range(8)), 1]
            bits += [1] * int(rng.integers(0, 4))
        bits += [1] * 20
        levels = np.repeat(np.array(bits, dtype=np.int64), round(fs / baud))
        yield Case(f"line_{number}", {"levels": levels, "fs": fs, "baud": baud}, SENTENCES[number])


def _breathing_pauses(_signals: Path) -> Iterator[Case]:
    fs = 20.0
    for number, rng in _generators("breathing_pauses"):
        pauses = int(rng.integers(1, 7))
        rate = float(rng.uniform(0.2, 0.3))
        amplitude: list[Array] = []
        for _ in range(pauses):
            amplitude += [np.ones(int(fs * rng.uniform(30, 60)))]
            amplitude += [np.full(int(fs * rng.uniform(14, 30)), 0.03)]
        amplitude += [np.ones(int(fs * 40))]
        depth = np.convolve(np.concatenate(amplitude), np.ones(20) / 20, mode="same")
        t = np.arange(depth.size) / fs
        drift = 0.3 * np.sin(2 * np.pi * t / 300)
        belt = depth * np.sin(2 * np.pi * rate * t) + drift + rng.normal(0, 0.03, t.size)
        yield Case(f"night_{number}", {"respiration": 100 * belt, "fs": fs}, pauses)


def _geofence_entries(_signals: Path) -> Iterator[Case]:
    for number, rng in _generators("geofence_entries"):
        latitude, longitude = float(rng.uniform(-55, 60)), float(rng.uniform(-170, 170))
        radius = float(rng.choice([100, 250, 500]))
        entries = int(rng.integers(1, 6))
        # Far, near, far, near, …: each leg crosses the circle once. Half end at home.
        distances = [radius * (3.0 if leg % 2 == 0 else 0.3) for leg in range(2 * entries)]
        distances += [radius * 3.0] * int(rng.integers(0, 2))
        metres = np.interp(
            np.linspace(0, len(distances) - 1, 400), range(len(distances)), distances
        )
        angle = np.cumsum(rng.normal(0, 0.05, metres.size))
        north, east = metres * np.cos(angle), metres * np.sin(angle)
        per_degree = 111_195.0
        values = {
            "latitude": latitude + north / per_degree,
            "longitude": longitude + east / per_degree / np.cos(np.radians(latitude)),
            "home_latitude": latitude,
            "home_longitude": longitude,
            "radius": radius,
        }
        yield Case(f"track_{number}", values, entries)


def _people_from_co2(_signals: Path) -> Iterator[Case]:
    for number, rng in _generators("people_from_co2"):
        volume, changes = float(rng.choice([50, 75, 120])), float(rng.choice([1.0, 1.5, 2.0]))
        people = np.repeat(rng.permutation(np.array([0, 0, 1, 2, 3, 5])), 90)
        ppm, level = np.empty(people.size), 420.0
        for minute, count in enumerate(people):
            for _ in range(60):  # by the second; m^3/s of CO2 into a volume, as ppm
                level += (count * 5.2 - volume * changes / 3600 * (level - 420)) / volume
            ppm[minute] = level
        values = {"co2": ppm + rng.normal(0, 3, ppm.size), "interval_s": 60.0}
        values |= {"volume": volume, "air_changes": changes}
        yield Case(f"room_{number}", values, people.astype(float))


def _carbon_monoxide_8h(signals: Path) -> Iterator[Case]:
    table = pd.read_csv(signals / "uci_airquality" / "AirQualityUCI.csv")
    month = pd.to_datetime(table["Date"], format="%d/%m/%Y").dt.to_period("M")
    for name, part in table.groupby(month):
        co = part["CO_GT"].to_numpy(dtype=float)
        valid = pd.Series(co).where(co != -200)
        truth = float(valid.rolling(8, min_periods=6).mean().iloc[7:].max())
        if np.isfinite(truth):
            yield Case(f"month_{name}".replace("-", "_"), {"co": co}, truth)


def _generators(task: str) -> Iterator[tuple[int, np.random.Generator]]:
    for number in range(SIMULATED):
        yield number, np.random.default_rng([number, *task.encode()])


SOURCES: dict[str, Callable[[Path], Iterator[Case]]] = {
    "ppg_heart_rate": _ppg_heart_rate,
    "step_count": _step_count,
    "csi_breathing": _csi_breathing,
    "sound_direction": _sound_direction,
    "people_from_co2": _people_from_co2,
    "room_occupancy": _room_occupancy,
    "uart_decode": _uart_decode,
    "breathing_pauses": _breathing_pauses,
    "geofence_entries": _geofence_entries,
    "carbon_monoxide_8h": _carbon_monoxide_8h,
}

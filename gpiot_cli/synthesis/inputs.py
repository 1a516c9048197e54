"""Inputs made from a specification: for programs that are written without any data.

Names, types and meanings say what a value is: "sampling rate in Hz", "shape (n, 3)", "peak
positions in samples". Signals come from the sample data of the modality that the specification
speaks of, so that an ECG algorithm meets an ECG.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.random import Generator

from gpiot_cli.synthesis.project_files.loader import load
from gpiot_cli.synthesis.samples import modality_of, write_sample
from gpiot_cli.synthesis.shapes import stated_shape
from gpiot_cli.synthesis.specification import Parameter, Specification

CASES = 3
LENGTHS = (1500, 1000, 2200)
"""Samples along a free dimension, one for each case."""
SECONDS = 12.0
"""Length of an excerpt of a sample recording."""
SIZES = {"c": 3, "ch": 3, "channels": 3, "d": 4, "k": 4, "f": 4, "features": 4, "m": 64, "w": 64}
"""Sizes of dimensions that are not samples, by their usual letters."""

BETWEEN = re.compile(
    r"(?:between|from|in|range)\s*[\[(]?(-?\d+(?:\.\d+)?)\s*(?:and|to|\.\.+|,|-|–)\s*(-?\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
STATED = re.compile(
    r"(?:default|e\.g\.|such as|usually|typically|for example)[\s:=]*(-?\d+(?:\.\d+)?)"
)


def make_inputs(
    specification: Specification, *, count: int = CASES, seed: int = 0
) -> list[dict[str, object]]:
    """`count` different sets of arguments; the same seed gives the same again."""
    text = f"{specification.target} {' '.join(map(str, specification.inputs))}"
    sample = _sample(text)
    return [
        _Case(number, np.random.default_rng([seed, number]), sample).make(specification)
        for number in range(count)
    ]


def _sample(text: str) -> dict[str, object]:
    """The values of the first sample recording of the text's modality."""
    with TemporaryDirectory(prefix="gpiot-sample-") as folder:
        return load(write_sample(modality_of(text), Path(folder)))[0].values


class _Case:
    """One set of arguments: values that belong together share sizes and the sampling rate."""

    def __init__(self, number: int, rng: Generator, sample: Mapping[str, object]) -> None:
        self.number = number
        self.rng = rng
        self.length = LENGTHS[number % len(LENGTHS)]
        self.sizes: dict[str, int] = {}
        self.fs = 100.0
        self.signal: np.ndarray | None = None
        waves = [v for v in sample.values() if isinstance(v, np.ndarray) and v.ndim == 1]
        fs = sample.get("fs")
        if waves and isinstance(fs, float) and waves[0].dtype.kind == "f":
            self.fs = fs
            self.length = min(int(SECONDS * fs) + 37 * number, len(waves[0]))
            start = int(rng.integers(0, len(waves[0]) - self.length + 1))
            self.signal = waves[0][start : start + self.length]

    def make(self, specification: Specification) -> dict[str, object]:
        makers: dict[str, Callable[[Parameter, str], object]] = {
            "numpy.ndarray": self._array,
            "pandas.DataFrame": self._table,
            "float": self._float,
            "int": self._int,
            "bool": lambda _parameter, _text: self.number % 2 == 0,
            "str": self._text,
            "list": self._list,
            "dict": self._dict,
        }
        return {
            p.name: makers[p.type](p, f"{p.name.replace('_', ' ')} {p.meaning}".lower())
            for p in specification.inputs
        }

    # -- arrays -------------------------------------------------------------------------------

    def _array(self, parameter: Parameter, text: str) -> np.ndarray:
        shape = self._shape(parameter.meaning, text)
        if "complex" in text or re.search(r"\b(csi|iq|i/q|baseband)\b", text):
            angles = np.cumsum(self.rng.normal(0, 0.1, shape), axis=0)
            return np.asarray((1 + 0.2 * self.rng.standard_normal(shape)) * np.exp(1j * angles))
        if re.search(r"\b(mask|boolean|flags?)\b", text):
            return self.rng.random(shape) < 0.5
        if re.search(r"\bbytes?\b|uint8|payload", text):
            return self.rng.integers(0, 256, shape).astype(np.uint8)
        if re.search(r"\b(labels?|classes|class ids?|binary)\b", text):
            return self.rng.integers(0, 2, shape)
        if re.search(r"\b(indices|index|peaks?|onsets?|positions? in samples|locations)\b", text):
            if len(shape) == 1 and "shape" not in text:
                shape = (max(4, self.length // int(self.fs)),)
            gaps = self.rng.uniform(0.7, 1.1, shape[0]) * self.length / (shape[0] + 1)
            return np.cumsum(gaps).astype(np.int64)
        if len(shape) == 1 and re.search(r"\b(timestamps?|times?|time axis)\b", text):
            return np.arange(shape[0]) / self.fs
        if re.search(r"\b(rr|r-r|nn|interbeat|inter-beat|ibi)\b", text):
            scale = 1000.0 if re.search(r"\bms\b|millisec", text) else 1.0
            return scale * (0.8 + 0.05 * self.rng.standard_normal(shape))
        bounds = self._bounds(text)
        if bounds:
            return self.rng.uniform(*bounds, shape)
        if self.signal is not None and shape == self.signal.shape:
            return self.signal.copy()
        return self._waves(shape)

    def _shape(self, meaning: str, text: str) -> tuple[int, ...]:
        """The stated shape, with the same letter the same size in all of a case's values."""
        stated = stated_shape(meaning)
        if stated is not None:
            return tuple(self._size(name, first=i == 0) for i, name in enumerate(stated)) or (1,)
        axes = re.search(r"\b(\d)[- ]ax(?:is|es)|\btri-?axial", text)
        if axes:
            return (self.length, int(axes[1] or 3))
        two = re.search(r"\b2-?d\b|two-dimensional|matrix|\bimage\b", text)
        return (64, 48) if two else (self.length,)

    def _size(self, name: str, *, first: bool) -> int:
        if name.isdecimal():
            return int(name)
        known = SIZES.get(name.lower().removeprefix("n_").removeprefix("num_"))
        return self.sizes.setdefault(name, self.length if first or known is None else known)

    def _waves(self, shape: tuple[int, ...]) -> np.ndarray:
        """Two tones, a drift and noise along the first axis; other columns shifted and scaled."""
        t = np.arange(shape[0]) / self.fs
        flat = np.empty((shape[0], int(np.prod(shape[1:], dtype=int))))
        for column in range(flat.shape[1]):
            phase, scale = self.rng.uniform(0, 6), self.rng.uniform(0.5, 2)
            tones = np.sin(2 * np.pi * 1.2 * t + phase) + 0.4 * np.sin(2 * np.pi * 7 * t)
            flat[:, column] = scale * tones + 0.05 * t + 0.1 * self.rng.standard_normal(t.size)
        return flat.reshape(shape)

    # -- numbers ------------------------------------------------------------------------------

    def _bounds(self, text: str) -> tuple[float, float] | None:
        found = BETWEEN.search(text)
        low, high = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
        return (low, high) if low < high else None

    def _float(self, _parameter: Parameter, text: str) -> float:
        if re.search(r"\bfs\b|sampl\w+ (rate|frequency)|sample rate|samples per second", text):
            return self.fs
        stated = STATED.search(text)
        if stated:
            return float(stated[1])
        bounds = self._bounds(text)
        if bounds:
            return float(self.rng.uniform(*bounds))
        vary = float(self.rng.uniform(0.9, 1.1))
        for pattern, value in FLOATS.items():
            if re.search(pattern, text):
                return value * vary
        if re.search(r"\b(high|upper|maximum)\b.*(freq|cut|hz)", text):
            return 0.2 * self.fs
        if re.search(r"freq|cut-?off|\bhz\b", text):
            return 0.01 * self.fs
        return 1.5 * vary

    def _int(self, parameter: Parameter, text: str) -> int:
        if re.search(r"\bfs\b|sampl\w+ (rate|frequency)", text):
            return int(self.fs)
        stated = STATED.search(text)
        if stated:
            return int(float(stated[1]))
        bounds = self._bounds(text)
        if bounds:
            return int(self.rng.integers(int(bounds[0]), int(bounds[1]) + 1))
        for pattern, choices in INTEGERS.items():
            if re.search(pattern, text):
                return choices[self.number % len(choices)]
        return self.sizes.get(parameter.name, 5 + self.number)

    # -- everything else ----------------------------------------------------------------------

    def _text(self, _parameter: Parameter, text: str) -> str:
        for pattern, choices in TEXTS.items():
            if re.search(pattern, text):
                return choices[self.number % len(choices)]
        quoted = re.findall(r"['\"`]([^'\"`]+)['\"`]", text)
        return quoted[self.number % len(quoted)] if quoted else f"sensor-{self.number + 1}"

    def _list(self, _parameter: Parameter, text: str) -> list[object]:
        count = 20 + 5 * self.number
        if re.search(r"\b(dict|dictionar|object|record|message|event)", text):
            return [self._entry(i) for i in range(count)]
        if re.search(r"\b(str|string|word|text|name|line|topic)s?\b", text):
            return [f"room{i % 4}/sensor{i % 3}" for i in range(count)]
        if re.search(r"\b(bytes?|int|integer|index|indices|count|id)s?\b", text):
            return [int(value) for value in self.rng.integers(0, 256, count)]
        bounds = self._bounds(text) or (10.0, 30.0)
        return [round(float(value), 3) for value in self.rng.uniform(*bounds, count)]

    def _dict(self, _parameter: Parameter, text: str) -> dict[str, object]:
        if re.search(r"(signal|array|channel|series)s?\b", text):
            return {f"channel{i}": self._waves((self.length,)) for i in range(3)}
        keys = re.findall(r"['\"`](\w+)['\"`]", text)
        if keys:
            return {key: round(float(self.rng.uniform(10, 30)), 2) for key in keys}
        return self._entry(self.number)

    def _entry(self, index: int) -> dict[str, object]:
        return {
            "device": f"sensor{index % 3}",
            "timestamp": 1_700_000_000 + 60 * index,
            "value": round(20 + 5 * float(self.rng.standard_normal()), 2),
        }

    def _table(self, parameter: Parameter, _text: str) -> pd.DataFrame:
        named = re.search(r"columns?:?\s+([\w`'\", ]+?)(?:\.|;|$| in | with )", parameter.meaning)
        names = re.findall(r"\w+", named[1]) if named else ["timestamp", "value"]
        columns: dict[str, object] = {}
        for name in [name for name in names if name not in ("and", "the")]:
            if re.search("time|date", name):
                columns[name] = pd.date_range("2024-03-01", periods=self.length, freq="min")
            elif re.search("device|room|name|id$|label", name):
                columns[name] = [f"{name}{i % 3}" for i in range(self.length)]
            else:
                columns[name] = 20 + 5 * self._waves((self.length,))
        return pd.DataFrame(columns)


FLOATS = {
    r"probab|confiden|\balpha\b|smoothing|fraction|ratio|share|overlap": 0.3,
    r"threshold": 0.5,
    r"window|duration|seconds|interval|period": 2.0,
    r"humid": 55.0,
    r"temperature|celsius": 23.0,
    r"latitude": 48.1,
    r"longitude": 11.5,
    r"speed of sound": 343.0,
    r"carrier": 2.4e9,
    r"rssi|dbm": -60.0,
    r"wavelength": 0.06,
    r"distance": 2.0,
}
"""Pattern of a float's name and meaning, and about how large it is."""

INTEGERS = {
    r"window|segment|frame|nfft|fft|block": (64, 128, 96),
    r"order|degree": (2, 3, 4),
    r"\bhop\b|step|stride|lag": (16, 32, 8),
    r"cluster|class|component|channel|neighbou?r|\bk\b": (3, 2, 4),
    r"\baxis\b": (0, 0, 0),
    r"seed": (0, 1, 2),
    r"byte|address|register": (17, 200, 3),
}
"""Pattern of an int's name and meaning, and its values case by case."""

TEXTS = {
    r"\bhex": ("01030000000ac5cd", "ff00a1b2c3d4", "7e0102037e"),
    r"json": ('{"device": "s1", "value": 21.5}', '{"device": "s2", "value": 19.0}', "{}"),
    r"timestamp|date|iso": ("2024-03-01T12:00:00", "2024-07-15T23:59:30", "2023-12-31T00:00:00"),
    r"topic": ("home/kitchen/temperature", "home/+/temperature", "plant/7/state"),
    r"nmea|sentence": (
        "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
        "$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,*76",
    ),
    r"\bip\b|address": ("192.168.1.17", "10.0.0.3", "aa:bb:cc:dd:ee:ff"),
    r"csv": ("time,value\n0,1.5\n1,2.5\n", "time,value\n0,3\n"),
    r"unit": ("celsius", "fahrenheit", "kelvin"),
}
"""Pattern of a text's name and meaning, and its values case by case."""

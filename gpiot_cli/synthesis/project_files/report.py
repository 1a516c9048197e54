"""Draws one recording and what the pipeline made of it."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, BLUE, RED, GREY = "#222222", "#1f5fa8", "#c8322b", "#8a8a8a"
LINES = (BLUE, "#d97a1a", "#2a8a57", "#8453a8", "#7a5a3a", "#b0457b")
STYLE: Any = {
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "font.size": 9,
    "grid.color": "#e6e6e6",
    "text.color": INK,
}
MAX_PANELS = 6
EVENTS_SHOWN = 14
"""With more events than this, a part of the recording with as many is drawn."""

Panel = Callable[[Axes], None]


def draw(
    path: Path,
    title: str,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    meanings: Mapping[str, str],
    events: str | None = None,
    known: Any = None,
) -> None:
    """Write a PNG: signals with events marked, spectra, images, and a table of the scalars.

    `events` names the output that holds sample indices of events, and `known` are the sample
    indices of events that are known to be true.
    """
    panels, scope = _panels(inputs, outputs, meanings, events, known)
    facts = _facts(outputs)
    rows = len(panels) + bool(facts)
    if rows == 0:
        return
    heights = [2.1] * len(panels) + ([0.3 + 0.24 * len(facts)] if facts else [])
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(10, sum(heights) + 0.5), layout="constrained")
        axes = figure.subplots(rows, height_ratios=heights, squeeze=False)
        figure.suptitle(f"{title}{scope}", x=0.01, ha="left", fontweight="bold")
        for axis, panel in zip(axes[:, 0], panels, strict=False):
            panel(axis)
        if facts:
            _table(axes[-1, 0], facts)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110, facecolor="white")


def _panels(
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    meanings: Mapping[str, str],
    marked: str | None,
    known: Any,
) -> tuple[list[Panel], str]:
    """One panel for the inputs, then one for each output that can be drawn."""
    series = {name: value for name, value in inputs.items() if _is_series(value)}
    images = _images(inputs, meanings)[:1]
    length = len(next(iter(series.values()), ()))
    rate = inputs.get("fs")
    fs = float(rate) if isinstance(rate, int | float) and rate > 0 else None
    arrays = [value for value in inputs.values() if isinstance(value, np.ndarray)]
    has_windows = any(array.ndim == 3 for array in arrays)
    if not series:
        length = max((max(a.shape) for a in arrays if a.ndim == 2), default=0)
    time = _Time(None if has_windows else fs, length)  # one value a window is not sampled at fs
    events = None if marked is None else np.asarray(outputs[marked], dtype=np.int64)
    if events is not None:
        time.focus(events)
    lines = partial(_lines, time=time, meanings=meanings, marked=marked, events=events)
    panels: list[Panel] = []
    given = {name: value for name, value in series.items() if len(value) == length}
    if given and not has_windows:
        panels.append(partial(lines, series=given, known=known))
    else:
        panels += images
    for name, value in outputs.items():
        if name == marked or name in inputs or _is_axis(name, outputs):
            continue
        if _is_series(value) and len(value) == length:
            panels.append(partial(lines, series={name: value}))
        elif _is_series(value) and len(value) > 1:
            panels.append(partial(_curve, name=name, outputs=outputs, meanings=meanings))
        else:
            panels += _images({name: value}, meanings)
    if len(panels) > MAX_PANELS:  # the inputs, and what comes last: nearest to the result
        panels = [panels[0], *panels[-MAX_PANELS + 1 :]]
    return panels, time.scope


class _Time:
    """The time axis that all panels share: its unit, and which part is drawn."""

    def __init__(self, fs: float | None, length: int) -> None:
        self.length = length
        self.start, self.stop = 0, length
        self.scope = ""
        seconds = length / fs if fs else 0.0
        unit, per_second = ("h", 3600) if seconds > 7200 else ("s", 1)
        self.label = f"time ({unit})" if fs else "sample"
        self.step = 1 / fs / per_second if fs else 1.0
        self.unit = unit if fs else "samples"

    def focus(self, events: np.ndarray) -> None:
        """Choose a part in the middle when all the events would not be told apart."""
        if len(events) <= EVENTS_SHOWN:
            return
        first = (len(events) - EVENTS_SHOWN) // 2
        margin = int(np.median(np.diff(events)) // 2)
        self.start = max(int(events[first]) - margin, 0)
        self.stop = min(int(events[first + EVENTS_SHOWN - 1]) + margin, self.length)
        start, stop, end = (self.at(x) for x in (self.start, self.stop, self.length))
        self.scope = f", {start:.4g} to {stop:.4g} of {end:.4g} {self.unit}"

    def at(self, sample: Any) -> Any:
        """The time of a sample, or of an array of them."""
        return sample * self.step

    def shown(self, samples: np.ndarray) -> np.ndarray:
        """Those of the samples that lie in the part that is drawn."""
        return samples[(samples >= self.start) & (samples < self.stop)]


def _lines(
    axis: Axes,
    series: Mapping[str, Any],
    time: _Time,
    meanings: Mapping[str, str],
    marked: str | None,
    events: np.ndarray | None,
    known: Any = None,
) -> None:
    span = slice(time.start, time.stop)
    x = time.at(np.arange(time.start, time.stop))
    for (name, value), color in zip(series.items(), LINES, strict=False):
        y = np.asarray(value)[span]
        if y.dtype.kind == "b":
            axis.fill_between(x, 0, y, step="mid", color=color, alpha=0.4, label=name)
        else:
            style = "steps-mid" if y.dtype.kind in "iu" and len(np.unique(y)) < 10 else "default"
            axis.plot(x, y, color=color, linewidth=0.9, label=name, drawstyle=style)
    if events is not None and len(series) == 1:
        y = np.asarray(next(iter(series.values())))
        if known is not None:
            at = time.shown(np.asarray(known, dtype=np.int64))
            axis.plot(
                *(time.at(at), y[at]),
                "o",
                color=GREY,
                markersize=11,
                fillstyle="none",
                label="known to be true",
            )
        at = time.shown(events)
        axis.plot(time.at(at), y[at], "v", color=RED, markersize=6, label=marked)
    name = next(iter(series))
    axis.set_title(_title(name, meanings) if len(series) == 1 else "inputs")
    axis.set_xlabel(time.label)
    axis.set_ylabel(name if len(series) == 1 else "value")
    axis.margins(x=0.01)
    if len(axis.get_lines()) > 1:
        axis.legend(loc="upper right", ncols=3, fontsize=8, framealpha=0.9)


def _curve(axis: Axes, name: str, outputs: Mapping[str, Any], meanings: Mapping[str, str]) -> None:
    """Draw a series of another length, over the output that gives its x values if there is one."""
    y = np.asarray(outputs[name])
    fitting = [n for n, x in outputs.items() if _is_axis(n, outputs) and len(x) == len(y)]
    over = fitting[0] if fitting else None
    x = np.arange(len(y)) if over is None else np.asarray(outputs[over])
    marker = "o" if len(y) <= 60 else None
    axis.plot(x, y, color=BLUE, linewidth=1, marker=marker, markersize=3)
    axis.set_title(_title(name, meanings))
    axis.set_xlabel(over or "index")
    axis.set_ylabel(name)
    axis.margins(x=0.01)


def _is_axis(name: str, outputs: Mapping[str, Any]) -> bool:
    """Whether an output gives the x values of another one, as frequencies do of a spectrum."""
    if not name.startswith(("freq", "time", "lag")) or not _is_series(outputs[name]):
        return False
    size = len(outputs[name])
    others = [value for other, value in outputs.items() if other != name]
    return any(_is_series(value) and len(value) == size for value in others)


def _images(values: Mapping[str, Any], meanings: Mapping[str, str]) -> list[Panel]:
    images = ((name, _as_image(value)) for name, value in values.items())
    return [
        partial(_image, name=name, image=image, meanings=meanings)
        for name, image in images
        if image is not None
    ]


def _as_image(value: object) -> np.ndarray | None:
    """A 2-D array of numbers, the first item of a 3-D one, magnitudes of complex ones."""
    if isinstance(value, pd.DataFrame):
        value = value.select_dtypes("number").to_numpy().T
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biufc":
        return None
    image = value[0] if value.ndim == 3 and len(value) else value
    if image.ndim != 2 or min(image.shape) == 0:
        return None
    if image.dtype.kind == "c":
        image = np.abs(image)
    return image.T if image.shape[0] > 4 * image.shape[1] else image


def _image(axis: Axes, name: str, image: np.ndarray, meanings: Mapping[str, str]) -> None:
    is_matrix = image.size <= 100
    origin: Any = "upper" if is_matrix else "lower"
    drawn = axis.imshow(image, aspect="auto", origin=origin, interpolation="nearest")
    figure = axis.get_figure(root=True)
    assert figure is not None
    figure.colorbar(drawn, ax=axis, pad=0.01)
    if is_matrix:
        axis.set_xticks(range(image.shape[1]))
        axis.set_yticks(range(image.shape[0]))
        middle = (image.min() + image.max()) / 2
        for (row, column), value in np.ndenumerate(image):
            color = "white" if value < middle else INK
            axis.text(column, row, f"{value:.4g}", ha="center", va="center", color=color)
    axis.grid(visible=False)
    axis.set_title(_title(name, meanings))
    axis.set_xlabel("column")
    axis.set_ylabel("row")


def _table(axis: Axes, facts: list[tuple[str, str]]) -> None:
    axis.axis("off")
    table = axis.table(facts, cellLoc="left", colWidths=[0.3, 0.7], loc="center")
    table.auto_set_font_size(False)
    table.set_fontsize(9)
    for cell in table.get_celld().values():
        cell.set_edgecolor("#d0d0d0")


def _facts(outputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Numbers and words for the table; of long things, the count and the first items."""
    facts = []
    for name, value in outputs.items():
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, bool | int | str):
            facts.append((name, shorten(str(value), 90)))
        elif isinstance(value, float):
            facts.append((name, f"{value:.6g}"))
        elif isinstance(value, dict):
            items = ", ".join(f"{key}: {_short(item)}" for key, item in value.items())
            facts.append((name, shorten(items, 90, placeholder=" …")))
        elif isinstance(value, list) and not _is_series(value):
            first = "; ".join(_short(item) for item in value[:3])
            facts.append((name, shorten(f"{len(value)} items: {first}", 90, placeholder=" …")))
    return facts


def _short(item: object) -> str:
    return f"{item:.4g}" if isinstance(item, float) else shorten(str(item), 60, placeholder=" …")


def _is_series(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) > 1 and all(type(item) in (int, float) for item in value)
    return isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "biuf"


def _title(name: str, meanings: Mapping[str, str]) -> str:
    return shorten(f"{name}: {meanings[name]}", 110, placeholder=" …") if name in meanings else name

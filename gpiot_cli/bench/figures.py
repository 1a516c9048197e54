"""The figures of `docs/results/`: groups of bars with their 95% intervals, as PNG."""

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from gpiot_cli.bench.results import interval
from gpiot_cli.files import write_atomic

Scores = Mapping[str, Mapping[str, Sequence[float]]]
"""Row to metric to its independent scores."""

IMAGES = "images"


def draw_bars(docs: Path, name: str, scores: Scores) -> str:
    """Write `docs/images/NAME.png` with a group for each metric; the Markdown that shows it.

    A bar is the mean of its scores, the line on it the 95% bootstrap interval of the mean. A metric
    without scores has no bar.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    metrics = list(dict.fromkeys(metric for row in scores.values() for metric in row))
    figure = Figure(figsize=(2.2 + 1.6 * len(metrics), 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    width = 0.8 / len(scores)
    for number, (title, row) in enumerate(scores.items()):
        for group, metric in enumerate(metrics):
            if values := row.get(metric):
                height = sum(values) / len(values)
                low, high = interval([values]) if len(values) > 1 else (height, height)
                axes.bar(
                    group + width * (number - (len(scores) - 1) / 2),
                    height,
                    width,
                    color=f"C{number}",
                    yerr=[[max(height - low, 0)], [max(high - height, 0)]] if low < high else None,
                    capsize=2,
                    label=title if group == 0 else None,
                )
    axes.set_xticks(range(len(metrics)), metrics)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", fontsize=8, ncols=min(len(scores), 2), frameon=False)
    png = BytesIO()
    figure.savefig(png, dpi=150, metadata={"Software": ""})
    file = f"{re.sub(r'[^a-z0-9.]+', '-', name.lower())}.png"
    write_atomic(docs / IMAGES / file, png.getvalue())
    return f"![Bars: {', '.join(metrics)}]({IMAGES}/{file})\n"

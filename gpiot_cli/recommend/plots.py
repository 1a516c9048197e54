"""Pictures of an evaluation: exposure and acceptance over the threshold, and reliability."""

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gpiot_cli.recommend.evaluate import curve
from gpiot_cli.recommend.metrics import Outcome

BINS = 10


def exposure_png(outcomes: Sequence[Outcome], title: str) -> bytes:
    """The paper's Figure 7 (a), with the uncalibrated confidence for comparison."""
    figure, axes = _figure(title)
    for calibrated, style, name in ((True, "-", "calibrated"), (False, ":", "equation 6 alone")):
        points = curve(outcomes, calibrated)
        thresholds = [threshold for threshold, _, _ in points]
        exposed = [share for _, share, _ in points]
        accepted = [np.nan if share is None else share for _, _, share in points]
        axes.plot(thresholds, exposed, style, color="tab:blue", label=f"exposed, {name}")
        axes.plot(thresholds, accepted, style, color="tab:green", label=f"accepted, {name}")
    axes.set_xlabel("threshold")
    axes.set_ylabel("share")
    axes.legend(fontsize=8)
    return _png(figure)


def reliability_png(outcomes: Sequence[Outcome], title: str) -> bytes:
    """How often suggestions were right, by how sure they were."""
    figure, axes = _figure(title)
    right = np.array([outcome.right for outcome in outcomes], dtype=float)
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for name, values in (
        ("calibrated", [outcome.confidence for outcome in outcomes]),
        ("equation 6 alone", [outcome.raw for outcome in outcomes]),
    ):
        sure = np.array(values)
        which = np.minimum((sure * BINS).astype(int), BINS - 1)
        kept = [b for b in range(BINS) if (which == b).sum() >= 10]
        axes.plot(
            [sure[which == b].mean() for b in kept],
            [right[which == b].mean() for b in kept],
            "o-",
            label=name,
        )
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that was right")
    axes.legend(fontsize=8)
    return _png(figure)


def _figure(title: str):  # type: ignore[no-untyped-def]
    figure = Figure(figsize=(5, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=10)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()

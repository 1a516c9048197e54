"""What a run writes down of each step, and the picture of it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from gpiot_cli.files import write_atomic

LOG = "log.jsonl"
PLOT = "loss.png"
NOT_LOSSES = {"step", "lr", "tokens", "seconds", "tokens_per_second"}


class Log:
    """`log.jsonl`: a line for each step. Steps that a kill undid are dropped on resume."""

    def __init__(self, folder: Path, steps: int) -> None:
        self._path = folder / LOG
        kept = "".join(f"{json.dumps(line)}\n" for line in read_log(folder, steps))
        write_atomic(self._path, kept)

    def add(self, line: Mapping[str, float]) -> None:
        """Write a line."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def read_log(folder: Path, steps: int | None = None) -> list[dict[str, float]]:
    """The lines of a run's log, up to a step; a line that a kill cut off is left out."""
    lines = []
    path = folder / LOG
    for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            line: dict[str, float] = json.loads(text)
        except ValueError:
            break
        if steps is None or line["step"] <= steps:
            lines.append(line)
    return lines


def plot(folder: Path, validation: Sequence[Mapping[str, float]]) -> None:
    """Draw the loss by role, of each step and of validation, into `loss.png`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    lines = read_log(folder)
    roles = sorted({key for line in lines for key in line} - NOT_LOSSES)
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for number, role in enumerate(roles):
        for points, style, name in (
            (lines, "-", role),
            (validation, "o--", f"{role}, validation"),
        ):
            there = [point for point in points if role in point]
            steps, losses = [p["step"] for p in there], [p[role] for p in there]
            axes.plot(steps, losses, f"C{number}{style}", lw=0.9, ms=4, alpha=0.8, label=name)
    axes.set(xlabel="step", ylabel="loss per answer token (nats)")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(folder / PLOT, dpi=120)
    plt.close(figure)

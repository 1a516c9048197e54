"""DevPiolt's three measures (section 4.1, Appendix B), calibration, and bootstrap intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gpiot_cli.recommend.describe import SWITCHES
from gpiot_cli.recommend.home import Candidate, opposite
from gpiot_cli.recommend.records import Action, Value

TOLERANCE = 0.2
"""Appendix B: a predicted number may be off by 20% of the actual one."""

CONTAINING, OPPOSITE = 0.9, -0.1

OFF = {"off", "close", "closed", "stop", "paused", "pause", "false"}

MODES = {"mode", "hvac_mode"}
"""Settings whose "off" switches the device off."""


def exact_match(predicted: Candidate, actual: Candidate) -> bool:
    """Whether the quadruplets are the same, in any order."""
    return set(predicted) == set(actual)


def loose_match(predicted: Action, actual: Action) -> bool:
    """Appendix B: numbers within 20% and the same intent.

    On one field, two numbers must be close and anything else equal. Between two fields of a
    device the intent must be equivalent: setting the temperature of an AC turns it on. So one of
    the two must be a switch: two settings say nothing of each other.
    """
    if predicted[:2] != actual[:2]:
        return False
    if predicted.field != actual.field:
        if not SWITCHES & {predicted.field, actual.field}:
            return False
        on = _leaves_on(predicted)
        return on is not None and on == _leaves_on(actual)
    a, b = _number(predicted.value), _number(actual.value)
    if a is None or b is None:
        return predicted.value == actual.value
    return abs(a - b) <= TOLERANCE * abs(b)


def rule_score(predicted: Candidate, actual: Candidate) -> list[float]:
    """ς of each predicted quadruplet: its mean over all is the paper's rule score.

    1 when the sets are identical; 0.9 when the prediction contains more than the truth; else
    1/|E| for those in the intersection E; -0.1 for the opposite of an actual one; else 0.
    """
    y, truth = set(predicted), set(actual)
    common = y & truth
    undoing = {opposite(action) for action in truth}
    if y == truth:
        return [1.0] * len(y)
    if truth < y:
        return [CONTAINING] * len(y)
    return [
        1 / len(common) if action in common else OPPOSITE if action in undoing else 0.0
        for action in y
    ]


@dataclass(frozen=True)
class Outcome:
    """One prediction beside the truth."""

    ranked: tuple[Candidate, ...]
    """Best first; at least five where there are as many."""
    actual: Candidate
    confidence: float = 0.0
    """Of the first, as shown to the user."""
    raw: float = 0.0
    """Equation 6 before calibration."""
    exposed: bool | None = None
    """None for a method that always suggests its first: it has no policy of silence."""

    @property
    def right(self) -> bool:
        """Whether the first suggestion is exactly what happened."""
        return bool(self.ranked) and exact_match(self.ranked[0], self.actual)


def table(outcomes: Sequence[Outcome]) -> dict[str, npt.NDArray[np.float64]]:
    """Per-operation values of each measure: their means are the scores.

    LM-F1 and rule score are ratios of sums; see `ratio`. Keys: EM, hit@1, hit@3, hit@5, and the
    parts of the ratios.
    """
    rows: dict[str, list[float]] = {
        key: []
        for key in ("EM", "hit@3", "hit@5", "matched", "recalled", "predicted", "actual", "rule")
    }
    for outcome in outcomes:
        first: Candidate = outcome.ranked[0] if outcome.ranked else ()
        rows["EM"].append(outcome.right)
        for k in (3, 5):
            rows[f"hit@{k}"].append(
                any(exact_match(candidate, outcome.actual) for candidate in outcome.ranked[:k])
            )
        matched = [any(loose_match(p, a) for a in outcome.actual) for p in first]
        recalled = [any(loose_match(p, a) for p in first) for a in outcome.actual]
        rows["matched"].append(sum(matched))
        rows["recalled"].append(sum(recalled))
        rows["predicted"].append(len(first))
        rows["actual"].append(len(outcome.actual))
        rows["rule"].append(sum(rule_score(first, outcome.actual)))
    return {key: np.array(values, dtype=float) for key, values in rows.items()}


def scores(part: dict[str, npt.NDArray[np.float64]]) -> dict[str, float]:
    """EM-Acc, LM-F1, Rule and hit@k of the operations in `part`."""
    predicted = max(part["predicted"].sum(), 1.0)
    precision = part["matched"].sum() / predicted
    recall = part["recalled"].sum() / max(part["actual"].sum(), 1.0)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {
        "EM": float(part["EM"].mean()),
        "LM-F1": float(f1),
        "rule": float(part["rule"].sum() / predicted),
        "hit@1": float(part["EM"].mean()),
        "hit@3": float(part["hit@3"].mean()),
        "hit@5": float(part["hit@5"].mean()),
    }


BLOCK = 50
"""Operations per bootstrap block: neighbours in time are not independent. Of few operations a
block is a tenth at most: one that is the whole sample would leave nothing to draw."""


def intervals(
    outcomes: Sequence[Outcome], repeats: int = 1000, seed: int = 0
) -> dict[str, tuple[float, float, float]]:
    """Each score with its 95% interval by a moving-block bootstrap: (score, low, high)."""
    whole = table(outcomes)
    point = scores(whole)
    drawn: dict[str, list[float]] = {key: [] for key in point}
    for rows in _resampled(len(outcomes), repeats, seed):
        for key, value in scores({k: column[rows] for k, column in whole.items()}).items():
            drawn[key].append(value)
    low, high = (
        {key: float(np.quantile(values, q)) for key, values in drawn.items()}
        for q in (0.025, 0.975)
    )
    return {key: (value, low[key], high[key]) for key, value in point.items()}


def paired(
    outcomes: Sequence[Outcome], others: Sequence[Outcome], repeats: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """By how much hit@1 is above that of `others` on the same operations: (gain, low, high).

    The 95% interval is by the bootstrap of `intervals`, which draws both together.
    """
    right = np.array([outcome.right for outcome in outcomes], dtype=float)
    gain = right - [outcome.right for outcome in others]
    drawn = [gain[rows].mean() for rows in _resampled(len(gain), repeats, seed)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(gain.mean()), float(low), float(high)


def _resampled(n: int, repeats: int, seed: int) -> Iterator[npt.NDArray[np.integer[Any]]]:
    """The row numbers of each bootstrap sample: blocks of neighbours, `n` in all."""
    random = np.random.default_rng(seed)
    size = max(1, min(BLOCK, n // 10))
    for _ in range(repeats):
        starts = random.integers(0, n - size + 1, -(-n // size))
        yield (starts[:, None] + np.arange(size)).ravel()[:n]


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over equal-width bins."""
    p, y = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    which = np.minimum((p * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(p[which == b].mean() - y[which == b].mean()) * (which == b).mean()
            for b in np.unique(which)
        )
    )


def _number(value: Value) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _leaves_on(action: Action) -> bool | None:
    """Whether the device is on afterwards; None if that cannot be told, as of a TV's `mute`."""
    word = str(action.value).lower()
    if action.field not in SWITCHES | MODES and word in ("on", "off", "true", "false"):
        return None
    return word not in OFF and _number(action.value) != 0

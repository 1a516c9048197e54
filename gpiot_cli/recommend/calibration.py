"""Confidence that means what it says: of the suggestions at 70%, seven of ten are right."""

from collections import deque
from collections.abc import Sequence

import numpy as np

ENOUGH = 20
"""Judged suggestions below which confidence is left as it is."""

RECENT = 4000
"""How many judged suggestions are remembered."""

KNOTS, PER_KNOT = 12, 15
"""At most so many quantile bins make the map, and each rests on at least so many suggestions."""


class Calibration:
    """Maps confidence to the share that was right, learned from the home's own past.

    Isotonic regression: the map only has to rise. Only suggestions made before the truth was
    known may be learned from.
    """

    def __init__(self) -> None:
        self._judged: deque[tuple[float, bool]] = deque(maxlen=RECENT)
        self._x: list[float] = []
        self._y: list[float] = []
        self._fitted_on = 0

    def learn(self, confidences: Sequence[float], right: Sequence[bool]) -> None:
        """Remember judged suggestions, and refit when there are a tenth more of them."""
        self._judged.extend(zip(confidences, right, strict=True))
        self._fitted_on -= len(right)
        if len(self._judged) >= ENOUGH and self._fitted_on <= 0:
            self._fit()
            self._fitted_on = max(20, len(self._judged) // 10)

    def _fit(self) -> None:
        from sklearn.isotonic import isotonic_regression

        ordered = np.array(sorted(self._judged), dtype=float)
        knots = min(KNOTS, max(1, len(ordered) // PER_KNOT))
        bins = np.array_split(ordered, knots)
        # One imagined hit and miss per bin: a handful of hits in a row is no certainty.
        shares = isotonic_regression(
            [(part[:, 1].sum() + 1) / (len(part) + 2) for part in bins],
            sample_weight=[len(part) for part in bins],
        )
        # What is less sure than anything seen falls off to zero.
        self._x = [0.0, *(float(part[:, 0].mean()) for part in bins)]
        self._y = [0.0, *(float(share) for share in shares)]

    def __call__(self, confidence: float) -> float:
        """The calibrated probability that the suggestion is right."""
        if not self._x:
            return confidence
        return float(np.interp(confidence, self._x, self._y))

    @property
    def judged(self) -> int:
        """How many suggestions the map rests on; 0 while there is none."""
        return len(self._judged) if self._x else 0

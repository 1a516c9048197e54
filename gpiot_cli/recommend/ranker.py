"""Weighs the history's features: boosted trees, fitted to the home's own recent operations.

The features say the same of any device, so a few days of one home are enough to weigh them. The
trees judge each candidate by itself ("was it the one?"); a softmax makes them compete.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpiot_cli.recommend.prior import FEATURES

ENOUGH = 60
"""Operations below which the trees are not fitted and counting alone decides."""

COUNTED = tuple(FEATURES.index(name) for name in ("after 1", "after 2", "within 1 hour"))
OVERALL = FEATURES.index("ever")


class Choice(NamedTuple):
    """What was on offer at one moment, and which of it happened."""

    numbers: list[int]
    """The candidates' numbers in the home."""
    features: npt.NDArray[np.float32]
    """(candidates, FEATURES)."""
    chosen: int
    """Row of the true candidate, -1 if it was not on offer."""


class Ranker:
    """Probabilities of the candidates of a scene."""

    def __init__(self, choices: Sequence[Choice] = ()) -> None:
        self._trees = None
        offered = [choice for choice in choices if len(choice.features) and choice.chosen >= 0]
        if len(offered) < ENOUGH:
            return
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        rows = np.concatenate([choice.features for choice in offered])
        ends = np.cumsum([len(choice.features) for choice in offered])
        chosen = np.zeros(len(rows), dtype=bool)
        chosen[[e - len(c.features) + c.chosen for e, c in zip(ends, offered, strict=True)]] = True
        small = len(offered) < 1000
        trees = HistGradientBoostingClassifier(
            learning_rate=0.15 if small else 0.05,
            max_iter=40 if small else 200,
            max_leaf_nodes=8 if small else 31,
            min_samples_leaf=20 if small else 40,
            l2_regularization=5.0,
            early_stopping=False,
            random_state=0,
        )
        with threadpool_limits(1):  # the model may be using the other cores
            self._trees = trees.fit(rows, chosen)

    def probabilities(
        self, scenes: Sequence[npt.NDArray[np.float32]]
    ) -> list[npt.NDArray[np.float64]]:
        """For each scene's features, its candidates' probabilities, which sum to 1."""
        sizes = [len(features) for features in scenes]
        if not sum(sizes):
            return [np.empty(0) for _ in scenes]
        rows = np.concatenate(scenes)
        if self._trees is None:
            scores = np.log(np.exp(rows[:, COUNTED]).sum(axis=1) + 0.15 * np.exp(rows[:, OVERALL]))
        else:
            scores = self._trees.decision_function(rows)
        parts = np.split(np.asarray(scores, dtype=np.float64), np.cumsum(sizes)[:-1])
        return [softmax(part) if len(part) else part for part in parts]


def softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities proportional to exp(scores)."""
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())

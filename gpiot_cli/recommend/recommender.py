"""Ranks a home's candidates and says how sure it is, learning from every operation.

The history's counts (prior.py) are weighed by trees (ranker.py). A language model's scores may be
fused in. Equation 6 makes one confidence of it (exposure.py), which the home's own past calibrates.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpiot_cli.recommend.calibration import Calibration
from gpiot_cli.recommend.describe import percent
from gpiot_cli.recommend.explain import explain
from gpiot_cli.recommend.exposure import (
    DEVICE_SHARE,
    adapted_threshold,
    confidence,
    device_probability,
)
from gpiot_cli.recommend.home import Candidate, Home
from gpiot_cli.recommend.prior import Prior, Scene
from gpiot_cli.recommend.ranker import Choice, Ranker, softmax
from gpiot_cli.recommend.records import Operation
from gpiot_cli.recommend.rules import objection

RECENT = 8000
"""Operations that the trees are fitted on: older habits weigh through the counts."""

HELD_OUT = 0.3
"""Share of those that calibration judges, with trees fitted on the others only."""

REFIT = 2000
"""Operations after which the trees are fitted again."""

GROWTH = 1.2
"""They are also fitted again when there are so many times as many operations to fit them on."""

MODEL_WEIGHT = 0.15
"""Weight of the model's log-probabilities beside the prior's."""


class Ranking(NamedTuple):
    """The candidates of one moment, best first."""

    candidates: list[Candidate]
    probabilities: list[float]
    confidence: float
    """Equation 6 for the first, before calibration."""

    def first_is(self, actions: Candidate) -> bool:
        """Whether the favourite is exactly these actions."""
        return bool(self.candidates) and set(self.candidates[0]) == set(actions)


See = Callable[["Recommender", Operation], Scene]
"""What a recommender sees just before an operation."""


class Recommender:
    """One home's recommender. Operations are learned in order of time."""

    def __init__(self, mask: bool = True) -> None:
        self.prior = Prior(mask)
        self.ranker = Ranker()
        self.calibration = Calibration()
        self._recent: deque[Choice] = deque(maxlen=RECENT)
        self._since_fit = 0
        self._fitted_on = 0

    @property
    def home(self) -> Home:
        """What the log has shown of the home."""
        return self.prior.home

    @property
    def recent(self) -> list[Choice]:
        """The latest operations as what was on offer and what was chosen, oldest first."""
        return list(self._recent)

    def learn_history(self, operations: Sequence[Operation], see: See | None = None) -> None:
        """Learn a whole history at once, and fit the ranker and the calibration to its end.

        `see` replaces `scene`: another question is asked, or an evaluation shows more or less.
        """
        old = max(0, len(operations) - RECENT)
        for operation in operations[:old]:
            self.prior.learn(operation)
        for operation in operations[old:]:
            self.learn(operation, see(self, operation) if see else None)
        self.fit()

    def scene(self, operation: Operation) -> Scene:
        """What could be known just before `operation`."""
        return self.prior.scene(operation.time, self.home.known_before(operation))

    def scene_after_last(self, operation: Operation) -> Scene:
        """What could be known when the operation before `operation` had just been done.

        Then the question is what comes next, whenever that is: readings of its time are not known.
        """
        return self.prior.scene(self.home.last or operation.time)

    def learn(self, operation: Operation, scene: Scene | None = None) -> Choice:
        """Learn one operation; `scene` saves computing what it was made from again."""
        scene = scene or self.scene(operation)
        number = self.prior.learn(operation, scene)
        chosen = scene.numbers.index(number) if number in scene.numbers else -1
        self._recent.append(Choice(scene.numbers, scene.features, chosen))
        return self._recent[-1]

    def keep_up(self, operations: Sequence[Operation], see: See | None = None) -> None:
        """Learn operations that have happened since, and hear how they were predicted."""
        choices = [self.learn(o, see(self, o) if see else None) for o in operations]
        self.judge(choices, self.ranker)
        self._since_fit += len(operations)
        if self._since_fit >= REFIT or len(self._recent) >= GROWTH * self._fitted_on:
            self.fit()

    def fit(self) -> None:
        """Fit the trees to the recent operations, and calibrate if that was never done."""
        choices = self.recent
        if not self.calibration.judged:
            self.calibration = Calibration()  # too few were judged yet; they are among these
            cut = int(len(choices) * (1 - HELD_OUT))
            self.judge(choices[cut:], Ranker(choices[:cut]))
        self.ranker = Ranker(choices)
        self._since_fit, self._fitted_on = 0, len(choices)

    def judge(
        self, choices: Sequence[Choice], ranker: Ranker, calibration: Calibration | None = None
    ) -> None:
        """Calibrate on what `ranker`, which never saw these choices, would have suggested."""
        probabilities = ranker.probabilities([choice.features for choice in choices])
        judged = [
            (self.ranking(choice.numbers, p).confidence, int(p.argmax()) == choice.chosen)
            for choice, p in zip(choices, probabilities, strict=True)
            if len(p)
        ]
        (calibration or self.calibration).learn(
            [sure for sure, _ in judged], [right for _, right in judged]
        )

    def ranking(self, numbers: Sequence[int], probabilities: npt.NDArray[np.float64]) -> Ranking:
        """The candidates in order of their probabilities, with equation 6 for the first."""
        order = np.argsort(-probabilities, kind="stable")
        candidates = [self.home.candidates[numbers[i]] for i in order]
        ordered = [float(probabilities[i]) for i in order]
        sure = confidence(candidates, ordered, candidates[0]) if candidates else 0.0
        return Ranking(candidates, ordered, sure)

    def pruned(self, ranking: Ranking, threshold: float) -> str | None:
        """Why the first's device is too unlikely for a suggestion, whatever a model would say."""
        first = ranking.candidates[0]
        device = device_probability(ranking.candidates, ranking.probabilities, first)
        needed = DEVICE_SHARE * self._needed(first, threshold)
        if device >= needed:
            return None
        return (
            f"its device is only {percent(device)} likely to be operated, "
            f"and suggestions are considered from {percent(needed, ceil)} on"
        )

    def silence(
        self, ranking: Ranking, probability: float, time: datetime, threshold: float
    ) -> str | None:
        """Why the first of `ranking` should not be suggested at `time`; None when it should.

        `probability` is its confidence, calibrated.
        """
        if not ranking.candidates:
            return "nothing that was seen in this home is possible now"
        if why := self.pruned(ranking, threshold):
            return why
        first = ranking.candidates[0]
        number = self.home.number[frozenset(first)]
        against = objection(number, time, self.home)
        needed = self._needed(first, threshold)
        if against:
            needed = (1 + needed) / 2
        if probability < needed:
            likely = f"it is {percent(probability)} likely"
            made = f"suggestions are made from {percent(needed, ceil)} on"
            return f"{against}; {likely}, and {made} then" if against else f"{likely}, and {made}"
        if not explain(number, time, self.home):
            return against or "nothing in the log speaks for it at this time"
        return None

    def _needed(self, suggestion: Candidate, threshold: float) -> float:
        return adapted_threshold(threshold, suggestion, len(self.home.candidates))


def fuse(
    ranking: Ranking, model: Mapping[Candidate, float], weight: float = MODEL_WEIGHT
) -> Ranking:
    """Log-linear fusion: log P ∝ log P_history + weight × log P_model of the scored candidates.

    The model's scores are normalised over what it was asked about, whose share of the history's
    probability stays the same; the others keep theirs.
    """
    asked = [i for i, candidate in enumerate(ranking.candidates) if candidate in model]
    if not asked:
        return ranking
    p = np.array(ranking.probabilities)
    scores = np.array([model[ranking.candidates[i]] for i in asked])
    p[asked] = p[asked].sum() * softmax(np.log(np.maximum(p[asked], 1e-12)) + weight * scores)
    order = np.argsort(-p, kind="stable")
    candidates = [ranking.candidates[i] for i in order]
    ordered = [float(p[i]) for i in order]
    return Ranking(candidates, ordered, confidence(candidates, ordered, candidates[0]))

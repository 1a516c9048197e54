"""Replays a home's past: each operation is predicted from what was known just before it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

import numpy as np

from gpiot_cli.recommend.baselines import Counting
from gpiot_cli.recommend.calibration import Calibration
from gpiot_cli.recommend.home import Candidate
from gpiot_cli.recommend.metrics import Outcome
from gpiot_cli.recommend.ranker import Ranker, softmax
from gpiot_cli.recommend.recommender import REFIT, Ranking, Recommender, See, fuse
from gpiot_cli.recommend.records import Action, Operation
from gpiot_cli.recommend.scorer import Scorer, worth_asking

CHUNK = 500
"""Operations after which calibration hears how it did."""

TOP = 5
"""How many of the ranked candidates an outcome keeps."""

WARM_UP = 300
"""Operations before the test part that the weight of the model is chosen on."""

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)


def by_counting(method: Counting, operations: Sequence[Operation], start: int) -> Iterator[Outcome]:
    """A counting baseline, which learns through the test part."""
    for i, operation in enumerate(operations):
        if i >= start:
            ranked = method.ranked(operation.time)[:TOP]
            best = tuple(method.home.candidates[number] for number, _ in ranked)
            share = ranked[0][1] if ranked else 0.0
            yield Outcome(best, operation.actions, share, share)
        method.learn(operation)


def by_cgc(operations: Sequence[Operation], start: int) -> Iterator[Outcome]:
    """The paper's feature-based baseline."""
    from gpiot_cli.recommend.cgc import predict

    known: dict[frozenset[Action], Candidate] = {}
    for operation in operations[:start]:
        known.setdefault(frozenset(operation.actions), operation.actions)
    candidates = list(known.values())
    predictions = predict(operations, start)
    for operation, ranked in zip(operations[start:], predictions, strict=True):
        best = tuple(candidates[number] for number, _ in ranked[:TOP])
        yield Outcome(best, operation.actions, ranked[0][1], ranked[0][1])


def by_history(
    operations: Sequence[Operation],
    start: int,
    threshold: float,
    see: See = Recommender.scene,
    mask: bool = True,
) -> Iterator[Outcome]:
    """The recommender without a model, learning through the test part."""
    recommender = Recommender(mask)
    recommender.learn_history(operations[:start], see)
    for moment in _online(recommender, operations[start:], see):
        yield _outcome(recommender, moment, moment.ranking, threshold)


def from_few_days(
    operations: Sequence[Operation], start: int, days: int, threshold: float
) -> Iterator[Outcome]:
    """Each day of the test part, predicted with only the `days` days before it as history."""
    for recommender, moment in _moments(operations, start, days):
        yield _outcome(recommender, moment, moment.ranking, threshold)


def counting_few_days(
    make: Callable[[], Counting], operations: Sequence[Operation], start: int, days: int
) -> Iterator[Outcome]:
    """A counting baseline under the same conditions as `from_few_days`."""
    for today, window in _days(operations, start, days):
        yield from by_counting(make(), [*window, *today], len(window))


def across_homes(homes: Sequence[Sequence[Operation]], threshold: float) -> Iterator[Outcome]:
    """Each home from its first operation on, with trees fitted to the other homes only.

    Half of the others' operations fit the trees that calibration judges on the other half.
    """
    learned = []
    for operations in homes:
        learned.append(Recommender())
        for operation in operations:
            learned[-1].learn(operation)
    for test, operations in enumerate(homes):
        others = [*learned[:test], *learned[test + 1 :]]
        newcomer = Recommender()
        half = Ranker([choice for other in others for choice in other.recent[::2]])
        for other in others:
            other.judge(other.recent[1::2], half, newcomer.calibration)
        newcomer.ranker = Ranker([choice for other in others for choice in other.recent])
        for moment in _online(newcomer, operations, refit=False):
            yield _outcome(newcomer, moment, moment.ranking, threshold)


def with_model(
    operations: Sequence[Operation],
    start: int,
    threshold: float,
    scorer: Scorer,
    days: int | None = None,
) -> Iterator[tuple[Outcome, Outcome, Outcome]]:
    """The prompted model alone, the whole system, and it tuned, on each operation of the test part.

    Alone the model judges all candidates; the whole system takes its word on those only that it
    would ask about. The whole is what `devpiolt recommend --with-model` runs: MODEL_WEIGHT, and
    the calibration of the history alone. Tuned, the weight of the model's scores and the
    calibration of the whole are chosen on the operations just before the test part. With `days`,
    under the conditions of `from_few_days`.
    """
    first = max(0, start - WARM_UP)
    calibration = Calibration()
    warm: list[Scored] = []
    weight = 0.0
    for i, (recommender, moment) in enumerate(_moments(operations, first, days, scorer), first):
        operation, _, ranking = moment
        name = f"{days} days, {i}" if days else str(i)
        scores, heard = _ask(scorer, operation, ranking, name)
        if i < start:
            warm.append((ranking, heard, operation))
            continue
        if i == start and warm:
            weight = best_weight(warm)
            for past, past_scores, truth in warm:
                fused = fuse(past, past_scores, weight)
                calibration.learn([fused.confidence], [fused.first_is(truth.actions)])
        whole = _whole(recommender, moment, heard, threshold)
        tuned = _outcome(recommender, moment, fuse(ranking, heard, weight), threshold, calibration)
        yield _alone(scores, operation), whole, tuned
        calibration.learn([tuned.raw], [tuned.right])


def _ask(
    scorer: Scorer, operation: Operation, ranking: Ranking, moment: str
) -> tuple[dict[Candidate, float], dict[Candidate, float]]:
    """The model's scores of all candidates, and those that the whole system would ask for."""
    scores = scorer.score_before(operation, ranking.candidates, moment)
    scorer.learn(operation)
    favourites = worth_asking(ranking.candidates, ranking.probabilities)
    return scores, {candidate: scores[candidate] for candidate in favourites}


Scored = tuple[Ranking, dict[Candidate, float], Operation]
"""What the history and the model say of one operation."""


def best_weight(scored: Sequence[Scored]) -> float:
    """The weight of WEIGHTS under which what happened is likeliest."""

    def likelihood(weight: float) -> float:
        total = 0.0
        for ranking, scores, operation in scored:
            fused = fuse(ranking, scores, weight)
            chances = zip(fused.candidates, fused.probabilities, strict=True)
            total += np.log(
                max(1e-6, *(p for c, p in chances if set(c) == set(operation.actions)), 0.0)
            )
        return total

    return max(WEIGHTS, key=likelihood)


class Moment(NamedTuple):
    """A prediction and what it is of."""

    operation: Operation
    asked_at: datetime
    ranking: Ranking


def _moments(
    operations: Sequence[Operation], first: int, days: int | None, scorer: Scorer | None = None
) -> Iterator[tuple[Recommender, Moment]]:
    """Predictions from `first` on: with all that was before, or with `days` before each day."""
    whole = [(operations[first:], operations[:first])]
    for today, history in _days(operations, first, days) if days else whole:
        recommender = Recommender()
        recommender.learn_history(history)
        if scorer:
            scorer.learn_history(history)
        for moment in _online(recommender, today):
            yield recommender, moment


def _online(
    recommender: Recommender,
    operations: Sequence[Operation],
    see: See = Recommender.scene,
    refit: bool = True,
) -> Iterator[Moment]:
    """Predict and then learn each operation. Calibration and trees are as old as CHUNK and REFIT.

    A chunk is learned before its first ranking comes, since trees answer many at once much faster.
    Each ranking is made of what was known before its operation, and meanwhile the home's log, which
    rules and reasons read, ends there too.
    """
    home = recommender.home
    for at in range(0, len(operations), CHUNK):
        chunk = operations[at : at + CHUNK]
        known = len(home.log)
        times, choices = [], []
        for operation in chunk:
            scene = see(recommender, operation)
            times.append(datetime.fromtimestamp(scene.moment.seconds, operation.time.tzinfo))
            choices.append(recommender.learn(operation, scene))
        probabilities = recommender.ranker.probabilities([choice.features for choice in choices])
        log = home.log
        for i, (choice, p) in enumerate(zip(choices, probabilities, strict=True)):
            home.log = log[: known + i]
            yield Moment(chunk[i], times[i], recommender.ranking(choice.numbers, p))
        home.log = log
        recommender.judge(choices, recommender.ranker)
        if refit and (at + CHUNK) % REFIT == 0:
            recommender.fit()


def _whole(
    recommender: Recommender, moment: Moment, heard: dict[Candidate, float], threshold: float
) -> Outcome:
    """What `devpiolt recommend --with-model` says, which asks nothing about a pruned device."""
    ranking = moment.ranking
    if ranking.candidates and not recommender.pruned(ranking, threshold):
        ranking = fuse(ranking, heard)
    return _outcome(recommender, moment, ranking, threshold)


def _outcome(
    recommender: Recommender,
    moment: Moment,
    ranking: Ranking,
    threshold: float,
    calibration: Calibration | None = None,
) -> Outcome:
    probability = (calibration or recommender.calibration)(ranking.confidence)
    return Outcome(
        tuple(ranking.candidates[:TOP]),
        moment.operation.actions,
        probability,
        ranking.confidence,
        recommender.silence(ranking, probability, moment.asked_at, threshold) is None,
    )


def _alone(scores: dict[Candidate, float], operation: Operation) -> Outcome:
    """The model's own choice among what it was asked about."""
    if not scores:
        return Outcome((), operation.actions)
    ranked = sorted(scores, key=lambda candidate: -scores[candidate])
    share = float(softmax(np.array(list(scores.values()))).max())
    return Outcome(tuple(ranked[:TOP]), operation.actions, share, share)


def _days(
    operations: Sequence[Operation], start: int, days: int
) -> Iterator[tuple[Sequence[Operation], Sequence[Operation]]]:
    """Each day of the test part, and the operations of the `days` times 24 hours before it."""
    first = 0
    for _, group in groupby(range(start, len(operations)), lambda i: operations[i].time.date()):
        day = list(group)
        oldest = operations[day[0]].time - timedelta(days=days)
        while operations[first].time < oldest:
            first += 1
        yield operations[day[0] : day[-1] + 1], operations[first : day[0]]

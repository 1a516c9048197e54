"""Replays a home's past: each operation is predicted from what was known just before it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import count, groupby

import numpy as np

from gpiot_cli.recommend.baselines import Counting
from gpiot_cli.recommend.calibration import Calibration
from gpiot_cli.recommend.home import Candidate
from gpiot_cli.recommend.metrics import Outcome
from gpiot_cli.recommend.prior import CANDIDATES
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
    for operation, ranking in _online(recommender, operations[start:], see):
        yield _outcome(recommender, recommender.calibration, operation, ranking, threshold)


def from_few_days(
    operations: Sequence[Operation], start: int, days: int, threshold: float
) -> Iterator[Outcome]:
    """Each day of the test part, predicted with only the `days` days before it as history."""
    for today, window in _days(operations, start, days):
        recommender = Recommender()
        recommender.learn_history(window)
        for operation, ranking in _online(recommender, today):
            yield _outcome(recommender, recommender.calibration, operation, ranking, threshold)


def counting_few_days(
    make: Callable[[], Counting], operations: Sequence[Operation], start: int, days: int
) -> Iterator[Outcome]:
    """A counting baseline under the same conditions as `from_few_days`."""
    for today, window in _days(operations, start, days):
        yield from by_counting(make(), [*window, *today], len(window))


def across_homes(
    homes: Sequence[Sequence[Operation]], test: int, threshold: float
) -> Iterator[Outcome]:
    """The home `test` from its first operation on, with trees fitted to the other homes only.

    Half of the others' operations fit the trees that calibration judges on the other half.
    """
    others = []
    for i, operations in enumerate(homes):
        if i != test:
            others.append(Recommender())
            for operation in operations:
                others[-1].learn(operation)
    newcomer = Recommender()
    half = Ranker([choice for other in others for choice in other.recent[::2]])
    for other in others:
        other.judge(other.recent[1::2], half, newcomer.calibration)
    newcomer.ranker = Ranker([choice for other in others for choice in other.recent])
    for operation, ranking in _online(newcomer, homes[test], refit=False):
        yield _outcome(newcomer, newcomer.calibration, operation, ranking, threshold)


def with_model(
    operations: Sequence[Operation],
    start: int,
    threshold: float,
    scorer: Scorer,
    asked: int = CANDIDATES,
) -> Iterator[tuple[Outcome, Outcome]]:
    """The prompted model alone, and the whole system, on each operation of the test part.

    Alone the model judges `asked` candidates; the whole system takes its word on those only that
    it would ask about. The weight of the model's scores and the calibration of the whole are
    chosen on the operations just before the test part.
    """
    first = max(0, start - WARM_UP)
    recommender = Recommender()
    recommender.learn_history(operations[:first])
    scorer.learn_history(operations[:first])
    calibration = Calibration()
    warm: list[Scored] = []
    weight = 0.0
    for i, (operation, ranking) in enumerate(_online(recommender, operations[first:]), first):
        scores, heard = _ask(scorer, operation, ranking, asked, str(i))
        if i < start:
            warm.append((ranking, heard, operation))
            continue
        if i == start and warm:
            weight = best_weight(warm)
            for past, past_scores, truth in warm:
                fused = fuse(past, past_scores, weight)
                calibration.learn([fused.confidence], [fused.first_is(truth.actions)])
        whole = fuse(ranking, heard, weight)
        outcome = _outcome(recommender, calibration, operation, whole, threshold)
        yield _alone(scores, operation), outcome
        calibration.learn([outcome.raw], [outcome.right])


def with_model_from_few_days(
    operations: Sequence[Operation],
    start: int,
    days: int,
    threshold: float,
    scorer: Scorer,
    asked: int = CANDIDATES,
) -> Iterator[tuple[Outcome, Outcome]]:
    """`with_model` under the conditions of `from_few_days`.

    A few days are too few to choose a weight on: as in `devpiolt recommend`, the weight is
    MODEL_WEIGHT and the calibration that of the history alone.
    """
    numbers = count(start)
    for today, window in _days(operations, start, days):
        recommender = Recommender()
        recommender.learn_history(window)
        scorer.learn_history(window)
        for operation, ranking in _online(recommender, today):
            moment = f"{days} days, {next(numbers)}"
            scores, heard = _ask(scorer, operation, ranking, asked, moment)
            whole = fuse(ranking, heard)
            outcome = _outcome(recommender, recommender.calibration, operation, whole, threshold)
            yield _alone(scores, operation), outcome


def _ask(
    scorer: Scorer, operation: Operation, ranking: Ranking, asked: int, moment: str
) -> tuple[dict[Candidate, float], dict[Candidate, float]]:
    """The model's scores of `asked` candidates, and those that the whole system would ask for."""
    scores = scorer.score_before(operation, ranking.candidates[:asked], moment)
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


def _online(
    recommender: Recommender,
    operations: Sequence[Operation],
    see: See = Recommender.scene,
    refit: bool = True,
) -> Iterator[tuple[Operation, Ranking]]:
    """Predict and then learn each operation. Calibration and trees are as old as CHUNK and REFIT.

    A ranking comes after its chunk was learned, but is made of what was known before it.
    """
    for at in range(0, len(operations), CHUNK):
        chunk = operations[at : at + CHUNK]
        choices = []
        for operation in chunk:
            scene = see(recommender, operation)
            choices.append(recommender.learn(operation, scene))
        probabilities = recommender.ranker.probabilities([choice.features for choice in choices])
        for operation, choice, p in zip(chunk, choices, probabilities, strict=True):
            yield operation, recommender.ranking(choice.numbers, p)
        recommender.judge(choices, recommender.ranker)
        if refit and (at + CHUNK) % REFIT == 0:
            recommender.fit()


def _outcome(
    recommender: Recommender,
    calibration: Calibration,
    operation: Operation,
    ranking: Ranking,
    threshold: float,
) -> Outcome:
    probability = calibration(ranking.confidence)
    return Outcome(
        tuple(ranking.candidates[:TOP]),
        operation.actions,
        probability,
        ranking.confidence,
        bool(ranking.candidates) and recommender.exposed(ranking, probability, threshold),
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

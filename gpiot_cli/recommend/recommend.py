"""The story of `devpiolt recommend`: log → candidates → confidence → a suggestion, or none."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import NamedTuple

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gpiot_cli.errors import GpiotError, first_fault
from gpiot_cli.recommend import feedback
from gpiot_cli.recommend.describe import describe
from gpiot_cli.recommend.explain import explain
from gpiot_cli.recommend.home import Candidate
from gpiot_cli.recommend.recommender import Recommender, fuse
from gpiot_cli.recommend.records import (
    BadLine,
    Operation,
    Reading,
    parse_line,
    read_operations,
)
from gpiot_cli.recommend.rules import objection
from gpiot_cli.recommend.scorer import Scorer, worth_asking

POLL = 1.0
"""Seconds between two looks at a log that is followed."""

UNCALIBRATED = "The percentage is calibrated without the model."
"""Else the model would have to be asked about hundreds of past operations; `evaluate` does that."""


class Suggestion(NamedTuple):
    """One operation that may come next."""

    actions: Candidate
    description: str
    """One sentence that names the room."""
    probability: float
    """That it is this one, given that something is operated."""
    because: list[str]
    """What it rests on."""
    objection: str | None
    """Which rule speaks against it."""


class Recommendation(NamedTuple):
    """What to suggest at one moment."""

    time: datetime
    suggestions: list[Suggestion]
    """The likeliest, best first, whether shown or not."""
    silence: str | None
    """Why the first should not be suggested; None when it should."""
    judged: int
    """On how many of the home's own operations the probability is calibrated."""
    asked: int = 0
    """About how many candidates the language model was asked."""


def recommend(
    recommender: Recommender,
    time: datetime,
    readings: Sequence[Reading] = (),
    *,
    top: int = 3,
    threshold: float = 0.7,
    verdicts: Sequence[feedback.Feedback] = (),
    scorer: Scorer | None = None,
) -> Recommendation:
    """The likeliest operations at `time`, and whether the first is worth suggesting.

    `scorer`, if given, has followed the same history.
    """
    scene = recommender.prior.scene(time, readings)
    home = recommender.home
    candidates = [home.candidates[number] for number in scene.numbers]
    probabilities = recommender.ranker.probabilities([scene.features])[0]
    ranking = recommender.ranking(
        scene.numbers, feedback.heed(candidates, probabilities, time, verdicts)
    )
    if not ranking.candidates:
        return Recommendation(time, [], recommender.silence(ranking, 0.0, time, threshold), 0)
    asked: list[Candidate] = []
    if scorer and not recommender.pruned(ranking, threshold):
        asked = worth_asking(ranking.candidates, ranking.probabilities)
    if scorer and asked:
        moment = f"{len(home.log)} operations, {time}"  # one time may be asked about twice
        ranking = fuse(ranking, scorer.score(time, readings, asked, moment, ranking.candidates))
    caveat = [UNCALIBRATED] if asked and recommender.calibration.judged else []
    first = recommender.calibration(ranking.confidence)
    # The first is calibrated; the others share what is left in their proportions.
    rest = (1 - first) / max(1 - ranking.probabilities[0], 1e-9)
    suggestions = [
        Suggestion(
            candidate,
            describe(candidate),
            first if i == 0 else min(first, p * rest),
            explain(home.number[frozenset(candidate)], time, home) + (caveat if i == 0 else []),
            objection(home.number[frozenset(candidate)], time, home),
        )
        for i, (candidate, p) in enumerate(
            zip(ranking.candidates[:top], ranking.probabilities, strict=False)
        )
    ]
    silence = recommender.silence(ranking, first, time, threshold)
    return Recommendation(time, suggestions, silence, recommender.calibration.judged, len(asked))


def known_at(
    operations: Sequence[Operation], at: datetime | None
) -> tuple[Sequence[Operation], datetime]:
    """The operations before `at`, and that time on the home's clock; default: all of them, and now.

    A time without an offset is on the home's own clock, and one of a whole minute means its middle.
    Raises `GpiotError` when there are none.
    """
    if at is None:
        return operations, _now_after(operations[-1].time)
    if at.tzinfo is None:
        before = [o for o in operations if o.time.replace(tzinfo=None) < at] or operations
        at = at.replace(tzinfo=before[-1].time.tzinfo)
    known = [operation for operation in operations if operation.time < at]
    if not known:
        raise GpiotError(f"The log begins after {at}.", "Choose a later --at.")
    at = at.astimezone(known[-1].time.tzinfo)
    # Schedules fire at second 0: "22:50" does not say that this is one.
    return known, at if at.second else at.replace(second=30)


def _now_after(last: datetime) -> datetime:
    """The present time on the home's clock, never before its `last` operation."""
    now = datetime.now().astimezone()
    if last.astimezone().utcoffset() != last.utcoffset():
        now = now.astimezone(last.tzinfo)  # this machine is in another time zone
    return max(now, last)


def read_log(path: Path) -> list[Operation]:
    """The operations of a home, oldest first; lines that are none are left out, and said on stderr.

    Raises `GpiotError` when there is no such file or nothing in it.
    """
    _need(path)
    return _some(_ordered(read_operations(path), path), path)


def growing_log(path: Path) -> Iterator[list[Operation]]:
    """First all operations of a log, then those of new whole lines, waiting for them.

    Another import may put a file in its place that begins with the same lines. Raises `GpiotError`
    like `read_log`, and when the log is compressed or does not go on where it was read.
    """
    _need(path)
    if path.suffix == ".gz":
        raise GpiotError(f"{path} cannot be followed: it is compressed.", f"gunzip {path}")
    position = number = 0
    last = b""
    while True:
        with path.open("rb") as file:
            file.seek(position - len(last))
            data = file.read()
        if not data.startswith(last):
            raise GpiotError(f"{path} is another log than before.", "Start again.")
        data = data[len(last) :]
        whole = data[: data.rfind(b"\n") + 1]  # the last line may still be growing
        lines = whole.decode("utf-8-sig", errors="replace").split("\n")[:-1]
        operations = _ordered(_parsed(lines, number), path)
        if operations or not position:
            yield _some(operations, path)
        read, position, number = position + len(data), position + len(whole), number + len(lines)
        last = whole[whole.rfind(b"\n", 0, -1) + 1 :] or last
        while path.stat().st_size == read:
            sleep(POLL)


def _parsed(lines: Iterable[str], before: int) -> Iterator[Operation | BadLine]:
    for number, line in enumerate(lines, start=before + 1):
        if line.strip():
            yield parse_line(number, line)


def _need(path: Path) -> None:
    if not path.is_file():
        raise GpiotError(f"There is no file {path}.", "devpiolt import makes one from an export.")


def _ordered(found: Iterable[Operation | BadLine], path: Path) -> list[Operation]:
    """The operations by time; says on stderr which lines of `path` are none."""
    operations: list[Operation] = []
    bad: list[BadLine] = []
    for record in found:
        if isinstance(record, BadLine):
            bad.append(record)
        else:
            operations.append(record)
    if bad:
        count = "1 line is no record" if len(bad) == 1 else f"{len(bad):,} lines are no records"
        first = f"first: line {bad[0].number}: {bad[0].reason}"
        print(f"{path.name}: {count} ({first})", file=sys.stderr)
    return sorted(operations, key=lambda operation: operation.time)


def _some(operations: list[Operation], path: Path) -> list[Operation]:
    if not operations:
        raise GpiotError(f"{path} holds no operations.", "devpiolt import says why.")
    return operations


def read_readings(path: Path) -> list[Reading]:
    """Sensor readings from a JSON list of [room, indicator, value]; a `GpiotError` if it is none."""
    readings = TypeAdapter(list[Reading], config=ConfigDict(allow_inf_nan=False))
    try:
        return readings.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        why = first_fault(error) if isinstance(error, ValidationError) else error
        raise GpiotError(
            f"{path} holds no sensor readings: {why}.",
            'It should look like [["Kitchen", "temperature", 21.5]].',
        ) from error

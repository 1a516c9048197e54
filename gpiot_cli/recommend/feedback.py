"""What people said of earlier suggestions: kept on this machine, and used."""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from gpiot_cli.errors import GpiotError
from gpiot_cli.paths import home as data_directory
from gpiot_cli.recommend.home import Candidate
from gpiot_cli.recommend.records import Action, minutes_apart

Verdict = Literal["accept", "reject"]

WEIGHT = 0.7
"""Log-odds of one verdict when it is fresh and of this time of day."""

ELSEWHEN = 0.25
"""What a verdict counts at other times of day: more than two hours away."""

HALF_LIFE = 30.0
"""Days after which a verdict counts half."""

LIMIT = 3.0
"""Verdicts never move a candidate by more log-odds than this."""


class Feedback(NamedTuple):
    """One verdict on one suggestion."""

    time: AwareDatetime
    """The moment that was suggested for."""
    actions: Candidate
    verdict: Verdict


class Suggested(BaseModel):
    """One suggestion, as far as a verdict needs it."""

    actions: Candidate


class Last(BaseModel):
    """The last recommendation, as far as verdicts need it."""

    log: Path
    time: AwareDatetime
    suggestions: list[Suggested]


VERDICT = TypeAdapter(Feedback)


def path_for(log: Path) -> Path:
    """Where the verdicts on one home's suggestions are kept."""
    return folder_of(log) / "feedback.jsonl"


def folder_of(log: Path) -> Path:
    """What is kept of one home: its directory, named for the log's place."""
    name = hashlib.sha256(str(log.resolve()).encode()).hexdigest()[:16]
    return data_directory() / "homes" / name


def last_path() -> Path:
    """The last recommendation, which `accept` and `reject` are about."""
    return data_directory() / "homes" / "last.json"


def last_suggestion(number: int, verdict: Verdict) -> tuple[Path, Feedback]:
    """The log and the verdict on suggestion `number` of the last recommendation.

    Raises `GpiotError` when there is none, and when what is kept of it is damaged.
    """
    path = last_path()
    if not path.is_file():
        raise GpiotError("Nothing was suggested yet.", "Run `devpiolt recommend` first.")
    try:
        last = Last.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise GpiotError(f"{path} is damaged.", "Run `devpiolt recommend` again.") from error
    if number > len(last.suggestions):
        raise GpiotError(
            f"The last recommendation has {len(last.suggestions)} suggestions.",
            "Give one of their numbers.",
        )
    return last.log, Feedback(last.time, last.suggestions[number - 1].actions, verdict)


def keep(log: Path, feedback: Feedback) -> None:
    """Add a verdict to those of this home."""
    path = path_for(log)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {
        "time": feedback.time.isoformat(),
        "actions": feedback.actions,
        "verdict": feedback.verdict,
    }
    with path.open("a") as file:
        file.write(json.dumps(body, ensure_ascii=False) + "\n")


def read(log: Path) -> list[Feedback]:
    """The verdicts so far, the last one on each suggestion of a moment; a bad line is left out."""
    path = path_for(log)
    if not path.is_file():
        return []
    verdicts: dict[tuple[datetime, frozenset[Action]], Feedback] = {}
    for line in path.read_bytes().splitlines():
        try:
            verdict = VERDICT.validate_json(line)
        except ValidationError:
            continue
        verdicts[verdict.time, frozenset(verdict.actions)] = verdict
    return list(verdicts.values())


def heed(
    candidates: Sequence[Candidate],
    probabilities: npt.NDArray[np.float64],
    time: datetime,
    verdicts: Iterable[Feedback],
) -> npt.NDArray[np.float64]:
    """The probabilities moved by the verdicts given before `time`."""
    moved: dict[frozenset[Action], float] = {}
    for verdict in verdicts:
        age = (time - verdict.time).total_seconds() / 86_400
        if age < 0:
            continue
        near = abs(minutes_apart(time, verdict.time)) <= 120
        weight = WEIGHT * 2 ** (-age / HALF_LIFE) * (1.0 if near else ELSEWHEN)
        key = frozenset(verdict.actions)
        moved[key] = moved.get(key, 0.0) + (weight if verdict.verdict == "accept" else -weight)
    if not moved:
        return probabilities
    factors = [
        math.exp(max(-LIMIT, min(LIMIT, moved.get(frozenset(candidate), 0.0))))
        for candidate in candidates
    ]
    weighed = probabilities * factors
    # A rejected favourite must lose confidence even when nothing else is likely.
    return weighed / max(float(weighed.sum()), 1.0)

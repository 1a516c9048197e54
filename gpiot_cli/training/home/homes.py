"""The logs that a stage learns from; the last fifth of each is never read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.evaluate import TRAIN_SHARE
from gpiot_cli.recommend.home import Candidate, Home
from gpiot_cli.recommend.prompt import LogPrompt
from gpiot_cli.recommend.recommend import read_log
from gpiot_cli.recommend.records import Operation, digest
from gpiot_cli.training.home.passage import ROLE, Line

FEWEST = 50
"""Operations below which nothing is learned of a home."""

VALIDATION = 0.1
"""Share of the training part, at its end, that measures the loss."""


@dataclass(frozen=True)
class Log:
    """The part of a home's log that may be learned from."""

    operations: Sequence[Operation]
    """Oldest first, without the last fifth."""
    cut: int
    """From this one on they measure the loss."""
    fact: dict[str, Any]
    """For the card."""


def own_home(path: Path) -> list[Log]:
    """The user's own home. Raises `GpiotError` when the log is missing or too short."""
    return [_log(path, read_log(path))]


def simulated_homes(folder: Path) -> list[Log]:
    """All homes that `devpiolt simulate` wrote to a folder.

    Raises `GpiotError` when there are none, and when a record is not simulated: what is learned
    here may be shared, and a real home's log may not.
    """
    paths = sorted(folder.glob("*.simulated.jsonl"))
    if not paths:
        raise GpiotError(
            f"There are no simulated homes in {folder}.",
            f"Make some: devpiolt simulate --out {folder} --homes 10 --days 60",
        )
    logs = []
    for path in paths:
        operations = read_log(path)
        if any(operation.origin != "simulated" for operation in operations):
            raise GpiotError(
                f"{path} holds operations of a real home.", "Learn from it with --logs."
            )
        logs.append(_log(path, operations))
    return logs


def _log(path: Path, operations: Sequence[Operation]) -> Log:
    if len(operations) < FEWEST:
        raise GpiotError(
            f"{path} holds {len(operations)} operations, too few to learn from.",
            f"At least {FEWEST} are needed; some thousand teach something.",
        )
    held_out = int(len(operations) * TRAIN_SHARE)
    fact = {
        "role": ROLE,
        "data set": path.name,
        "split": f"before {operations[held_out].time.isoformat()}; the last fifth is held out",
        "examples": held_out,
        "sha256": digest(path),
    }
    return Log(operations[:held_out], int(held_out * (1 - VALIDATION)), fact)


@dataclass(frozen=True)
class Moment:
    """What is known just before an operation, and how the log goes on."""

    operation: Operation
    home: Home
    line: Line
    continuation: Callable[[Candidate], str]
    """What the log would say of another candidate."""


def moments(
    operations: Sequence[Operation], first: int, history: int, text_first: bool = False
) -> Iterator[Moment]:
    """Each operation from `first` on with the prompt that the recommender would ask before it.

    This is how `recommend/scorer.py` follows a log: the home knows everything before, the prompt
    begins with the last `history` operations and grows.
    """
    home, log = Home(), LogPrompt(history, text_first)
    for number, operation in enumerate(operations):
        known = home.known_before(operation)
        if number == first:
            log.list_devices(home)
        if number >= first:
            prompt = log.render(operation.time, known)
            action = f"{log.continuation(operation.actions)}\n"
            yield Moment(operation, home, Line(prompt, action), log.continuation)
        if number >= first - history:
            log.append(operation, known, home)
        home.learn(operation)

"""What was learned from a log, kept on disk, so that the next call only reads what is new.

The file is a pickle in the user's own data directory: never take one from anybody else.
"""

import hashlib
import pickle
from pathlib import Path
from typing import NamedTuple

from gpiot_cli import __version__
from gpiot_cli.files import write_atomic
from gpiot_cli.recommend.feedback import folder_of
from gpiot_cli.recommend.recommender import Recommender
from gpiot_cli.recommend.records import parse_operation

LAYOUT = 1
"""Raise it when what is pickled changes."""

SMALL = 3000
"""Operations below which learning anew is as fast as remembering."""

REFIT_AFTER = 0.05
"""Share of new operations after which the trees are fitted again."""


class Kept(NamedTuple):
    """A recommender, and which bytes of the log it has learned."""

    version: tuple[str, int]
    size: int
    sha256: str
    recommender: Recommender
    fitted_on: int


def recall(log: Path) -> Recommender | None:
    """The recommender for this log, up to date; None when nothing fitting was kept.

    New lines at the log's end are learned. A log that changed elsewhere is not recognised.
    """
    path = folder_of(log) / "learned.pickle"
    if not path.is_file() or log.suffix == ".gz":
        return None
    try:
        kept = pickle.loads(path.read_bytes())
    except Exception:  # any damage means the same: learn anew
        return None
    if not isinstance(kept, Kept) or kept.version != (__version__, LAYOUT):
        return None
    data = log.read_bytes()
    if hashlib.sha256(data[: kept.size]).hexdigest() != kept.sha256:
        return None
    new = [parse_operation(line) for line in data[kept.size :].splitlines() if line.strip()]
    operations = [operation for operation in new if not isinstance(operation, str)]
    recommender = kept.recommender
    if not operations:
        return recommender
    last = recommender.home.last
    if last and min(operation.time for operation in operations) < last:
        return None
    fresh = [recommender.learn(o) for o in sorted(operations, key=lambda o: o.time)]
    recommender.judge(fresh, recommender.ranker)
    fitted_on = kept.fitted_on
    if len(recommender.home.log) > fitted_on * (1 + REFIT_AFTER):
        recommender.fit()
        fitted_on = len(recommender.home.log)
    _write(path, data, recommender, fitted_on)
    return recommender


def remember(log: Path, recommender: Recommender) -> None:
    """Keep a recommender that has just learned the whole log, unless that is quickly done again."""
    if len(recommender.home.log) > SMALL and log.suffix != ".gz":
        path = folder_of(log) / "learned.pickle"
        _write(path, log.read_bytes(), recommender, len(recommender.home.log))


def _write(path: Path, data: bytes, recommender: Recommender, fitted_on: int) -> None:
    # A last line without its end may still be growing.
    size = data.rfind(b"\n") + 1
    if size == len(data):
        digest = hashlib.sha256(data).hexdigest()
        kept = Kept((__version__, LAYOUT), size, digest, recommender, fitted_on)
        write_atomic(path, pickle.dumps(kept, protocol=pickle.HIGHEST_PROTOCOL))

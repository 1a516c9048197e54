"""`gpiot data tdd`: the written decompositions, those of galleries and those of papers, as one set."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gpiot_cli import paths
from gpiot_cli.bench.results import Results
from gpiot_cli.engine.protocol import Engine
from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.training.dataset import Example, write_dataset
from gpiot_cli.training.tdd import galleries, papers
from gpiot_cli.training.tdd.decomposition import example
from gpiot_cli.training.tdd.sift import sift
from gpiot_cli.training.tdd.written import load_written

DRAWS = "draws"
"""Where in the data set's folder the model's replies are kept."""

CARD = """\
# Task decomposition

Problems of the Internet of Things and the computing steps that solve them, in run order and separated
by blank lines, as chats that end with the answer. Built by `gpiot data tdd` after GPIoT (SenSys 2025),
section 4.1.1.

Each example's `source` tells its `origin`: `written` for this project one by one, naming modality,
representation and resources, or `raw`: mined from the example galleries of permissively licensed
packages (`package`, `version`, `licence`, `object`) or written by a language model that read a user's
papers (`object` names paper and section). None of the decompositions was executed. Train and
validation are split by problem. What holds a task of IoTBench, or a near-duplicate, was left out.
"""

Say = Callable[[str], None]


@dataclass
class Report:
    """What a data set holds and what was left out of it."""

    kept: Counter[str] = field(default_factory=Counter)
    """Examples by origin and, for raw ones, by where they are from."""
    left_out: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {"kept": dict(self.kept), "left out": dict(self.left_out)}


def build(
    folder: Path,
    embedder: Embedder,
    say: Say,
    *,
    packages: Sequence[str] = (),
    papers_folder: Path | None = None,
    engine: Engine | None = None,
    seed: int = 0,
) -> Report:
    """Write the data set to `folder`; papers need an `engine`, whose replies are kept there.

    A gallery or paper may tell what is written or found already: the first one stays.
    """
    report = Report()
    made = [example(item, "written") for item in load_written().values()]
    report.kept["written"] = len(made)

    def add(kind: str, found: list[Example]) -> None:
        fresh, reasons = sift(found, made, embedder)
        made.extend(fresh)
        report.kept[f"raw, {kind}"] += len(fresh)
        report.left_out.update({f"{kind}: {reason}": n for reason, n in reasons.items()})

    if packages:
        mined = galleries.mine_packages(packages, paths.home() / "cache" / "sdists", say)
        report.left_out.update({f"galleries: {why}": n for why, n in mined.left_out.items()})
        add("galleries", mined.examples)
    if papers_folder is not None:
        assert engine is not None
        parts = papers.read_papers(papers_folder, say)
        kept = Results.open(folder / DRAWS, "tdd", {"seed": seed})
        kept.note("model", {"name": engine.info.name, "sha256": engine.info.sha256})
        papers.draw(parts, kept, engine, seed, say)
        found, reasons = papers.judge(parts, kept)
        report.left_out.update({f"papers: {why}": n for why, n in reasons.items()})
        add("papers", found)
    write_dataset(folder, made, CARD)
    return report

"""`gpiot data augment`: variations of a decomposition data set, drawn from the local model.

IoT-oriented (GPIoT, section 4.1.1, equation 2): a problem is rewritten for another sensor modality,
data representation or resource budget. Linguistic: Evol-Instruct (Xu et al., arXiv:2304.12244), the
ablation's other arm. Where the paper asks once for the new problem and once more for its sub-tasks,
here one reply has both: a small model edits a given solution better than it finds one.

Drawing and judging are apart. Every reply is kept as it came, so that a killed run goes on, and the
data set is judged anew from all replies each time.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

from gpiot_cli.bench.results import Results
from gpiot_cli.engine.protocol import Engine, Prompt, Request, Sampling
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.decompose import MOST
from gpiot_cli.training.dataset import MANIFEST, SPLITS, Example, read_dataset, write_dataset
from gpiot_cli.training.tdd.decomposition import Decomposition, decomposition, example, fault
from gpiot_cli.training.tdd.reply import read_reply, reply_grammar
from gpiot_cli.training.tdd.sift import sift

Kind = Literal["iot", "linguistic"]
Aspect = Literal["modality", "representation", "resources"]
Operation = Literal["constrain", "concretise", "breadth"]

WAYS: dict[Kind, tuple[str, ...]] = {"iot": get_args(Aspect), "linguistic": get_args(Operation)}
"""Three of each kind, so that both arms of the ablation draw equally much."""
ORIGIN: dict[Kind, str] = {"iot": "augmented", "linguistic": "linguistic"}

DRAWS = "draws"
MAX_TOKENS = 200 + 100 * MOST
SAME_PROBLEM = 0.8
"""Jaccard similarity of word pairs from which a problem counts as its source's in other clothes."""
SAME_TEXT = 0.7
"""The same for problem and sub-tasks together, between variations of one source."""
WORD = re.compile(r"\w+")

CARD = """\
# Task decomposition, {words}

The examples of the data set below and variations of its training problems, written by a language
model under a grammar and sifted: what was malformed, unchanged, not IoT, a near-duplicate, or held a
task of IoTBench was left out. The steps of the variations were read by nobody and executed by
nothing. `origin` in an example's `source` tells them apart (`{origin}`), `way` how they were
varied, `of` from which example. A variation is in the same split as its source.

Model: {model}. Seed: {seed}. Variations asked for per problem and way: {per_item}. Replies: {drawn};
kept: {kept}; left out: {rejected}.
"""

Say = Callable[[str], None]


@dataclass
class Report:
    """How many examples a data set has of which origin, and what became of the replies."""

    origins: Counter[str] = field(default_factory=Counter)
    drawn: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    """By way."""
    rejected: Counter[str] = field(default_factory=Counter)
    """By reason."""
    missing: int = 0
    """Source problems for which nothing was drawn yet."""

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "origins": dict(self.origins),
            "drawn": self.drawn,
            "kept": dict(self.kept),
            "rejected": dict(self.rejected),
            "problems without variations": self.missing,
        }


def augment(
    source: Path,
    folder: Path,
    kind: Kind,
    engine: Engine,
    embedder: Embedder,
    say: Say,
    *,
    per_item: int = 1,
    seed: int = 0,
    limit: int | None = None,
) -> Report:
    """Write the data set `source` with variations of its training problems to `folder`.

    Draws for at most `limit` problems that have none yet; the same call again goes on.
    """
    if folder.resolve() == source.resolve():
        raise GpiotError("The variations would overwrite their source.", "Choose another --out.")
    known = [made for split in SPLITS for made in read_dataset(source, split)]
    if any(made.source["kind"] != "TDD" for made in known):
        raise GpiotError(f"{source} holds no decompositions.", "Make it with `gpiot data tdd`.")
    settings = {"source": sha256_of(source / MANIFEST), "per item": per_item, "seed": seed}
    kept = Results.open(folder / DRAWS, f"augment {kind}", settings)
    kept.note("model", {"name": engine.info.name, "sha256": engine.info.sha256})
    items = {made.id: made for made in _in_order(read_dataset(source, "train"))}
    if not items:
        raise GpiotError(f"{source} has no problems to vary.", "Make it with `gpiot data tdd`.")
    draw(list(items.values()), kept, kind, engine, say, per_item=per_item, seed=seed, limit=limit)

    report = Report(origins=Counter(made.source["origin"] for made in known))
    found = judge(items, kept, kind, report)
    fresh, reasons = sift(found, known, embedder)
    report.rejected.update(reasons)
    report.kept.update(made.source["way"] for made in fresh)
    report.origins[ORIGIN[kind]] += len(fresh)
    report.missing = len(items.keys() - kept.done(kind, "of"))
    words = "IoT-oriented augmentation" if kind == "iot" else "linguistic augmentation"
    facts = {"model": engine.info.name, "seed": seed, "per_item": per_item, "drawn": report.drawn}
    counts = {"kept": _listed(report.kept), "rejected": _listed(report.rejected)}
    card = CARD.format(words=words, origin=ORIGIN[kind], **facts, **counts)
    write_dataset(folder, [*known, *fresh], card)
    return report


def draw(
    items: Sequence[Example],
    kept: Results,
    kind: Kind,
    engine: Engine,
    say: Say,
    *,
    per_item: int,
    seed: int,
    limit: int | None,
) -> None:
    """Ask for `per_item` variations of each item in each way, and keep the replies."""
    done = kept.done(kind, "of")
    todo = [item for item in items if item.id not in done][:limit]
    for number, item in enumerate(todo, 1):
        replies = []
        for way in WAYS[kind]:
            request = Request(
                _prompt(kind, way, decomposition(item)),
                stage="augment",
                n=per_item,
                max_tokens=MAX_TOKENS,
                sampling=Sampling(temperature=0.8, seed=seed),
                grammar=reply_grammar(facts=kind == "iot"),
            )
            for reply in engine.generate(request):
                replies.append({"way": way, "text": reply.text, "finish": reply.finish})
        kept.add(kind, {"of": item.id, "replies": replies})
        say(f"{number} of {len(todo)}: {item.id}")


def judge(items: dict[str, Example], kept: Results, kind: Kind, report: Report) -> list[Example]:
    """The replies that are well-formed and new to their source; the others are counted."""
    found = []
    for line in kept.lines(kind):
        source = decomposition(items[line["of"]])
        siblings: list[Decomposition] = []
        for number, reply in enumerate(line["replies"]):
            report.drawn += 1
            varied = read_reply(reply["text"], source)
            if reply["finish"] != "stop":
                report.rejected["cut off"] += 1
            elif varied is None or fault(varied.problem, varied.subtasks):
                report.rejected["malformed"] += 1
            elif _unchanged(source, varied, kind, reply["way"]):
                report.rejected["unchanged"] += 1
            elif any(_alike(varied.text, other.text) >= SAME_TEXT for other in siblings):
                report.rejected["duplicate"] += 1
            else:
                siblings.append(varied)
                named = replace(varied, id=f"{source.id}/{kind}/{number}")
                made = example(named, ORIGIN[kind], way=reply["way"], of=line["of"])
                found.append(made.model_copy(update={"group": items[line["of"]].group}))
    return found


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.most_common()) or "none"


def _in_order(examples: Sequence[Example]) -> list[Example]:
    """By the hash of their ids, so that the first few are of all topics."""
    return sorted(examples, key=lambda made: hashlib.sha256(made.id.encode()).digest())


def _prompt(kind: Kind, way: str, item: Decomposition) -> Prompt:
    if kind == "iot":
        return render("augment_iot", item=item, aspect=way)
    return render("augment_linguistic", item=item, operation=way)


def _unchanged(source: Decomposition, varied: Decomposition, kind: Kind, way: str) -> bool:
    """Whether the problem, or in the IoT-oriented way what had to change, is still the source's."""
    if _alike(source.problem, varied.problem) >= SAME_PROBLEM:
        return True
    if kind == "linguistic":
        return False
    before, after = getattr(source, way), getattr(varied, way)
    return before.casefold() == after.casefold() or source.subtasks == varied.subtasks


def _alike(one: str, other: str) -> float:
    """Jaccard similarity of the pairs of successive words."""
    a, b = _pairs(one), _pairs(other)
    return len(a & b) / max(1, len(a | b))


def _pairs(text: str) -> set[tuple[str, str]]:
    words = WORD.findall(text.lower())
    return set(pairwise(words))

"""What every found or generated decomposition must pass to get into a data set."""

from collections import Counter
from collections.abc import Sequence

from gpiot_cli.bench.contamination import near_iotbench
from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.training.dataset import Example, without_near_duplicates
from gpiot_cli.training.tdd.decomposition import decomposition
from gpiot_cli.training.tdd.relevance import Relevance

RELEVANT = 0.36
"""Of 340 written decompositions, each compared with the others and the recipes (`Relevance`), 5 are
below; of 14 on shops, mails, shares and the like, 11. What passes is not surely IoT."""


def sift(
    examples: Sequence[Example], known: Sequence[Example], embedder: Embedder
) -> tuple[list[Example], Counter[str]]:
    """Those of the examples that belong to the field, are new, and hold nothing of IoTBench.

    `known` are the data set's other examples. Also returns how many were left out for what reason:
    "not IoT", "contaminated", "duplicate".
    """
    remembered = _Memory(embedder)
    texts = {example.id: decomposition(example).text for example in examples}
    near = dict(zip(texts, Relevance(remembered)(list(texts.values())), strict=True))
    leaked = near_iotbench(texts, remembered)
    reasons: Counter[str] = Counter()
    passed = []
    for example in examples:
        if near[example.id] < RELEVANT:
            reasons["not IoT"] += 1
        elif example.id in leaked:
            reasons["contaminated"] += 1
        else:
            passed.append(example)
    kept, _ = without_near_duplicates([*known, *passed])
    new = {example.id for example in passed}
    fresh = [example for example in kept if example.id in new]
    reasons["duplicate"] += len(passed) - len(fresh)
    return fresh, +reasons


class _Memory:
    """An embedder that works out every text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, list[float]] = {}

    @property
    def name(self) -> str:
        return self._embedder.name

    def __call__(self, texts: list[str]) -> list[list[float]]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors |= zip(missing, self._embedder(missing), strict=True)
        return [self._vectors[text] for text in texts]

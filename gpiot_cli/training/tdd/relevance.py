"""Is a text about the Internet of Things? Judged by how near it is to what is known to be.

Known are the recipes, which cover the field's algorithms, and the written decompositions, which
cover its applications.
"""

from collections.abc import Sequence

import numpy as np

from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.knowledge.recipe import load_recipes
from gpiot_cli.training.tdd.written import load_written

NEAREST = 3
"""One of the known may be near by a single word that both have."""


class Relevance:
    """Cosine similarity of texts to what is known to be of the field."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        known = [f"{recipe.topic}: {recipe.summary}" for recipe in load_recipes().values()]
        known += [item.text for item in load_written().values()]
        self._known = np.array(embedder(known))

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """For each text, its mean cosine to the `NEAREST` known ones."""
        if not texts:
            return []
        cosines = np.sort(np.array(self._embedder(list(texts))) @ self._known.T, axis=1)
        return [float(value) for value in cosines[:, -NEAREST:].mean(axis=1)]

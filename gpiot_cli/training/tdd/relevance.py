"""Is a text about the Internet of Things? Judged by how near it is to what the recipes do."""

from collections.abc import Sequence

import numpy as np

from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.knowledge.recipe import load_recipes

NEAREST = 3
"""One recipe may be near by a single word that both have."""


class Relevance:
    """Cosine similarity of texts to the recipes, which cover the field's topics."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        recipes = load_recipes().values()
        self._recipes = np.array(
            embedder([f"{recipe.topic}: {recipe.summary}" for recipe in recipes])
        )

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """For each text, its mean cosine to the `NEAREST` recipes."""
        if not texts:
            return []
        cosines = np.sort(np.array(self._embedder(list(texts))) @ self._recipes.T, axis=1)
        return [float(value) for value in cosines[:, -NEAREST:].mean(axis=1)]

"""What the stages are given to read from the knowledge store."""

import re
from dataclasses import dataclass

from gpiot_cli.knowledge.recipe import Recipe, load_recipes
from gpiot_cli.knowledge.store import Knowledge

SHARED_RECIPES = 6
"""Recipes shown to every stage: nearest to the task as a whole."""

NEAR = 2
"""Recipes whose interface is shown for one sub-task."""

RESOURCES = re.compile(
    r"\bdeploy|\bresource constraints\b"
    r"|\b(RAM|GPU|CPU|flash|memory)\b.*\b(exceed|limit|below|under|at most)\b"
)
"""What sentences on where a program has to run say."""

FITTING = 0.6
"""Cosine similarity from which a recipe counts as fitting a sub-task."""


RELATED = 0.4
"""Cosine similarity below which a recipe is about something else, and would only lead astray: small
models call what they are shown. Of 20 specifications that no recipe is for, 8 have none above it."""


@dataclass(frozen=True)
class Near:
    """What is known near a sub-task."""

    fitting: tuple[Recipe, ...] = ()
    """Recipes that do what it asks for, nearest first."""
    extra: tuple[Recipe, ...] = ()
    """Others close to it."""
    passage: str = ""
    """From the user's own documents; empty when there is none."""


def for_task(knowledge: Knowledge, task: str) -> list[Recipe]:
    """The recipes nearest to the task as a whole, as far as they are related to it."""
    return [recipe for recipe, _ in _related(knowledge, task, SHARED_RECIPES)]


def nearest(knowledge: Knowledge, text: str) -> float:
    """How near the nearest recipe is to a text, as a cosine."""
    return max((similarity for _, similarity in _recipes(knowledge, text, 1)), default=0.0)


def near(knowledge: Knowledge, text: str) -> Near:
    """What is known near a sub-task or a specification's target."""
    found = _related(knowledge, text, NEAR)
    fitting = tuple(recipe for recipe, similarity in found if similarity >= FITTING)
    extra = tuple(recipe for recipe, _ in found if recipe not in fitting)
    documents = knowledge.search(text, 1, kind="document")
    return Near(fitting, extra, documents[0].text if documents else "")


def what_to_do(text: str) -> str:
    """A text without its sentences on where it has to run, which find recipes about memory instead.

    The whole text where it has no others.
    """
    sentences = re.split(r"[.!?]\s+", text)
    kept = [sentence for sentence in sentences if not RESOURCES.search(sentence)]
    return ". ".join(kept) if 0 < len(kept) < len(sentences) else text


def _related(knowledge: Knowledge, text: str, k: int) -> list[tuple[Recipe, float]]:
    return [found for found in _recipes(knowledge, text, k) if found[1] >= RELATED]


def _recipes(knowledge: Knowledge, text: str, k: int) -> list[tuple[Recipe, float]]:
    recipes = load_recipes()
    passages = knowledge.search(what_to_do(text), k, kind="recipe")
    return [(recipes[p.recipe], p.similarity) for p in passages if p.recipe in recipes]

"""The written decompositions: `written/TOPIC.md`, one section for each.

## id
modality | representation | resources

The problem.

Title: sentence.

Title: sentence.
"""

from collections.abc import Iterator
from pathlib import Path

from gpiot_cli.errors import GpiotError
from gpiot_cli.training.tdd.decomposition import Decomposition, fault

WRITTEN = Path(__file__).with_name("written")


def load_written(folder: Path = WRITTEN) -> dict[str, Decomposition]:
    """Every written decomposition by its id; a `GpiotError` names a faulty or doubled one."""
    found: dict[str, Decomposition] = {}
    for path in sorted(folder.glob("*.md")):
        topic = path.stem.replace("_", " ")
        for item in parse(path.read_text(encoding="utf-8"), topic):
            if item.id in found:
                raise GpiotError(f"{path} has {item.id} a second time.", "Rename it.")
            found[item.id] = item
    return found


def parse(text: str, topic: str) -> Iterator[Decomposition]:
    """The sections of one topic's file."""
    for section in ("\n" + text).split("\n## ")[1:]:
        head, *paragraphs = section.strip().split("\n\n")
        id_, _, line = head.partition("\n")
        facts = line.split(" | ")
        if len(facts) != 3 or not all(facts) or not paragraphs:
            raise GpiotError(
                f"{id_} of {topic} does not begin with modality | representation | resources.",
                "Mend the file or reinstall gpiot.",
            )
        problem, *subtasks = paragraphs
        wrong = fault(problem, subtasks)
        if wrong:
            raise GpiotError(f"{id_} of {topic}: {wrong}.", "Mend the file or reinstall gpiot.")
        modality, representation, resources = facts
        yield Decomposition(
            id_, problem, modality, representation, resources, tuple(subtasks), topic
        )

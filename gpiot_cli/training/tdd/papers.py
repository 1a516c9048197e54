"""Decompositions from a folder of papers, section by section (GPIoT, section 4.1.1 and Fig. 5).

As in the paper, a system is first split into technical modules, and each module is a problem of its
own that is then broken down. Here the local model reads one section at a time, held by grammars.
What it wrote is kept, so that a killed run goes on.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gpiot_cli.bench.results import Results
from gpiot_cli.engine.protocol import Engine, Request, Sampling
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.knowledge.documents import UnreadableError, files_under, read_passages
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.decompose import MOST, grammar, split
from gpiot_cli.training.dataset import Example
from gpiot_cli.training.tdd.decomposition import Decomposition, example, fault
from gpiot_cli.training.tdd.reply import modules_grammar, read_reply

PAPERS = {".pdf", ".txt", ".md", ".tex"}
MODULES = 3
"""Modules taken from one section at most."""
SHORTEST, LONGEST = 600, 6000
"""Characters of a section that the model reads: enough to describe a module, and what fits."""

HEADING = re.compile(
    r"^(?:#+\s*)?(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+\**(?P<title>[A-Z][A-Za-z][^\n.]{2,70})",
    re.MULTILINE,
)
END = re.compile(r"^(?:#+\s*)?\**(?:references|bibliography)\**\s*$", re.IGNORECASE | re.MULTILINE)
BESIDE = re.compile(
    r"introduction|related|background|motivation|evaluation|experiment|result|conclusion|discussion"
    r"|acknowledg|future|limitation|abstract|preliminar|overview|benchmark",
    re.IGNORECASE,
)
"""Headings of sections that describe no module."""
SOURCES = re.compile(r"\[\d|et al|\bFig\b|\bEq\b|\bTable \d|\bSec(?:tion)? \d", re.IGNORECASE)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A section of a paper."""

    key: str
    """The paper's hash and the section's place: where a run goes on."""
    paper: str
    title: str
    text: str


def read_papers(folder: Path, say: Say) -> list[Part]:
    """The technical sections of every paper in a folder; a file that cannot be read is told of."""
    if not folder.is_dir():
        raise GpiotError(f"There is no folder {folder}.", "Name a folder of PDF or text files.")
    parts: list[Part] = []
    for path in files_under(folder):
        if path.suffix.lower() not in PAPERS:
            continue
        try:
            passages = read_passages(path)
        except UnreadableError as error:
            say(f"{path.name} is left out: {error}.")
            continue
        # The first line of a passage says where it is from.
        text = "\n".join(passage.partition("\n")[2] for passage in passages)
        digest = sha256_of(path)[:12]
        found = [
            Part(f"{digest}#{number}", path.name, title, body)
            for number, (title, body) in enumerate(sections(text))
        ]
        say(f"{path.name}: {len(found)} technical sections")
        parts += found
    if not parts:
        raise GpiotError(
            f"No paper in {folder} has a readable technical section.",
            "PDFs must hold text, not scanned pages; headings must be numbered.",
        )
    return parts


def sections(text: str) -> Iterator[tuple[str, str]]:
    """(title, text) of a paper's numbered sections, without those that describe no module.

    A section inherits that from the one it lies in: 6.1 is left out below "6 Evaluation".
    """
    end = END.search(text)
    text = text[: end.start()] if end else text
    headings = list(HEADING.finditer(text))
    beside: set[str] = set()
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        number, title = heading["number"], heading["title"].strip(" *")
        if BESIDE.search(title) or any(number.startswith(f"{other}.") for other in beside):
            beside.add(number)
            continue
        body = text[heading.end() : following.start() if following else len(text)].strip()
        if len(body) >= SHORTEST:
            yield title, body[:LONGEST]


def draw(parts: list[Part], kept: Results, engine: Engine, seed: int, say: Say) -> None:
    """Ask for the modules of each part and the sub-tasks of each module, and keep the replies."""
    done = kept.done("papers", "key")
    for number, part in enumerate(parts, 1):
        if part.key in done:
            continue
        shown = {"title": part.title, "text": part.text}
        (reply,) = engine.generate(
            Request(
                render("tdd_modules", most=MODULES, **shown),
                stage="modules",
                max_tokens=240 * MODULES,
                sampling=Sampling(temperature=0.3, seed=seed),
                grammar=modules_grammar(MODULES),
            )
        )
        modules = [] if reply.finish != "stop" else reply.text.strip().split("\n\n")
        answers = []
        for module in modules:
            asked = read_reply(module, Decomposition("", "", "", "", "", ()))
            if asked is None:
                continue
            (answer,) = engine.generate(
                Request(
                    render("tdd_subtasks", problem=asked.problem, **shown),
                    stage="subtasks",
                    max_tokens=100 * MOST,
                    sampling=Sampling(temperature=0.3, seed=seed),
                    grammar=grammar(MOST),
                )
            )
            answers.append({"module": module, "text": answer.text, "finish": answer.finish})
        line = {"key": part.key, "paper": part.paper, "title": part.title, "answers": answers}
        kept.add("papers", line)
        say(f"section {number} of {len(parts)}, {part.title}: {len(answers)} modules")


def judge(parts: list[Part], kept: Results) -> tuple[list[Example], Counter[str]]:
    """The well-formed among the replies to these parts, and how many were not for what reason."""
    examples: list[Example] = []
    reasons: Counter[str] = Counter()
    wanted = {part.key for part in parts}
    for line in kept.lines("papers"):
        if line["key"] not in wanted:  # read from another folder, or from a paper since removed
            continue
        for number, answer in enumerate(line["answers"]):
            nothing = Decomposition(f"paper/{line['key']}/{number}", "", "", "", "", ())
            asked = read_reply(answer["module"], nothing)
            if asked is None or answer["finish"] != "stop":
                reasons["cut off"] += 1
                continue
            found = replace(asked, subtasks=tuple(split(answer["text"])))
            if fault(found.problem, found.subtasks):
                reasons["malformed"] += 1
            elif SOURCES.search(found.text):
                reasons["refers to the paper"] += 1
            else:
                examples.append(example(found, "raw", object=f"{line['paper']}: {line['title']}"))
    return examples, reasons

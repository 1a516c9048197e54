"""The contamination guard: is a benchmark's task, or a near-duplicate of one, in other texts?

`contamination(protected, texts)` compares what must stay unseen with recipes, prompts or training
samples in four ways:

- name: a task's function name or id stands in the text as one word (`noise_dose`, `noise-dose`);
- words: eight successive words of its problem or sub-tasks, or sixteen of its reference's statements
  (idioms such as the bit loop of a CRC are up to twelve words long; imports, annotations and
  comments do not count);
- code: a function of the text has at least 60 % of its syntax in common with a function of the
  reference, or the same body where that is short, whatever the variables are called;
- meaning: the cosine of sentence embeddings of the text and of the problem is at least 0.7.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gpiot_cli.bench.tasks import (
    CodeTask,
    DecompositionTask,
    load_code_tasks,
    load_decomposition_tasks,
)
from gpiot_cli.knowledge.embedder import Embedder

PROSE_WORDS = 8
CODE_WORDS = 16
SAME_CODE = 0.6
"""Jaccard similarity of syntax. No recipe reaches 0.4; a copy with renamed variables has 1."""
SAME_MEANING = 0.7
"""Cosine. No recipe and no other task of the benchmark reaches 0.68. Of six paraphrases written to
measure it, the three that keep the details are above (0.75 to 0.78); terse ones, 0.64 to 0.67, are
not told from related subjects."""

PATH_NODES = 4
FEWEST_PATHS = 25
"""Functions with less syntax than this are partly alike by chance, so all of it must be the same."""

WORD = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
FENCE = re.compile(r"```(?:python|py)?\n(.*?)```", re.DOTALL)
Kind = Literal["name", "words", "code", "meaning"]
Paths = frozenset[tuple[str, ...]]
Words = tuple[str, ...]


@dataclass(frozen=True)
class Protected:
    """A task as what must not be found elsewhere."""

    id: str
    names: frozenset[str]
    prose: str
    code: str = ""


@dataclass(frozen=True)
class Contamination:
    """One finding: which task is in which text, and how it shows."""

    task: str
    text: str
    kind: Kind
    evidence: str


def protect(task: CodeTask | DecompositionTask) -> Protected:
    """What of a task must stay unseen."""
    if isinstance(task, CodeTask):
        prose = f"{task.problem}\n{task.specification.target}"
        names = frozenset({task.id, task.specification.name})
        return Protected(task.id, names, prose, task.reference)
    return Protected(task.id, frozenset({task.id}), f"{task.problem}\n{task.reference}")


def protected_tasks() -> list[Protected]:
    """Every task of IoTBench."""
    code, decomposition = load_code_tasks(), load_decomposition_tasks()
    return [*map(protect, code), *map(protect, decomposition)]


def near_iotbench(texts: Mapping[str, str], embedder: Embedder | None) -> dict[str, set[Kind]]:
    """The labels of the texts that are near a task of IoTBench, and how it shows of each."""
    near: dict[str, set[Kind]] = {}
    for finding in contamination(protected_tasks(), texts, embedder=embedder):
        near.setdefault(finding.text, set()).add(finding.kind)
    return near


def contamination(
    protected: Iterable[Protected],
    texts: Mapping[str, str],
    *,
    embedder: Embedder | None = None,
) -> list[Contamination]:
    """All findings of `protected` tasks in `texts`, a mapping from a label to a text.

    A text may be prose, a Python file, or prose with fenced Python blocks. Without an `embedder`,
    meanings are not compared.
    """
    tasks = [_Fingerprint(task) for task in protected]
    found = []
    for label, text in texts.items():
        names = set(re.findall(r"[a-z0-9]+(?:[_-][a-z0-9]+)*", text.lower()))
        words = _words(text)
        prose, code = _runs(words, PROSE_WORDS), _runs(words, CODE_WORDS)
        shapes = [shape for source in _sources(text) for shape in _shapes(source)]
        for task in tasks:
            for kind, evidence in task.findings(names, prose, code, shapes):
                found.append(Contamination(task.id, label, kind, evidence))
    return found + (_same_meaning(tasks, texts, embedder) if embedder and texts else [])


@dataclass(frozen=True)
class _Shape:
    """What a function is but for its variables' names."""

    name: str
    paths: Paths
    """All downward paths of four nodes."""
    body: str

    def likeness(self, other: "_Shape") -> float:
        """Which share of the two is the same, 0 to 1."""
        if self.body == other.body:
            return 1.0
        if min(len(self.paths), len(other.paths)) < FEWEST_PATHS:
            return 0.0
        return len(self.paths & other.paths) / len(self.paths | other.paths)


class _Fingerprint:
    """A protected task, prepared for comparison."""

    def __init__(self, task: Protected) -> None:
        self.id = task.id
        self.names = task.names
        self.text = task.prose
        self.prose = _runs(_words(task.prose), PROSE_WORDS)
        self.code = _runs(_words(_statements(task.code)), CODE_WORDS)
        self.shapes = _shapes(task.code)

    def findings(
        self,
        names: set[str],
        prose: set[Words],
        code: set[Words],
        shapes: list[_Shape],
    ) -> Iterator[tuple[Kind, str]]:
        """At most one finding of each kind, with its evidence."""
        for name in sorted(self.names & names)[:1]:
            yield "name", name
        for run in sorted((self.prose & prose) | (self.code & code))[:1]:
            yield "words", " ".join(run)
        for shape in shapes:
            alike = max((shape.likeness(own) for own in self.shapes), default=0.0)
            if alike >= SAME_CODE:
                yield "code", f"{shape.name}, {alike:.0%} the same"
                return


def _same_meaning(
    tasks: list[_Fingerprint], texts: Mapping[str, str], embedder: Embedder
) -> list[Contamination]:
    ours = np.array(embedder([task.text for task in tasks]))
    theirs = np.array(embedder(list(texts.values())))
    labels = list(texts)
    cosines = ours @ theirs.T
    return [
        Contamination(tasks[i].id, labels[j], "meaning", f"cosine {cosines[i, j]:.2f}")
        for i, j in np.argwhere(cosines >= SAME_MEANING)
    ]


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _runs(words: list[str], length: int) -> set[Words]:
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def _sources(text: str) -> list[str]:
    """The Python in a text: its fenced blocks, or all of it where there are none."""
    return FENCE.findall(text) or [text]


def _functions(source: str) -> list[ast.FunctionDef]:
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []
    return [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]


def _statements(source: str) -> str:
    """The bodies of the functions, one after the other, without docstrings and annotations."""
    return "\n".join(ast.unparse(_Bare().visit(f).body) for f in _functions(source))


def _shapes(source: str) -> list[_Shape]:
    shapes = []
    for function in _functions(source):
        bare = _Bare().visit(deepcopy(function))  # a nested one comes by itself, as written
        paths = frozenset(path for statement in bare.body for path in _paths(statement, ()))
        body = "\n".join(map(ast.dump, _Numbered(bare).visit(bare).body))
        shapes.append(_Shape(function.name, paths, body))
    return shapes


class _Bare(ast.NodeTransformer):
    """Takes off docstrings and annotations."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return ast.Pass()
        return ast.copy_location(ast.Assign([node.target], node.value, lineno=node.lineno), node)


class _Numbered(ast.NodeTransformer):
    """Calls a function's own variables by numbers, in the order in which they come."""

    def __init__(self, function: ast.FunctionDef) -> None:
        nodes = list(ast.walk(function))
        own = {node.arg for node in nodes if isinstance(node, ast.arg)}
        own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        self._own = own
        self._numbers: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id in self._own:
            node.id = self._numbers.setdefault(node.id, str(len(self._numbers)))
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._numbers.setdefault(node.arg, str(len(self._numbers)))
        return node


def _paths(node: ast.AST, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    path = (*above, _label(node))[-PATH_NODES:]
    yield path
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr_context):
            yield from _paths(child, path)


def _label(node: ast.AST) -> str:
    """A node's type, with the numbers, attributes and operators that tell algorithms apart."""
    if isinstance(node, ast.Constant):
        return repr(node.value) if isinstance(node.value, int | float) else "text"
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    return type(node).__name__

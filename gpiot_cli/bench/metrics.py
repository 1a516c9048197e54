"""The metrics of GPIoT, section 6.4.1, each for one reply; `report` takes their means.

Three of the paper's stand-ins are other ones here. Sub-task completeness, which experts rated there,
and the code similarity, for which the paper embeds with CodeT5+, are cosines of the sentence
embeddings that gpiot has anyway: proxies, to compare configurations by, not ratings. SonarQube's
issues are ruff's and bandit's findings.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.synthesis.decompose import FEWEST, MOST

SUBTASK = re.compile(
    r"(?:\d{1,2}[.)]\s+)?(?:\*\*)?[A-Z][^\n:.]{1,79}:(?:\*\*)? [A-Z0-9][^\n]{9,}\."
)
"""A line "Title: Sentence.", which may have a number and a bold title."""

RULES = {
    "bugs": "F,B,PLE,PLW,RUF",
    "smells": "E,W,N,C4,C90,SIM,RET,PLR,UP,ARG",
}
"""What of ruff stands for which of SonarQube's kinds of issues; security is bandit's."""


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """The unbiased estimate of the chance that one of `k` samples passes: 1 - C(n-c, k) / C(n, k).

    M. Chen et al., 2021, "Evaluating large language models trained on code", equation 1. Raises
    `ValueError` for fewer samples than `k`.
    """
    if samples < k:
        raise ValueError(f"pass@{k} needs {k} samples, not {samples}")
    return 1.0 - comb(samples - passed, k) / comb(samples, k)


@dataclass(frozen=True)
class BleuCounts:
    """What a reply adds to a corpus' BLEU: the sums of these make the score."""

    matches: tuple[int, ...]
    """Of 1-grams to 4-grams that are in the reference too."""
    totals: tuple[int, ...]
    length: int
    reference_length: int


def bleu_counts(text: str, reference: str) -> BleuCounts:
    """Count a reply's n-grams with sacrebleu's standard tokenisation (13a)."""
    from sacrebleu.metrics.bleu import BLEU

    # A blank line ends a sub-task, but sacrebleu wants a text to be one line.
    score = BLEU(effective_order=True).sentence_score(_one_line(text), [_one_line(reference)])
    return BleuCounts(tuple(score.counts), tuple(score.totals), score.sys_len, score.ref_len)


def corpus_bleu(counts: Iterable[BleuCounts]) -> float:
    """BLEU of all replies together, 0 to 100 (Papineni et al., 2002; sacrebleu's defaults)."""
    from sacrebleu.metrics.bleu import BLEU

    whole = sum_counts(counts)
    score = BLEU.compute_bleu(
        list(whole.matches),
        list(whole.totals),
        whole.length,
        whole.reference_length,
        smooth_method="exp",
    )
    return float(score.score)


def sum_counts(counts: Iterable[BleuCounts]) -> BleuCounts:
    """The counts of several replies as those of one."""
    all_counts = list(counts)
    return BleuCounts(
        tuple(map(sum, zip(*(c.matches for c in all_counts), strict=True))),
        tuple(map(sum, zip(*(c.totals for c in all_counts), strict=True))),
        sum(c.length for c in all_counts),
        sum(c.reference_length for c in all_counts),
    )


def is_decomposition(reply: str) -> bool:
    """Whether a reply has the paper's format: sub-tasks "Title: Sentence." with blank lines between."""
    parts = [part.strip() for part in re.split(r"\n[ \t]*\n", reply.strip())]
    return FEWEST <= len(parts) <= MOST and all(SUBTASK.fullmatch(part) for part in parts)


def defines(code: str, function: str) -> bool:
    """Whether a program is Python and defines the function at its top level."""
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in body)


def completeness(subtasks: Sequence[str], reference: Sequence[str], embedder: Embedder) -> float:
    """A proxy for sub-task completeness: how near each reference sub-task has one, on average.

    The mean over the reference of the cosine to the nearest of `subtasks`; 0 where there are none.
    """
    if not subtasks:
        return 0.0
    cosines = np.array(embedder(list(reference))) @ np.array(embedder(list(subtasks))).T
    return float(cosines.max(axis=1).mean())


def similarity(one: str, other: str, embedder: Embedder) -> float:
    """The cosine of two programs' embeddings; 0 where there is no program."""
    if not (one.strip() and other.strip()):
        return 0.0
    first, second = embedder([one, other])
    return float(np.dot(first, second))


def code_quality(code: str) -> dict[str, int]:
    """How many `lines` (blank ones do not count), `bugs`, `smells` and `security` findings.

    `bugs` and `smells` are ruff's rules (`RULES`), `security` is bandit's. A program that is no
    Python counts as one bug.
    """
    lines = sum(bool(line.strip()) for line in code.splitlines())
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return {"lines": lines, "bugs": 1, "smells": 0, "security": 0}
    with TemporaryDirectory(prefix="gpiot-quality-") as folder:
        path = Path(folder) / "program.py"
        path.write_text(code, encoding="utf-8")
        found = {kind: _ruff(path, rules) for kind, rules in RULES.items()}
        return {"lines": lines, **found, "security": _bandit(path)}


def per_hundred_lines(qualities: Iterable[dict[str, int]], kind: str) -> float:
    """Findings of a kind per hundred lines of all the programs together."""
    lines = found = 0
    for quality in qualities:
        lines, found = lines + quality["lines"], found + quality[kind]
    return 100 * found / lines if lines else 0.0


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _ruff(path: Path, rules: str) -> int:
    options = ["--isolated", "--quiet", "--output-format", "json", "--select", rules]
    # A module of one function that is not installed anywhere: these rules would find its nature.
    options += ["--ignore", "E501,W292,PLR2004"]
    return len(_run("ruff", "check", *options, str(path)))


def _bandit(path: Path) -> int:
    return len(_run("bandit", "--quiet", "--format", "json", str(path))["results"])


def _run(module: str, *arguments: str) -> Any:
    """The JSON that a tool prints; `GpiotError` where it prints none, as that is not no finding."""
    argv = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        said = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise GpiotError(
            f"{module} found out nothing about a program: {said}",
            "Install it with `pip install 'gpiot-cli[bench]'`.",
        ) from error

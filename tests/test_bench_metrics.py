"""The metrics of IoTBench against numbers computed by hand."""

import subprocess

import pytest

from gpiot_cli.bench.metrics import (
    bleu_counts,
    code_quality,
    completeness,
    corpus_bleu,
    defines,
    is_decomposition,
    pass_at_k,
    per_hundred_lines,
    similarity,
)
from gpiot_cli.bench.tasks import load_decomposition_tasks
from gpiot_cli.errors import GpiotError


def letters(texts: list[str]) -> list[list[float]]:
    """A stand-in for the embedder: texts that begin with the same letter are the same."""
    return [[float(text[0] == letter) for letter in "ABCDEFG"] for text in texts]


letters.name = "letters"  # type: ignore[attr-defined]


def test_pass_at_k_is_the_chance_of_drawing_a_program_that_passes() -> None:
    assert pass_at_k(5, 2, 1) == pytest.approx(0.4)
    assert pass_at_k(5, 2, 2) == pytest.approx(1 - 3 / 10)  # of 10 pairs, 3 hold no passing one
    assert pass_at_k(5, 0, 5) == 0.0
    assert pass_at_k(5, 1, 5) == 1.0
    with pytest.raises(ValueError, match="needs 5 samples"):
        pass_at_k(4, 4, 5)


def test_bleu_is_that_of_the_whole_corpus() -> None:
    one = bleu_counts("the cat sat on the mat today", "the cat sat on the mat")
    assert one.matches == (6, 5, 4, 3)
    assert one.totals == (7, 6, 5, 4)
    assert corpus_bleu([one]) == pytest.approx(100 * (6 / 7 * 5 / 6 * 4 / 5 * 3 / 4) ** 0.25)
    same = bleu_counts("a b c d e\n\nf g h i", "a b c d e f g h i")
    assert corpus_bleu([same]) == pytest.approx(100)
    both = ((6 + 9) / (7 + 9)) * ((5 + 8) / (6 + 8)) * ((4 + 7) / (5 + 7)) * ((3 + 6) / (4 + 6))
    assert corpus_bleu([one, same]) == pytest.approx(100 * both**0.25)


def test_every_reference_has_the_format_that_is_asked_for() -> None:
    assert all(is_decomposition(task.reference) for task in load_decomposition_tasks())


@pytest.mark.parametrize(
    "reply",
    [
        "Filter it: Take the noise out.",  # one is no decomposition
        "Filter it: Take the noise out.\nFind peaks: Take what is high.",  # no blank line
        "Filter it: Take the noise out.\n\nFind peaks",
        "Here are the sub-tasks:\n\nFilter it: Take the noise out.\n\nFind peaks: Take the high.",
        "Filter it: Take the noise out.\n\n- Find peaks: Take what is high.",
        "\n\n".join(f"Step {n}: Take the noise out." for n in "abcdefgh"),
        "",
    ],
)
def test_a_wrong_format_is_found_out(reply: str) -> None:
    assert not is_decomposition(reply)


def test_numbers_and_bold_titles_are_no_other_format() -> None:
    assert is_decomposition(
        "1. Filter it: Take the noise out.\n\n2. **Find peaks:** Take what is high in 3.5 s."
    )


def test_a_program_defines_its_function() -> None:
    assert defines("import math\n\ndef solve(x):\n    return x\n", "solve")
    assert not defines("class A:\n    def solve(x):\n        return x\n", "solve")
    assert not defines("def solve(x:\n", "solve")


def test_completeness_is_the_mean_over_the_reference() -> None:
    reference = ["A first", "B second", "C third", "D fourth"]
    assert completeness(["A one", "A two", "C three"], reference, letters) == 0.5
    assert completeness([], reference, letters) == 0.0
    assert similarity("A = 1", "A = 2", letters) == 1.0
    assert similarity("", "A = 2", letters) == 0.0


def test_findings_are_counted_by_kind_and_line() -> None:
    code = 'import os\n\n\ndef Bad(a, b=[]):\n    eval("a")\n    return undefined_name\n'
    found = code_quality(code)
    assert found["lines"] == 4
    assert found["bugs"] >= 3  # an import nobody uses, a mutable default, an undefined name
    assert found["smells"] >= 1  # the name of the function
    assert found["security"] == 1  # eval
    clean = code_quality('"""Doc."""\n\n\ndef good(a: int) -> int:\n    return a + 1\n')
    assert (clean["bugs"], clean["smells"], clean["security"]) == (0, 0, 0)
    assert code_quality("def (:")["bugs"] == 1
    assert per_hundred_lines([found, clean], "security") == pytest.approx(100 / 7)


def test_a_tool_that_fails_is_not_a_program_without_findings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(argv, **_):
        return subprocess.CompletedProcess(argv, 1, "", "No module named ruff\n")

    monkeypatch.setattr(subprocess, "run", failing)
    with pytest.raises(GpiotError, match=r"ruff found out nothing.*No module named ruff"):
        code_quality("x = 1\n")

"""What a failure on inputs that were only made from the specification counts."""

import numpy as np
import pytest
from scripted import program, reply, specification

from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.synthesis.examples import fitted
from gpiot_cli.synthesis.project_files.values import type_name
from gpiot_cli.synthesis.solve import Solution, solve_specification
from gpiot_cli.synthesis.specification import Parameter, Specification, parse_parameter

NEEDS_MORE = program("return {'a': signal}['b']")
RAISES_ITS_OWN = program("return undefined")
SCALES = program("return signal * 2")


def solved(*programs: str) -> Solution:
    replies = {"generate": [reply(code) for code in programs], "repair": [reply(RAISES_ITS_OWN)]}
    engine = ScriptedEngine(replies)
    solution = solve_specification(
        specification(), n=len(programs), ask=engine.generate, seed=0, knowledge=None
    )
    stages = {request.stage for request in engine.requests}
    assert ("repair" in stages) == (solution.chosen is None)
    return solution


def test_where_most_fail_alike_the_first_of_them_is_chosen_and_called_unverified() -> None:
    solution = solved(RAISES_ITS_OWN, NEEDS_MORE, SCALES, NEEDS_MORE)
    assert solution.code == NEEDS_MORE
    assert solution.reason.startswith("not verified: 2 of 4 candidates fail")
    assert "KeyError: 'b'" in solution.reason
    assert solution.outputs == {}


def test_where_most_pass_the_failure_is_the_programs() -> None:
    solution = solved(NEEDS_MORE, SCALES, SCALES)
    assert solution.code == SCALES
    assert not solution.reason.startswith("not verified")


def test_a_fault_that_no_inputs_would_change_is_never_chosen() -> None:
    assert solved(RAISES_ITS_OWN, RAISES_ITS_OWN).chosen is None


# -- examples that the model writes -------------------------------------------------------------

PAIRS = Specification(
    name="mean_strength",
    target="Average the strengths.",
    inputs=(
        Parameter(name="readings", type="list", meaning="pairs [tag, strength in dBm]"),
        Parameter(name="scale", type="float", meaning="factor of each strength"),
    ),
    outputs=(Parameter(name="mean", type="float", meaning="mean strength"),),
)
UNPACKS = (
    "def mean_strength(readings, scale):\n    found = [s for _, s in readings]\n"
    "    return scale * sum(found) / len(found)\n"
)
DOUBLES = UNPACKS.replace("scale *", "2 * scale *")


def examples(*cases: str) -> str:
    return reply(f"def examples() -> list:\n    return [{', '.join(cases)}]\n")


GOOD = "{'readings': [['a', -60.0], ['b', -70.0]], 'scale': 1}"


def solved_pairs(written: str, *programs: str) -> tuple[Solution, ScriptedEngine]:
    engine = ScriptedEngine({"examples": [written], "generate": [reply(code) for code in programs]})
    solution = solve_specification(
        PAIRS, n=len(programs), ask=engine.generate, seed=0, knowledge=None
    )
    return solution, engine


def test_programs_are_verified_on_what_the_model_writes_for_examples() -> None:
    """Inputs made by rules are no pairs: without examples no program for them can be judged."""
    without, _ = solved_pairs(reply("def examples() -> list:\n    return 1 / 0\n"), UNPACKS)
    assert without.reason.startswith("not verified")
    solution, engine = solved_pairs(examples(GOOD), DOUBLES, UNPACKS, UNPACKS)
    assert solution.code == UNPACKS
    assert solution.outputs == {"mean": -65.0}
    assert "passed" in solution.reason
    assert "fails on" not in solution.reason, "that none can take the other inputs is their fault"
    asked, _plainly = (r for r in engine.requests if r.stage == "generate")
    assert "For example:\n- readings: list of 2 items, first ['a', -60.0]" in asked.prompt.user


def test_examples_that_do_not_fit_the_specification_are_dropped() -> None:
    for bad in (
        "{'readings': 3, 'scale': 1.0}",
        "{'readings': [[1, 2]]}",
        "7",
        "{'readings': print}",
    ):
        solution, _ = solved_pairs(examples(bad, GOOD, GOOD), UNPACKS)
        assert solution.outputs == {"mean": -65.0}, bad
    for none in (examples(), "no code", reply("import os\nos._exit(0)\n")):
        assert solved_pairs(none, UNPACKS)[0].reason.startswith("not verified")


@pytest.mark.parametrize(
    ("line", "found", "fits"),
    [
        ("x (numpy.ndarray): levels, shape (n,)", [1, 2.5], True),
        ("x (numpy.ndarray): levels, shape (n, 3)", [[1, 2, 3]], True),
        ("x (numpy.ndarray): levels, shape (n, 3)", [[1, 2]], False),
        ("x (numpy.ndarray): levels, shape (n,)", [[1], [2, 3]], False),
        ("x (numpy.ndarray): levels, shape (n,)", ["a"], False),
        ("x (list): numbers", (1, 2), True),
        ("x (list): numbers", np.array([1, 2]), True),
        ("x (float): a share", 1, True),
        ("x (float): a share", True, False),
        ("x (int): a count", 3.0, True),
        ("x (int): a count", 3.5, False),
        ("x (str): a line", 3, False),
        ("x (bool): a flag", True, True),
    ],
)
def test_examples_become_the_specified_types(line: str, found: object, fits: bool) -> None:
    parameter = parse_parameter(line)
    wanted = PAIRS.model_copy(update={"inputs": (parameter,)})
    case = fitted({"x": found, "more": 1}, wanted)
    assert (case is not None) == fits
    if case is not None:
        assert type_name(case["x"]) == parameter.type
        assert list(case) == ["x"]

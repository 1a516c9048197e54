"""What a failure on inputs that were only made from the specification counts."""

from scripted import program, reply, specification

from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.synthesis.solve import Solution, solve_specification

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

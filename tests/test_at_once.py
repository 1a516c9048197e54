"""The task done at once: when its answer is taken instead of the steps'."""

import pytest

from gpiot_cli.synthesis.at_once import specify_at_once, steps_stand
from gpiot_cli.synthesis.record import CandidateRecord
from gpiot_cli.synthesis.solve import Solution
from gpiot_cli.synthesis.specification import Parameter

GOAL = Parameter(name="rate", type="float", meaning="beats per minute")
SIGNAL = Parameter(name="signal", type="numpy.ndarray", meaning="raw ECG in mV")


def found(*answers: float, recipe: float | None = None) -> Solution:
    """What programs that do it at once gave; the first is the chosen one."""
    survivors = [(1.0, {"rate": answer}) for answer in answers]
    if recipe is not None:
        survivors.append((2.0, {"rate": recipe}))
    candidate = CandidateRecord(code="", origin="model", verdict="passed")
    return Solution([candidate] * len(survivors), 0, "", dict(survivors[0][1]), survivors)


@pytest.mark.parametrize(
    ("steps", "at_once", "stand"),
    [
        (60.0, found(60.0, 90.0), True),
        (60.0, found(90.0, 90.0, 60.0), False),
        (60.0, found(90.0, 60.0, 60.0), True),
        (60.0, found(90.0, 120.0), False),
        (60.0, found(90.0, recipe=60.0), True),
        (None, found(90.0), False),
        (60.0, Solution([], None, "none passed"), True),
    ],
)
def test_the_vote(steps: float | None, at_once: Solution, stand: bool) -> None:
    assert steps_stand(steps, at_once, GOAL) is stand


def test_the_task_is_one_function_of_all_data() -> None:
    specification = specify_at_once("Find the heart rate", GOAL, [SIGNAL])
    assert specification.signature == "def find_the_heart_rate(signal: np.ndarray) -> float:"

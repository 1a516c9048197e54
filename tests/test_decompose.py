"""Task decomposition: which of several drawn decompositions is taken, and where it is cut."""

import pytest

from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError
from gpiot_cli.synthesis.decompose import decompose
from gpiot_cli.synthesis.goal import find_goal
from gpiot_cli.synthesis.specification import Parameter

DATA = (Parameter(name="readings", type="numpy.ndarray", meaning="sensor readings, shape (n, 4)"),)
GOAL = Parameter(name="occupied", type="numpy.ndarray", meaning="whether somebody is there")
TASK = "Train on readings and predict"
CLEAN = "Clean them: Drop readings that cannot be."
SPLIT = "Split them: Keep a part of the readings for later."
PREDICT = "Predict: Say for each new reading whether somebody is there."


def words_shared(one: str, other: str) -> float:
    """A likeness that needs no embedder: the share of the first text's words in the second."""
    first, second = (set(text.lower().strip(".").split()) for text in (one, other))
    return len(first & second) / len(first)


def chosen(*replies: str) -> list[str]:
    engine = ScriptedEngine({"decompose": list(replies)})
    return decompose(TASK, GOAL, DATA, (), lambda _: 0.0, words_shared, engine.generate, seed=0)


def test_a_plan_is_not_cut_before_it_gives_what_is_asked_for() -> None:
    plan = "\n\n".join([CLEAN, SPLIT, PREDICT])
    assert words_shared(TASK, SPLIT) > words_shared(TASK, PREDICT)
    assert chosen(plan) == [CLEAN, SPLIT, PREDICT]


def test_a_plan_that_never_gives_it_is_not_taken() -> None:
    assert chosen("\n\n".join([CLEAN, SPLIT]), "\n\n".join([CLEAN, PREDICT]))[-1] == PREDICT


def test_the_goal_is_read_among_prose_and_asked_for_again() -> None:
    prose = "Sure! It asks for this:\n- readings (int): how many readings there are\n"
    engine = ScriptedEngine({"goal": ["I do not know.", prose]})
    goal = find_goal(TASK, DATA, (), engine.generate, seed=0)
    assert str(goal) == "readings_2 (int): how many readings there are"
    with pytest.raises(GpiotError, match="could not say what the task asks for"):
        find_goal(TASK, DATA, (), ScriptedEngine({"goal": ["No idea."]}).generate, seed=0)

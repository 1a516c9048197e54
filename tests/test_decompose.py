"""Task decomposition: which of several drawn decompositions is taken, and where it is cut."""

import pytest

from gpiot_cli.engine.scripted import ScriptedEngine
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


def test_a_plan_is_taken_where_none_is_like_what_is_asked_for() -> None:
    engine = ScriptedEngine({"decompose": ["\n\n".join([CLEAN, SPLIT, PREDICT])]})
    ask = engine.generate
    assert decompose(TASK, GOAL, DATA, (), lambda _: 0.0, lambda *_: -0.1, ask, seed=0)


def goal_of(*replies: str) -> str:
    engine = ScriptedEngine({"goal": list(replies)})
    return str(find_goal(TASK, DATA, (), engine.generate, seed=0))


ARRAY = "Return value: predicted occupancy; type: numpy.ndarray; name: readings"
TEXT = "Return value: what is in the room; type: str; name: words"
SCORE = "Return value: accuracy of the predictions; type: float; name: accuracy"


def test_the_goal_has_the_usual_type_and_a_name_of_its_own() -> None:
    prose = f"Sure!\n{ARRAY}\nDone."
    assert goal_of(TEXT, prose) == "readings_2 (numpy.ndarray): predicted occupancy"


def test_how_right_the_answer_is_is_no_goal() -> None:
    assert goal_of(SCORE, SCORE, TEXT) == "words (str): what is in the room"
    assert goal_of(SCORE) == goal_of("No idea.") == "None"


def test_what_few_of_the_answers_say_is_no_goal() -> None:
    assert goal_of(SCORE, SCORE, SCORE, TEXT) == "None"  # two of the five are the text
    assert goal_of(ARRAY, ARRAY, SCORE, TEXT) == "None"


def test_what_repeats_an_example_of_the_prompt_is_no_goal() -> None:
    door = "Return value: times, shape (k,); type: numpy.ndarray; name: warning_times_2"
    none = "Return value: None. It prints the words; type: str; name: nothing"
    assert goal_of(door, none, TEXT) == "words (str): what is in the room"
    bicycle = "Return value: speed in m/s; type: float; name: speed"
    engine = ScriptedEngine({"goal": [bicycle]})
    assert find_goal("Speed of a train", DATA, (), engine.generate, seed=0) is not None


def test_what_repeats_the_example_of_the_prompt_is_no_subtask() -> None:
    debounce = "Debounce the contact: Drop changes of the contact state that last less than 50 ms."
    engine = ScriptedEngine({"decompose": ["\n\n".join([debounce, CLEAN, SPLIT, PREDICT])]})
    ask = engine.generate
    subtasks = decompose(TASK, GOAL, DATA, (), lambda _: 0.0, words_shared, ask, seed=0)
    assert debounce in engine.requests[0].prompt.user
    assert debounce not in subtasks
    own = f"{TASK}. {CLEAN}"  # what the user says in these words is none
    assert CLEAN in decompose(own, GOAL, DATA, (), lambda _: 0.0, words_shared, ask, seed=0)


@pytest.mark.parametrize(
    ("task", "several"),
    [
        ("Count steps, and give the number of people at each of the new moments", True),
        ("Estimate how many people are in a room at every reading", True),
        ("Estimate the mean heart rate of each recording in beats per minute", False),
        ("How dry did the soil get, from its moisture of each minute", False),
    ],
)
def test_a_value_of_each_moment_is_not_one_number(task: str, several: bool) -> None:
    engine = ScriptedEngine({"goal": [ARRAY]})
    find_goal(task, DATA, (), engine.generate, seed=0)
    (request,) = engine.requests
    assert ('"float"' not in request.grammar) == several
    assert '"numpy.ndarray"' in request.grammar


def test_without_a_goal_a_plan_may_end_anywhere() -> None:
    engine = ScriptedEngine({"decompose": ["\n\n".join([CLEAN, SPLIT, PREDICT])]})
    subtasks = decompose(TASK, None, DATA, (), lambda _: 0.0, words_shared, engine.generate, seed=0)
    assert subtasks == [CLEAN, SPLIT]

"""Requirement transformation: what breaks the chain is asked again, and mended at the last."""

import pytest
from scripted import specification

from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.recipe import Recipe, load_recipes
from gpiot_cli.synthesis.ask import TRIES
from gpiot_cli.synthesis.chain import says_again
from gpiot_cli.synthesis.specification import Parameter, Specification
from gpiot_cli.synthesis.transform import transform

DATA = (Parameter(name="signal", type="numpy.ndarray", meaning="raw signal, shape (n,)"),)
GOOD = "Inputs:\n- signal\nOutputs:\n- scaled (numpy.ndarray): scaled signal\n"
TAKEN = "Inputs:\n- signal\nOutputs:\n- signal (numpy.ndarray): scaled signal\n"
CLASHING = TAKEN + "- gain (float): what it was scaled by\n- gain (float): the same once more\n"
RESERVED = "Inputs:\n- signal\nOutputs:\n- list (float): largest value\n"
NO_INPUT = "Inputs:\n- other\nOutputs:\n- scaled (numpy.ndarray): scaled signal\n"


def specify(
    engine: ScriptedEngine, goal: Parameter | None = None, fitting: Recipe | None = None
) -> Specification:
    return transform(
        "Scale a signal",
        ["Scale the signal: Divide by its largest value."],
        1,
        data=DATA,
        earlier=[],
        recipes=(),
        fitting=fitting,
        context="",
        goal=goal,
        ask=engine.generate,
        seed=0,
    )


PEAK = Parameter(name="peak", type="float", meaning="largest value")


def test_the_goal_is_the_output() -> None:
    engine = ScriptedEngine({"parameters": [GOOD]})
    assert specify(engine, PEAK).outputs == (PEAK,)
    (asked,) = (request for request in engine.requests if request.stage == "parameters")
    assert f"It gives what the task asks for: {PEAK}" in asked.prompt.user
    taken = PEAK.model_copy(update={"name": "signal"})
    assert specify(engine, taken).outputs[0].name == "signal_2"


def of_one_array() -> Recipe:
    """A recipe from one array to another."""
    return next(
        r
        for r in load_recipes().values()
        if [p.type for p in r.inputs] == ["numpy.ndarray"]
        and [p.type for p in r.outputs] == ["numpy.ndarray"]
    )


def test_a_recipe_that_gives_something_else_than_the_goal_stands() -> None:
    engine = ScriptedEngine({"parameters": [GOOD]})
    assert [o.name for o in specify(engine, PEAK, of_one_array()).outputs] == ["scaled"]


def test_what_a_recipe_gives_is_called_as_there_where_the_model_clings_to_a_taken_name() -> None:
    recipe = of_one_array()
    engine = ScriptedEngine({"parameters": [TAKEN]})
    assert specify(engine, fitting=recipe).outputs == recipe.outputs


def test_a_violation_is_asked_again_with_the_reason() -> None:
    engine = ScriptedEngine({"parameters": [TAKEN, GOOD]})
    assert [output.name for output in specify(engine).outputs] == ["scaled"]
    again = [request for request in engine.requests if request.stage == "parameters"][1]
    assert "the output name signal is already taken" in again.prompt.user


def test_an_unknown_input_is_asked_again_and_left_out_at_the_last() -> None:
    unknown = GOOD.replace("- signal\n", "- signal\n- threshold\n")
    engine = ScriptedEngine({"parameters": [unknown]})
    assert [parameter.name for parameter in specify(engine).inputs] == ["signal"]
    asked = [request for request in engine.requests if request.stage == "parameters"]
    assert len(asked) == TRIES
    assert "the input threshold is neither the user's data nor" in asked[1].prompt.user


@pytest.mark.parametrize(
    ("reply", "names"),
    [(CLASHING, ["signal_2", "gain", "gain_2"]), (RESERVED, ["list_1"])],
)
def test_names_that_clash_to_the_last_are_numbered(reply: str, names: list[str]) -> None:
    engine = ScriptedEngine({"parameters": [reply]})
    assert [output.name for output in specify(engine).outputs] == names
    assert [request.stage for request in engine.requests].count("parameters") == TRIES


@pytest.mark.parametrize(
    ("output", "again"),
    [
        ("azimuth_2 (float): Degrees from the x axis; power as well", "azimuth"),
        ("azimuth_2 (float): radians from the x axis", None),
        ("azimuth_2 (int): degrees from the x axis", None),
        ("power_2 (numpy.ndarray): power of all directions", None),
    ],
)
def test_a_single_value_that_was_given_is_found(output: str, again: str | None) -> None:
    earlier = specification(
        "azimuth (float): degrees from the x axis; 0 to 359",
        "power (numpy.ndarray): power of all directions",
    )
    assert says_again(specification(output), [earlier]) == again


def test_what_cannot_be_mended_is_a_sentence() -> None:
    with pytest.raises(GpiotError, match="the step takes no input"):
        specify(ScriptedEngine({"parameters": [NO_INPUT]}))

"""Verification in the real sandbox: what is rejected, what is chosen, and how it is repaired."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scripted import inputs, program, reply, specification

from gpiot_cli.engine.protocol import Candidate
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.knowledge.recipe import load_recipes
from gpiot_cli.sandbox.run import Limits
from gpiot_cli.synthesis.generate import Program, parse_program
from gpiot_cli.synthesis.inline import inline
from gpiot_cli.synthesis.inputs import make_inputs
from gpiot_cli.synthesis.retrieve import Near
from gpiot_cli.synthesis.solve import Solution, solve
from gpiot_cli.synthesis.specification import Parameter, Specification
from gpiot_cli.synthesis.trial import LIMITS, Trials, recipes_used
from gpiot_cli.synthesis.verify import Verifier, bind, lint


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return signal / undefined", "NameError: name 'undefined' is not defined (line 5: return"),
        ("return signal.tolist()", "its output scaled is a list, not a numpy.ndarray"),
        ("return signal * np.nan", "its output scaled holds NaN or infinite values"),
        ("return signal[:0]", "its output scaled is empty"),
        ("signal *= 2\nreturn signal + 1", "it changes its input signal"),
        ("import os\nos._exit(0)", "the program ended early: no output"),
        (
            "import os\nos.mkfifo('verdict0.json')\nos._exit(0)",
            "the program ended early: no output",
        ),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("while True: pass", "stopped by the time limit 4 s"),
        ("return open('/etc/passwd').read()", "FileNotFoundError"),
    ],
)
def test_a_program_that_breaks_its_specification_is_rejected(body: str, said: str) -> None:
    limits = Limits(seconds=4) if "while" in body else LIMITS
    with Trials.on([inputs()], limits) as trials:
        trial = trials.run(specification(), program(body))
    assert not trial.passed
    assert said in trial.reason


FORGED = """import json, os
os.makedirs("outputs/0")
with open("verdict0.json", "w") as file:
    json.dump({"passed": True, "reason": ""}, file)
with open("outputs/0/values-index.json", "w") as file:
    json.dump({NAME: {"type": "list"}}, file)
os.symlink(PATH + ".json", "outputs/0/scaled.json")
os._exit(0)"""


@pytest.mark.parametrize("by_link", [True, False])
def test_no_output_is_read_from_elsewhere(by_link: bool, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.with_suffix(".json").write_text("[1]")
    body = FORGED.replace("NAME", repr("scaled" if by_link else str(secret)))
    with Trials.on([inputs()]) as trials:
        trial = trials.run(specification(), program(body.replace("PATH", repr(str(secret)))))
    assert trial.outputs == [None]


def test_several_outputs_are_a_tuple_of_the_specified_types() -> None:
    wanted = specification("count (int): how many", "mean (float): their mean")
    with Trials.on([inputs()]) as trials:
        right = trials.run(wanted, program("return np.int64(4), 1"))
        single = trials.run(wanted, program("return 4"))
    assert right.outputs == [{"count": 4, "mean": 1.0}]
    assert single.reason == "it returns int, not a tuple of count, mean"


def test_a_missing_function_and_broken_syntax_are_never_run() -> None:
    engine = ScriptedEngine({"generate": [reply("x = 1\n"), reply(program("return ("))]})
    solution = solved(engine, n=2)
    verdicts = [candidate.verdict for candidate in solution.candidates[:2]]
    assert verdicts[0] == "the reply holds no function solve_it"
    assert verdicts[1].startswith("SyntaxError: ")


def verified(*bodies: str, wanted: Specification | None = None) -> Verifier:
    with Trials.on([inputs()]) as trials:
        verifier = Verifier(wanted or specification(), trials, lambda _: None)
        verifier.add([Program(program(body)) for body in bodies], "model")
    return verifier


def test_the_vote_takes_the_program_that_others_agree_with() -> None:
    verifier = verified("return 40 - signal * 2", "return signal * 2", "return signal + signal")
    chosen, reason = verifier.choose()
    assert chosen == 1
    assert [c.agreement for c in verifier.candidates] == pytest.approx(
        [1 / 3, 2 / 3, 2 / 3], abs=0.1
    )
    assert reason.startswith("3 of 3 candidates passed; this one has 67% of the vote")


def test_what_cannot_be_loses_against_what_can() -> None:
    wanted = specification("heart_rate (float): mean heart rate in beats per minute")
    verifier = verified("return 7000.0", "return 72.0", wanted=wanted)
    chosen, _ = verifier.choose()
    assert chosen == 1
    assert "is 7000, which cannot be: it is a heart rate" in verifier.candidates[0].verdict


@pytest.mark.parametrize(
    ("output", "value", "passes"),
    [
        ("rate (float): breaths per minute", 386.7, False),
        ("rate (float): breaths per minute; 0 when there is none", 0.0, True),
        ("hrv (float): heart rate variability (RMSSD)", 12.0, True),
        ("humidity (float): relative humidity in percent", 104.0, False),
        ("gain (float): gain of the amplifier", 386.7, True),
    ],
)
def test_a_number_that_cannot_be_is_rejected(output: str, value: float, passes: bool) -> None:
    verifier = verified(f"return {value}", wanted=specification(output))
    assert (verifier.candidates[0].verdict == "passed") == passes


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return np.ones((len(a), 2)), np.ones(len(b))", ""),
        ("return np.ones(len(a)), np.ones(len(b))", "pairs has shape (1500,), not (n, 2)"),
        ("return np.ones((len(a), 3)), np.ones(len(b))", "pairs has shape (1500, 3), not (n, 2)"),
        ("return np.ones((len(a), 2)), a", "rest has shape (1500,), not (k,)"),
        ("return np.ones((len(b), 2)), b", "pairs has shape (4, 2), not (n, 2)"),
    ],
)
def test_a_shape_that_a_person_stated_must_hold(body: str, said: str) -> None:
    signature = "def pair(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:"
    wanted = Specification(
        name="pair",
        target="Pair them.",
        inputs=(
            Parameter(name="a", type="numpy.ndarray", meaning="values, shape (n,)"),
            Parameter(name="b", type="numpy.ndarray", meaning="others, shape (k,)"),
        ),
        outputs=(
            Parameter(name="pairs", type="numpy.ndarray", meaning="pairs, shape (n, 2)"),
            Parameter(name="rest", type="numpy.ndarray", meaning="the rest, shape (k,)"),
        ),
        given_signature=signature,
    )
    code = f"import numpy as np\n\n\n{signature}\n    {body}\n"
    with Trials.on([{"a": np.zeros(1500), "b": np.zeros(4)}]) as trials:
        assert trials.run(wanted, code).reason == (f"its output {said}" if said else "")
        written = wanted.model_copy(update={"given_signature": ""})
        assert trials.run(written, code).passed


def test_the_same_program_is_run_once() -> None:
    verifier = verified("return signal * 2", "return signal * 2")
    assert verifier.candidates[0].seconds > 0
    assert verifier.candidates[1].seconds == 0
    assert verifier.choose()[0] == 0


def test_lint_names_faults() -> None:
    assert lint("import os\n\n\ndef f(x=[]):\n    return x\n") == [
        "F401 `os` imported but unused",
        "B006 Do not use mutable data structures for argument defaults",
    ]


PEAKS = "r_peaks (numpy.ndarray): R-peak positions in samples"


def test_a_recipe_votes_and_stands_in_where_programs_disagree() -> None:
    wanted = specification(PEAKS, name="detect_r_peaks")
    beats = dict(inputs(3000), fs=250.0)
    with Trials.on([beats]) as trials:
        verifier = Verifier(wanted, trials, lambda _: None)
        bodies = ["return np.array([1, 2, 3])", "return np.arange(0, 3000, 41)"]
        verifier.add([Program(program(body, "detect_r_peaks")) for body in bodies], "model")
        verifier.add_recipe(load_recipes()["pan_tompkins"])
        chosen, reason = verifier.choose()
        assert chosen == 2
        assert "it is the tested recipe itself" in reason
        imported = (
            "import numpy as np\nfrom recipes.pan_tompkins import pan_tompkins\n\n\n"
            "def detect_r_peaks(signal, fs):\n    return pan_tompkins(signal, fs) + 1\n"
        )
        verifier.add([Program(imported)], "model")
        chosen, _ = verifier.choose()
    assert chosen == 3  # a program that agrees with the recipe comes before the recipe


def test_of_equals_the_one_that_was_tested_elsewhere_is_chosen() -> None:
    """On clean beats a bare threshold finds what the recipe finds, and on others it would not."""
    beats = dict(inputs(3000), fs=250.0)
    with Trials.on([beats]) as trials:
        verifier = Verifier(specification(PEAKS, name="detect_r_peaks"), trials, lambda _: None)
        verifier.add_recipe(load_recipes()["pan_tompkins"])
        found = verifier.outputs(0)["r_peaks"]
        assert isinstance(found, np.ndarray)
        same = program(f"return np.array({found.tolist()})", "detect_r_peaks")
        verifier.add([Program(same)] * 3, "model")
        chosen, reason = verifier.choose()
    assert chosen == 0
    assert "those of the model that agree with it were tested on nothing else" in reason


def test_a_recipe_is_bound_by_name_and_kind() -> None:
    recipe = load_recipes()["pan_tompkins"]
    peaks = Parameter(name="beats", type="numpy.ndarray", meaning="positions in samples")
    ecg = Parameter(name="clean_ecg", type="numpy.ndarray", meaning="filtered ECG")
    rate = Parameter(name="rate", type="float", meaning="sampling rate in Hz")
    threshold = Parameter(name="threshold", type="float", meaning="smallest height in mV")

    def bound(*given: Parameter, name: str = "find_beats") -> str | None:
        return bind(
            recipe, Specification(name=name, target="Find.", inputs=given, outputs=(peaks,))
        )

    assert "pan_tompkins(ecg=clean_ecg, fs=rate)" in (bound(ecg, rate) or "")
    assert bound(ecg, threshold) is None
    assert bound(rate) is None
    own_name = bound(ecg, rate, name="pan_tompkins") or ""
    assert "import pan_tompkins as pan_tompkins_recipe" in own_name


def test_of_a_recipe_that_gives_more_what_is_wanted_is_picked() -> None:
    recipe = load_recipes()["step_count"]  # the number of steps and their positions
    walk = Parameter(name="walk", type="numpy.ndarray", meaning="acceleration in m/s^2")
    rate = Parameter(name="fs", type="float", meaning="sampling rate in Hz")

    def picked(*wanted: Parameter) -> str:
        return (
            bind(
                recipe, Specification(name="f", target="Find.", inputs=(walk, rate), outputs=wanted)
            )
            or ""
        )

    count = Parameter(name="n", type="int", meaning="number of steps")
    where = Parameter(name="where", type="numpy.ndarray", meaning="positions in samples")
    assert picked(count).endswith("return found[0]\n")
    assert picked(where).endswith("return found[1]\n")
    assert picked(where, count).endswith("return found[1], found[0]\n")
    assert picked(count, where).endswith("fs=fs)\n")
    assert picked(count.model_copy(update={"type": "float"})) == ""


def solved(engine: ScriptedEngine, n: int = 1, **changes: object) -> Solution:
    settings: dict = {
        "task": "Scale a signal",
        "data": specification().inputs,
        "shared": (),
        "near": Near(),
        "n": n,
        "ask": engine.generate,
        "seed": 0,
    }
    with Trials.on([inputs()]) as trials:
        return solve(specification(), trials, **settings | changes)


def test_a_failure_is_repaired_with_its_own_words() -> None:
    engine = ScriptedEngine(
        {
            "generate": [reply(program("return signal / undefined"))],
            "repair": [reply(program("return signal[:0]")), reply(program("return signal * 2"))],
        }
    )
    solution = solved(engine)
    assert [c.origin for c in solution.candidates] == ["model", "repair", "repair"]
    assert solution.chosen == 2
    assert np.array_equal(solution.outputs["scaled"], inputs()["signal"] * 2)  # type: ignore[operator]
    asked = engine.requests[1].prompt.user
    assert "NameError: name 'undefined' is not defined" in asked
    assert asked.startswith(engine.requests[0].prompt.user)  # what was cached is reused


def test_repairs_are_bounded_and_nothing_is_chosen_where_nothing_survives() -> None:
    bad = [reply(program("return undefined"))]
    engine = ScriptedEngine({"generate": bad, "repair": bad})
    solution = solved(engine)
    assert [request.stage for request in engine.requests] == ["generate", "repair", "repair"]
    assert solution.chosen is None
    assert solution.code is None
    assert solution.outputs == {}
    assert solution.reason == "none of 3 candidates passed"


def test_where_a_specification_is_all_half_of_the_programs_are_asked_for_plainly() -> None:
    recipe = load_recipes()["wavelet_denoise"]
    engine = ScriptedEngine({"generate": [reply(program("return signal * 2"))]})
    solution = solved(engine, n=5, near=Near(extra=(recipe,)), made_inputs=True)
    assert len(solution.candidates) == 5
    asked, plainly = engine.requests
    assert (asked.n, plainly.n) == (3, 2)
    assert recipe.name in asked.prompt.user
    assert recipe.name not in plainly.prompt.user
    assert specification().markdown.strip() in plainly.prompt.user
    assert specification().signature in plainly.prompt.user

    for near, made in ((Near(fitting=(recipe,)), True), (Near(extra=(recipe,)), False)):
        engine = ScriptedEngine({"generate": [reply(program("return signal * 2"))]})
        solved(engine, n=5, near=near, made_inputs=made)
        assert [request.n for request in engine.requests] == [5]


def test_nothing_is_repaired_where_a_recipe_stands() -> None:
    bad = [reply(program("return undefined"))]
    engine = ScriptedEngine({"generate": bad, "repair": bad})
    solution = solved(engine, near=Near(fitting=(load_recipes()["wavelet_denoise"],)))
    assert [request.stage for request in engine.requests] == ["generate"]
    assert [c.origin for c in solution.candidates] == ["model", "recipe"]
    assert solution.reason.endswith("since the model's programs all failed.")


def test_of_two_fitting_recipes_the_one_that_can_be_called_stands() -> None:
    recipes = load_recipes()
    far, near = recipes["wavelet_denoise"], recipes["classification_metrics"]
    engine = ScriptedEngine({"generate": [reply(program("return undefined"))]})
    solution = solved(engine, near=Near(fitting=(near, far)))
    assert [c.origin for c in solution.candidates if c.verdict == "passed"] == ["recipe"]
    (prompt,) = (request.prompt.user for request in engine.requests)
    assert prompt.index(f"does it; import it and call it:\nfrom recipes.{far.name}") > 0
    assert prompt.index(f"may help:\nfrom recipes.{near.name}") > 0


def test_what_survives_and_can_hardly_be_is_tried_again() -> None:
    same = [reply(program("return np.full_like(signal, 3.0)"))]
    double = [reply(program("return signal * 2"))]
    engine = ScriptedEngine({"generate": same, "repair": double})
    solution = solved(engine)
    assert [request.stage for request in engine.requests] == ["generate", "repair"]
    assert "is the same number throughout" in engine.requests[1].prompt.user
    assert solution.chosen is not None
    assert solution.candidates[solution.chosen].origin == "repair"

    engine = ScriptedEngine({"generate": same})  # made inputs may be why
    assert solved(engine, made_inputs=True).chosen == 0
    engine = ScriptedEngine({"generate": same, "repair": same})
    assert solved(engine).chosen == 0


def test_out_of_time_only_recipes_are_tried() -> None:
    engine = ScriptedEngine()
    near = Near(fitting=(load_recipes()["wavelet_denoise"],))
    solution = solved(engine, near=near, out_of_time=lambda: True)
    assert engine.requests == []
    assert [c.origin for c in solution.candidates] == ["recipe"]
    assert solution.chosen == 0


def test_a_cut_reply_is_a_failure() -> None:
    class Cut(ScriptedEngine):
        def generate(self, request, on_text=None):
            from dataclasses import replace

            whole = super().generate(request, on_text)
            return [replace(c, text=c.text[:-9], finish="length") for c in whole]

    solution = solved(Cut())
    assert solution.candidates[0].verdict.startswith("the reply was cut off at ")


def test_words_cut_off_behind_the_code_do_not_spoil_it() -> None:
    text = reply(program("return signal")) + "\n\nHow it works: the signal is"
    assert parse_program(Candidate(text, "length", 640), specification()).fault == ""


def test_no_recipe_is_imported_for_a_name_of_the_program_s_own() -> None:
    code = program("dew_point = step_count(signal)\nreturn dew_point")
    for own in ("def step_count(x):\n    return x", "class step_count(list): ..."):
        text = reply(f"{own}\n\n\n{code}")
        found = parse_program(Candidate(text, "stop", 1), specification())
        assert recipes_used(found.code) == []
    parameter = "def scale(heat_index):\n    return heat_index"
    found = parse_program(Candidate(reply(f"{parameter}\n\n\n{code}"), "stop", 1), specification())
    assert [recipe.name for recipe in recipes_used(found.code)] == ["step_count"]


def made(*lines: str) -> list[dict[str, object]]:
    parameters = [line.split(" ", 1) for line in lines]
    wanted = Specification(
        name="f",
        target="Do it.",
        inputs=tuple(
            Parameter(name=n, type=r.split(")")[0][1:], meaning=r.split(": ")[1])
            for n, r in parameters
        ),
        outputs=(Parameter(name="y", type="float", meaning="a number"),),
    )
    first, again = make_inputs(wanted, seed=3), make_inputs(wanted, seed=3)
    assert str(first) == str(again)
    assert len({str(case) for case in first}) == len(first)
    return first


def test_inputs_are_made_as_specified() -> None:
    for case in made(
        "x (numpy.ndarray): acceleration in m/s^2, shape (n, 3)",
        "labels (numpy.ndarray): class labels, shape (n,)",
        "pair (numpy.ndarray): positions between 2 and 5, shape (4, 2)",
        "fs (float): sampling rate in Hz",
        "alpha (float): smoothing factor",
        "order (int): order of the filter",
        "names (list): names of the rooms",
        "csi (numpy.ndarray): complex channel state, shape (n, 30)",
    ):
        length = len(case["x"])
        assert case["x"].shape == (length, 3)
        assert case["labels"].shape == (length,)
        assert set(case["labels"]) <= {0, 1}
        assert case["pair"].shape == (4, 2)
        assert case["pair"].min() >= 2
        assert case["pair"].max() <= 5
        assert case["fs"] > 1
        assert 0 < case["alpha"] < 1
        assert case["order"] in (2, 3, 4)
        assert all(isinstance(name, str) for name in case["names"])
        assert case["csi"].shape == (length, 30)
        assert np.iscomplexobj(case["csi"])


def test_an_ecg_is_made_from_an_ecg() -> None:
    (case, *_) = made(
        "signal (numpy.ndarray): raw ECG in mV, shape (n,)", "fs (float): sampling rate in Hz"
    )
    assert case["fs"] == 360.0
    assert len(case["signal"]) >= 10 * 360


def test_several_inputs_count_each() -> None:
    """A program that fails on some of the inputs passes, is warned of, and loses the vote."""
    short, long = inputs(100), inputs(400)
    with Trials.on([short, long]) as trials:
        verifier = Verifier(specification(), trials, lambda _: None)
        bodies = ["assert len(signal) > 200\nreturn signal * 2", "return signal * 2"]
        verifier.add([Program(program(body)) for body in bodies], "model")
    assert [c.verdict for c in verifier.candidates] == ["passed", "passed"]
    assert verifier.choose()[0] == 1
    assert "fails on 1 of 2 inputs: AssertionError" in verifier.candidates[0].warnings[0]
    assert len(verifier.outputs(0)["scaled"]) == 400  # type: ignore[arg-type]


def called(code: str) -> Callable[..., object]:
    space: dict = {"__name__": "inlined"}
    exec(compile(code, "inlined", "exec"), space)
    return space["both"]


def test_inlined_recipes_do_the_same_and_keep_out_of_each_others_way() -> None:
    code = (
        '"""Two recipes."""\nimport numpy as np\nfrom recipes.pan_tompkins import pan_tompkins as find\n'
        "\n\ndef zscore_normalize(signal):\n    return signal * 0\n\n\n"
        "def both(signal, fs):\n"
        "    from recipes.zscore_normalize import zscore_normalize as normal\n"
        "    return find(normal(signal)[0], fs), zscore_normalize(signal)\n"
    )
    alone = inline(code)
    assert "recipes" not in alone.replace('"""Two recipes."""', "")
    assert [r.name for r in recipes_used(alone)] == []
    beats = np.tile(np.r_[np.zeros(180), 1.0, np.zeros(69)], 12)
    found, zero = called(alone)(beats, 250.0)  # type: ignore[misc]
    assert len(found) >= 10
    assert not zero.any()


@pytest.mark.parametrize(
    ("statement", "call"),
    [
        ("import recipes.pan_tompkins as r", "r.pan_tompkins"),
        ("import recipes.pan_tompkins", "recipes.pan_tompkins.pan_tompkins"),
        ("from recipes import pan_tompkins", "pan_tompkins.pan_tompkins"),
        ("from recipes.pan_tompkins import *", "pan_tompkins"),
        ("from recipes.no_such_thing import no_such_thing", "no_such_thing"),
    ],
)
def test_a_recipe_that_cannot_be_inlined_is_a_fault_to_repair(statement: str, call: str) -> None:
    code = f"{statement}\n{program(f'return {call}(signal, fs)')}"
    made = parse_program(Candidate(reply(code), "stop", 1), specification())
    assert made.fault.startswith(f"it says `{statement}`, where")
    assert "`from recipes.NAME import NAME`" in made.fault
    assert statement in made.code


def test_code_without_recipes_is_left_as_it_is() -> None:
    assert inline(program("return signal")) == program("return signal")


def test_every_recipe_can_be_inlined() -> None:
    for name in load_recipes():
        code = inline(f"from recipes.{name} import {name}\n\n\nboth = {name}\n")
        compile(code, name, "exec")
        assert f"def {name}(" in code
        assert "def check(" not in code


def test_a_change_deep_inside_an_input_is_seen() -> None:
    readings = Parameter(name="readings", type="dict", meaning="arrays by sensor")
    step = specification("mean (float): the mean").model_copy(update={"inputs": (readings,)})
    values = {"readings": {"acc": [np.zeros(5000), float("nan")]}}
    for line, passes in (("pass", True), ("readings['acc'][0][2500] = 1.0", False)):
        code = f"import numpy as np\n\n{step.signature}\n    {line}\n    return 1.0\n"
        with Trials.on([values], LIMITS) as trials:
            trial = trials.run(step, code)
        assert trial.passed == passes
    assert "it changes its input readings" in trial.reason

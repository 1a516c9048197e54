"""Every shipped recipe is readable, documented and right."""

import ast
import json
import sys
from pathlib import Path

import pytest

from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.recipe import RECIPES, load_recipes, read_recipe
from gpiot_cli.sandbox.run import Limits, python, run
from gpiot_cli.synthesis.requirements import imports
from gpiot_cli.synthesis.specification import annotation

PATHS = sorted(RECIPES.glob("*/*.py"))
TOPICS = {
    "acoustics",
    "biosignals",
    "control",
    "edge ml",
    "inertial",
    "protocols",
    "rf sensing",
    "signal processing",
    "time series",
}
AVAILABLE = {"numpy", "pandas", "scipy", "sklearn"}
"""What a generated project may require: dependencies of gpiot itself."""

CHECK_ALL = """
import json, runpy, sys, time, traceback
for path in sys.argv[1:]:
    print(json.dumps({"path": path, "fault": "did not end"}), flush=True)
    start, fault = time.perf_counter(), ""
    try:
        runpy.run_path(path)["check"]()
    except BaseException:
        fault = traceback.format_exc()
    seconds = time.perf_counter() - start
    print(json.dumps({"path": path, "fault": fault, "seconds": seconds}), flush=True)
"""

each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """Path to {"fault": traceback or "", "seconds": …}; one sandbox for all, to be quick."""
    folder = tmp_path_factory.mktemp("recipes")
    argv = [python(), "-c", CHECK_ALL, *map(str, PATHS)]
    outcome = run(argv, folder, read_only=[RECIPES], limits=Limits(seconds=120))
    verdicts = {v["path"]: v for v in map(json.loads, outcome.stdout.splitlines())}
    assert verdicts, outcome
    return verdicts


@each
def test_its_check_passes_in_the_sandbox(path: Path, verdicts: dict[str, dict[str, object]]):
    assert str(path) in verdicts, "a recipe before it did not end"
    assert verdicts[str(path)]["fault"] == ""
    assert verdicts[str(path)]["seconds"] < 10


@each
def test_it_is_short_and_fully_documented(path: Path):
    recipe = read_recipe(path)
    assert len(recipe.code.splitlines()) <= 70
    assert len(recipe.summary) <= 100
    assert len(recipe.prose.split()) >= 20
    assert recipe.modalities
    assert len(recipe.keywords) >= 3
    assert set(imports(path, lazily=True)) - sys.stdlib_module_names <= AVAILABLE


@each
def test_its_documented_types_are_those_of_its_signature(path: Path):
    recipe = read_recipe(path)
    (function,) = (n for n in ast.parse(recipe.code).body if getattr(n, "name", "") == recipe.name)
    assert isinstance(function, ast.FunctionDef)
    declared = [_outer_type(argument.annotation) for argument in function.args.args]
    assert declared == [annotation(p.type) for p in recipe.inputs]
    outputs = [annotation(p.type) for p in recipe.outputs]
    returned = function.returns
    if len(outputs) > 1:
        assert isinstance(returned, ast.Subscript)
        assert isinstance(returned.slice, ast.Tuple)
        assert _outer_type(returned) == "tuple"
        assert [_outer_type(element) for element in returned.slice.elts] == outputs
    else:
        assert [_outer_type(returned)] == outputs


def _outer_type(node: ast.expr | None) -> str:
    """What a specification says of an annotation: "dict" of `dict[str, float]`."""
    assert node is not None
    return ast.unparse(node.value if isinstance(node, ast.Subscript) else node)


@each
def test_it_has_one_public_function_and_a_check(path: Path):
    functions = [n.name for n in ast.parse(path.read_text()).body if isinstance(n, ast.FunctionDef)]
    assert [name for name in functions if not name.startswith("_")] == [path.stem, "check"]


def test_all_topics_are_covered():
    recipes = load_recipes()
    assert len(recipes) >= 60
    assert {recipe.topic for recipe in recipes.values()} == TOPICS


RECIPE = '''"""Double a signal.

More prose,
on two lines.

topic: time series
modality: ecg, generic
keywords: twice,
    double
source: Euclid
"""

import json

import numpy as np
from scipy.signal import get_window


def double(
    signal: np.ndarray,
) -> np.ndarray:
    """Return twice the signal.

    Inputs:
        signal (numpy.ndarray): samples, which may
            be negative

    Outputs:
        doubled (numpy.ndarray): twice `signal`
    """
    return 2 * signal


def check() -> None:
    """Doubles."""
    import pandas
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "time_series").mkdir()
    path = tmp_path / "time_series" / "double.py"
    path.write_text(RECIPE)
    return path


def test_the_parts_of_a_recipe(path: Path):
    recipe = read_recipe(path)
    assert (recipe.name, recipe.topic, recipe.source) == ("double", "time series", "Euclid")
    assert recipe.modalities == ("ecg", "generic")
    assert recipe.keywords == ("twice", "double")
    assert recipe.summary == "Double a signal."
    assert recipe.prose == "Double a signal.\n\nMore prose,\non two lines."
    assert [str(p) for p in recipe.inputs] == [
        "signal (numpy.ndarray): samples, which may be negative"
    ]
    assert [p.name for p in recipe.outputs] == ["doubled"]
    assert recipe.code == RECIPE.partition("\n\n\ndef check")[0] + "\n"
    assert recipe.interface.startswith("def double(\n")
    assert recipe.interface.endswith('twice `signal`\n    """')


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("source: Euclid\n", "", "no field 'source:'"),
        ("topic: time series", "topic: ecg", "the topic 'ecg'"),
        ("def check", "def test", "lacks the function check()"),
        ("def double", "def triple", "lacks the function double()"),
        ("signal (numpy.ndarray): samples", "x (numpy.ndarray): samples", "other inputs"),
        ("doubled (numpy.ndarray)", "doubled (array)", "'doubled (array): twice `signal`'"),
        ("Outputs:", "Returns:", "no 'Outputs:'"),
        ("return 2", "return 2 2", "is not Python"),
    ],
)
def test_a_fault_is_named_with_its_file(path: Path, old: str, new: str, fault: str):
    assert RECIPE.count(old) == 1
    path.write_text(RECIPE.replace(old, new))
    with pytest.raises(GpiotError) as error:
        load_recipes(path.parent.parent)
    assert fault in error.value.message
    assert str(path) in error.value.message

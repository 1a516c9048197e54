"""`gpiot data recipes`: the shipped recipes as pairs to learn from."""

import ast
import json
import shutil
from pathlib import Path

import pytest
from scripted import make_home

from gpiot_cli.cli.gpiot import app
from gpiot_cli.cli.main import run
from gpiot_cli.engine.protocol import Candidate
from gpiot_cli.knowledge.recipe import RECIPES, Recipe, load_recipes
from gpiot_cli.synthesis.generate import parse_program
from gpiot_cli.synthesis.specification import Specification
from gpiot_cli.training import recipes
from gpiot_cli.training.dataset import read_dataset

each = pytest.mark.parametrize("recipe", load_recipes().values(), ids=lambda r: r.name)


@each
def test_the_answer_is_the_program_of_its_specification(recipe: Recipe) -> None:
    answer = recipes.example(recipe).messages[-1].content
    wanted = recipes.specification(recipe)
    program = parse_program(Candidate(answer, "stop", 1), wanted)
    assert not program.fault
    *imports, function = ast.parse(program.code).body
    assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in imports)
    assert isinstance(function, ast.FunctionDef)
    assert f"\n{wanted.signature}\n" in program.code
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef):
            assert "\n" not in (ast.get_docstring(node) or "")


def test_half_are_asked_as_the_model_alone_is() -> None:
    asked = [recipes.example(recipe).source["prompt"] for recipe in load_recipes().values()]
    assert 0.35 < asked.count("direct") / len(asked) < 0.65


def test_only_what_passes_its_check_is_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_home(tmp_path / "home", monkeypatch)
    folder = tmp_path / "recipes" / "edge_ml"
    folder.mkdir(parents=True)
    for name in ("quantize_int8", "prune_weights"):
        shutil.copy(RECIPES / "edge_ml" / f"{name}.py", folder)
    written = recipes.program

    def spoilt(recipe: Recipe, wanted: Specification) -> str:
        code = written(recipe, wanted)
        return code if recipe.name == "quantize_int8" else code.replace("return ", "return 0 * ")

    monkeypatch.setattr(recipes, "program", spoilt)
    monkeypatch.setattr(recipes, "load_recipes", lambda: load_recipes(tmp_path / "recipes"))
    out = tmp_path / "data"
    assert run(app, "gpiot", ["data", "recipes", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "kept": ["quantize_int8"],
        "its check failed": ["prune_weights"],
        "near IoTBench": [],
    }
    kept = [*read_dataset(out, "train"), *read_dataset(out, "validation")]
    assert [example.group for example in kept] == ["quantize_int8"]

"""`gpiot data recipes`: each shipped recipe as a specification and the program that meets it.

The pairs of packages' documentation (`cgd`) are mostly one call of the function that is documented. A
model that learns from them alone looks for such a call where none exists. These programs are whole
algorithms, each with its check.
"""

import ast
import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent

from gpiot_cli.bench.contamination import near_iotbench
from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.knowledge.recipe import Recipe, load_recipes
from gpiot_cli.sandbox.run import Limits, python, run
from gpiot_cli.synthesis.specification import Specification
from gpiot_cli.training.cgd.pairs import asked_for
from gpiot_cli.training.dataset import Example, Message, write_dataset

CARD = """\
# Recipes as a code generation data set

The algorithms that `gpiot` ships (`gpiot_cli/knowledge/recipes`), each as a structured specification
(GPIoT, Fig. 10(c)) and the program that meets it. Made by `gpiot data recipes`. Each was written for
this project after the source that its file names, and the program passed the recipe's check in the
sandbox when this set was made (`source.strength`: output checked). Half are asked as `gpiot generate`
asks, half as the model alone is asked (`source.prompt`). Split by recipe. What is near a task of
IoTBench by its names, words, code or meaning is left out."""

CHECK_ALL = """
import inspect, json, runpy
for name, path, program in json.load(open("recipes.json")):
    try:
        recipe, written = runpy.run_path(path), {}
        exec(program, written)

        def call(*given, signature=inspect.signature(recipe[name]), function=written[name], **named):
            bound = signature.bind(*given, **named)
            bound.apply_defaults()
            return function(*bound.args, **bound.kwargs)

        recipe["check"].__globals__[name] = call
        recipe["check"]()
        print(name, flush=True)
    except BaseException:
        pass
"""
"""Prints the name of each recipe whose check passes for the program that was made of it."""

CHECKING = Limits(seconds=600)


def build(folder: Path, embedder: Embedder) -> dict[str, list[str]]:
    """Write the data set to `folder`; what was kept, and what was left out and why."""
    recipes = load_recipes()
    checked = _checked(recipes.values())
    failed = [name for name in recipes if name not in checked]
    made = [example(recipes[name]) for name in recipes if name in checked]
    near = near_iotbench({pair.id: pair.text for pair in made}, embedder)
    kept = [pair for pair in made if pair.id not in near]
    write_dataset(folder, kept, CARD)
    return {
        "kept": [pair.group for pair in kept],
        "its check failed": failed,
        "near IoTBench": [pair.group for pair in made if pair.id in near],
    }


def _checked(recipes: Iterable[Recipe]) -> set[str]:
    """The names of the recipes whose programs pass their checks in the sandbox."""
    jobs = [(r.name, str(r.path), program(r, specification(r))) for r in recipes]
    with TemporaryDirectory(prefix="gpiot-recipes-") as folder:
        Path(folder, "recipes.json").write_text(json.dumps(jobs), encoding="utf-8")
        paths = [Path(path) for _, path, _ in jobs]
        argv = [python(), "-c", CHECK_ALL]
        outcome = run(argv, Path(folder), read_only=paths, limits=CHECKING)
    return set(outcome.stdout.splitlines())


def specification(recipe: Recipe) -> Specification:
    """What a recipe does; all its inputs are asked for, those with a default too."""
    target = " ".join(recipe.prose.split())
    return Specification(
        name=recipe.name, target=target, inputs=recipe.inputs, outputs=recipe.outputs
    )


def example(recipe: Recipe) -> Example:
    """A recipe as a pair; which of two prompts asks for it follows from its name's hash."""
    wanted = specification(recipe)
    block = f"```python\n{program(recipe, wanted)}\n```"
    prompt, answer, asked = asked_for(wanted, block, recipe.summary, recipe.name)
    return Example(
        id=f"recipe:{recipe.name}",
        group=recipe.name,
        messages=(
            Message(role="system", content=prompt.system),
            Message(role="user", content=prompt.user),
            Message(role="assistant", content=answer),
        ),
        source={
            "kind": "D3",
            "origin": "written",
            "strength": "output checked",
            "prompt": asked,
            "topic": recipe.topic,
            "object": f"recipes.{recipe.name}",
            "package": "gpiot-cli",
            "licence": "Apache-2.0",
        },
    )


def program(recipe: Recipe, specification: Specification) -> str:
    """The recipe as one function with the specification's signature, as the grammar of programs wants.

    Its helpers and constants stand in its body; of docstrings the first lines are left.
    """
    tree = ast.parse(recipe.code)
    (main,) = (node for node in tree.body if getattr(node, "name", "") == recipe.name)
    assert isinstance(main, ast.FunctionDef)
    lines = recipe.code.splitlines()
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    helpers = [node for node in tree.body[1:] if node not in imports and node is not main]
    return "\n".join(
        [
            *(ast.unparse(node) for node in imports),
            "",
            "",
            specification.signature,
            *_body(main, lines)[:1],
            *(indent(line, "    ") for node in helpers for line in _shortly(node, lines)),
            *_body(main, lines)[1:],
        ]
    )


def _shortly(node: ast.stmt, lines: list[str]) -> list[str]:
    """A statement's lines; a function has the first line of its docstring."""
    start, end = node.lineno - 1, node.end_lineno
    if not isinstance(node, ast.FunctionDef):
        return lines[start:end]
    return [*lines[start : node.body[0].lineno - 1], *_body(node, lines)]


def _body(function: ast.FunctionDef, lines: list[str]) -> list[str]:
    """A function's docstring in one line, and what is behind it."""
    text = ast.get_docstring(function)
    rest = lines[function.body[0].end_lineno : function.end_lineno]
    if text is None:
        return lines[function.body[0].lineno - 1 : function.end_lineno]
    return [f'    """{text.splitlines()[0]}"""', *rest]

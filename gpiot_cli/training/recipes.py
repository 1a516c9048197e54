"""`gpiot data recipes`: each shipped recipe as a specification and the program that meets it.

The pairs of packages' documentation (`cgd`) are mostly one call of the function that is documented. A
model that learns from them alone looks for such a call where none exists. These programs are whole
algorithms, each with its check.
"""

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from gpiot_cli.bench.contamination import contamination, protected_tasks
from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.knowledge.recipe import RECIPES, Recipe, load_recipes
from gpiot_cli.prompts import render
from gpiot_cli.sandbox.run import Limits, python, run
from gpiot_cli.synthesis.generate import generation_prompt
from gpiot_cli.synthesis.specification import Specification
from gpiot_cli.training.dataset import Example, Message, write_dataset

CARD = """\
# Recipes as a code generation data set

The algorithms that `gpiot` ships (`gpiot_cli/knowledge/recipes`), each as a structured specification
(GPIoT, Fig. 10(c)) and the program that meets it. Made by `gpiot data recipes`. Each was written for
this project after the source that its file names, and passed its own check in the sandbox when this
set was made (`source.strength`: output checked). Half are asked as `gpiot generate` asks, half as the
model alone is asked (`source.prompt`). Split by recipe. What is near a task of IoTBench by its names,
words, code or meaning is left out."""

CHECK_ALL = """
import runpy, sys
for path in sys.argv[1:]:
    try:
        runpy.run_path(path)["check"]()
        print(path, flush=True)
    except BaseException:
        pass
"""
"""Prints the path of each recipe whose check passes."""

CHECKING = Limits(seconds=600)


def build(folder: Path, embedder: Embedder) -> dict[str, list[str]]:
    """Write the data set to `folder`; what was kept, and what was left out and why."""
    recipes = load_recipes()
    checked = _checked(recipes.values())
    failed = [name for name in recipes if name not in checked]
    made = [example(recipes[name]) for name in recipes if name in checked]
    texts = {made_one.id: made_one.text for made_one in made}
    findings = contamination(protected_tasks(), texts, embedder=embedder)
    near = {finding.text for finding in findings}
    kept = [made_one for made_one in made if made_one.id not in near]
    write_dataset(folder, kept, CARD)
    return {
        "kept": [made_one.group for made_one in kept],
        "its check failed": failed,
        "near IoTBench": [made_one.group for made_one in made if made_one.id in near],
    }


def _checked(recipes: Iterable[Recipe]) -> set[str]:
    """The names of the recipes whose check passes in the sandbox."""
    argv = [python(), "-c", CHECK_ALL, *(str(recipe.path) for recipe in recipes)]
    with TemporaryDirectory(prefix="gpiot-recipes-") as folder:
        outcome = run(argv, Path(folder), read_only=[RECIPES], limits=CHECKING)
    return {Path(line).stem for line in outcome.stdout.splitlines()}


def example(recipe: Recipe) -> Example:
    """A recipe as a pair; which of two prompts asks for it follows from its name's hash."""
    specification = Specification(
        name=recipe.name,
        target=" ".join(recipe.prose.split()),
        inputs=recipe.inputs,
        outputs=recipe.outputs,
    )
    program = f"```python\n{_program(recipe, specification)}\n```"
    if hashlib.sha256(recipe.name.encode()).digest()[0] % 2:
        asked, answer = "direct", program
        prompt = render("direct", task=specification.markdown, signature=specification.signature)
    else:
        asked, answer = "generate", f"{recipe.summary}\n\n{program}"
        prompt = generation_prompt(specification.target, specification)
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


def _program(recipe: Recipe, specification: Specification) -> str:
    """The recipe's code with the specification's signature, and of its docstrings the first lines."""
    tree = ast.parse(recipe.code)
    lines: list[str | None] = list(recipe.code.splitlines())
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        text = function.body[0]
        if ast.get_docstring(function) is not None and text.end_lineno is not None:
            summary = (ast.get_docstring(function) or "").splitlines()[0]
            lines[text.lineno - 1] = f'    """{summary}"""'
            lines[text.lineno : text.end_lineno] = [None] * (text.end_lineno - text.lineno)
        if function.name == recipe.name:
            lines[function.lineno - 1] = specification.signature
            header = text.lineno - 1 - function.lineno
            lines[function.lineno : text.lineno - 1] = [None] * header
    if ast.get_docstring(tree) is not None:
        end = tree.body[0].end_lineno or 0
        lines[:end] = [None] * end
    return "\n".join(line for line in lines if line is not None).strip()

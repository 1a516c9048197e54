"""Recipes: the field's algorithms as short programs, read as text and never imported here."""

import ast
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gpiot_cli.errors import GpiotError
from gpiot_cli.synthesis.specification import TYPE_NAMES, Parameter, parse_parameter

RECIPES = Path(__file__).parent / "recipes"
FIELD = re.compile(r"^(topic|modality|keywords|source):\s*(.*)$")
SECTION = re.compile(r"^\s*(Inputs|Outputs):\s*$")


@dataclass(frozen=True)
class Recipe:
    """One verified implementation: a file `<topic>/<name>.py` with a function `<name>`."""

    name: str
    topic: str
    """The folder's name in words: "time series" for `time_series`."""
    modalities: tuple[str, ...]
    """What the function reads, such as "ecg"; "generic" when it fits any signal."""
    keywords: tuple[str, ...]
    source: str
    """The paper or standard that the algorithm comes from."""
    summary: str
    """The first line of the prose."""
    prose: str
    code: str
    """All that comes before `check()`: ready for a prompt or for copying."""
    interface: str
    """The function's `def` line and docstring: the short text for a prompt."""
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    optional: frozenset[str]
    """Names of the inputs that have a default."""
    path: Path
    sha256: str


@cache
def load_recipes(folder: Path = RECIPES) -> dict[str, Recipe]:
    """Every recipe under `folder` by name; a `GpiotError` names the file and its fault."""
    recipes: dict[str, Recipe] = {}
    for path in sorted(folder.glob("*/*.py")):
        if path.name == "__init__.py":
            continue
        recipe = read_recipe(path)
        if recipe.name in recipes:
            raise _fault(path, f"has the same name as {recipes[recipe.name].path}")
        recipes[recipe.name] = recipe
    return recipes


def read_recipe(path: Path) -> Recipe:
    """Parse one recipe file; a `GpiotError` names its first fault."""
    text = path.read_text(encoding="utf-8")
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        raise _fault(path, f"is not Python: {error}") from error
    prose, fields = _docstring(path, ast.get_docstring(module) or "")
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    function, check = functions.get(path.stem), functions.get("check")
    if function is None or check is None:
        raise _fault(path, f"lacks the function {path.stem if function is None else 'check'}()")
    lines = text.splitlines()
    inputs, outputs = _parameters(path, function)
    return Recipe(
        name=path.stem,
        topic=fields["topic"],
        modalities=_items(fields["modality"]),
        keywords=_items(fields["keywords"]),
        source=fields["source"],
        summary=prose.splitlines()[0],
        prose=prose,
        code="\n".join(lines[: check.lineno - 1]).rstrip() + "\n",
        interface="\n".join(lines[function.lineno - 1 : function.body[0].end_lineno]),
        inputs=inputs,
        outputs=outputs,
        optional=_optional(function.args),
        path=path,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _docstring(path: Path, docstring: str) -> tuple[str, dict[str, str]]:
    """Split a module docstring into its prose and its fields, which may run over several lines."""
    prose: list[str] = []
    fields: dict[str, str] = {}
    current = ""
    for line in docstring.splitlines():
        if match := FIELD.match(line):
            current = match[1]
            fields[current] = match[2].strip()
        elif current:
            fields[current] = f"{fields[current]} {line.strip()}".strip()
        else:
            prose.append(line)
    for name in ("topic", "modality", "keywords", "source"):
        if not fields.get(name):
            raise _fault(path, f"has no field '{name}:' in its module docstring")
    if not "".join(prose).strip():
        raise _fault(path, "has no prose in its module docstring")
    if fields["topic"].replace(" ", "_") != path.parent.name:
        raise _fault(path, f"has the topic {fields['topic']!r}, which is not its folder's")
    return "\n".join(prose).strip(), fields


def _parameters(
    path: Path, function: ast.FunctionDef
) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """Read the `Inputs:` and `Outputs:` of a docstring; a deeper line continues the one above."""
    sections: dict[str, list[str]] = {"Inputs": [], "Outputs": []}
    current: list[str] | None = None
    depth = 0
    for line in (ast.get_docstring(function) or "").splitlines():
        indent = len(line) - len(line.lstrip())
        if match := SECTION.match(line):
            current, depth = sections[match[1]], 0
        elif not line.strip():
            current = None if current else current
        elif current is not None:
            if current and indent > depth:
                current[-1] += " " + line.strip()
            else:
                depth = indent
                current.append(line.strip())
    inputs = tuple(_parameter(path, line) for line in sections["Inputs"])
    outputs = tuple(_parameter(path, line) for line in sections["Outputs"])
    arguments = [a.arg for a in (*function.args.args, *function.args.kwonlyargs)]
    if [p.name for p in inputs] != arguments:
        raise _fault(path, f"documents other inputs than its arguments ({', '.join(arguments)})")
    if not outputs:
        raise _fault(path, "documents no 'Outputs:'")
    return inputs, outputs


def _optional(arguments: ast.arguments) -> frozenset[str]:
    positional = arguments.args[len(arguments.args) - len(arguments.defaults) :]
    keyword = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return frozenset(
        [a.arg for a in positional] + [a.arg for a, default in keyword if default is not None]
    )


def _parameter(path: Path, line: str) -> Parameter:
    try:
        return parse_parameter(line)
    except ValueError as error:
        types = ", ".join(TYPE_NAMES)
        raise _fault(
            path, f"has {line!r} instead of 'name (type): meaning', the type one of {types}"
        ) from error


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _fault(path: Path, fault: str) -> GpiotError:
    return GpiotError(f"The recipe {path} {fault}.", "See 'Recipes' in docs/developing.md.")

"""A program that stands alone: the code of the recipes that it imports is put above it."""

import ast
import re

from gpiot_cli.knowledge.recipe import load_recipes


def inline(code: str) -> str:
    """Replace every `from recipes.x import …` by the recipe's own code.

    A recipe's name that something else already has gets the recipe's name behind it.
    """
    module = ast.parse(code)
    uses = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("recipes.")
    ]
    if not uses:
        return code
    imports = [node for node in _imports(module) if node not in uses]
    lines: list[str | None] = list(code.splitlines())
    _blank(lines, imports)
    taken = set(_defined(module))
    recipes: dict[str, dict[str, str]] = {}
    pieces = []
    for use in uses:
        name = (use.module or "").removeprefix("recipes.")
        if name not in recipes:
            parsed = ast.parse(load_recipes()[name].code)
            recipes[name] = {n: f"{n}_{name}" if n in taken else n for n in _defined(parsed)}
            taken |= set(recipes[name].values())
            imports += _imports(parsed)
            pieces.append(_body(load_recipes()[name].code, parsed, recipes[name]))
        names = {alias.asname or alias.name: recipes[name][alias.name] for alias in use.names}
        bound = [f"{here} = {there}" for here, there in names.items() if here != there]
        statement = "; ".join(bound) or ("pass" if use.col_offset else "")
        _blank(lines, [use])
        lines[use.lineno - 1] = " " * use.col_offset + statement if statement else None
    head = "\n".join(sorted(dict.fromkeys(map(ast.unparse, imports)), key=_import_order))
    body = "\n".join(line for line in lines if line is not None).strip("\n")
    return "\n\n\n".join([head, *pieces, body]) + "\n"


def import_fault(code: str) -> str:
    """Which import of recipes `inline` cannot replace, and how to write it; empty without one."""
    recipes = load_recipes()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            wrong = any(alias.name.split(".")[0] == "recipes" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "recipes":
            recipe = recipes.get((node.module or "").removeprefix("recipes."))
            known = _defined(ast.parse(recipe.code)) if recipe else []
            wrong = any(alias.name not in known for alias in node.names)
        else:
            continue
        if wrong:
            return (
                f"it says `{ast.unparse(node)}`, where a tested function is imported by its name: "
                "`from recipes.NAME import NAME`"
            )
    return ""


def _body(code: str, parsed: ast.Module, renamed: dict[str, str]) -> str:
    """A recipe without its docstring and imports, under the names it gets."""
    lines: list[str | None] = list(code.splitlines())
    _blank(lines, [parsed.body[0], *_imports(parsed)])
    text = "\n".join(line for line in lines if line is not None).strip("\n")
    for old, new in renamed.items():
        if new != old:
            text = re.sub(rf"(?<![\w.]){old}\b", new, text)
    return text


def _imports(module: ast.Module) -> list[ast.stmt]:
    return [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]


def _defined(module: ast.Module) -> list[str]:
    """Names that a module's top level defines."""
    names = []
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    return names


def _blank(lines: list[str | None], nodes: list[ast.stmt]) -> None:
    for node in nodes:
        assert node.end_lineno is not None
        lines[node.lineno - 1 : node.end_lineno] = [None] * (node.end_lineno - node.lineno + 1)


def _import_order(statement: str) -> tuple[bool, bool, str]:
    return not statement.startswith("from __future__"), statement.startswith("from "), statement

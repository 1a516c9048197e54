"""Cuts a function out of an example: what uses the documented object, with its data as parameters.

An example is a list of statements that was run once, so that it is known what every name held. The
statements that the result depends on are followed backwards from it. What comes from the object
stays in the function; an array, a table or a list that does not becomes a parameter; what is
neither (a random generator, another estimator) is built in the function as the example does.

This is a heuristic, and its answers are only proposals: `trying.py` runs the function on the
example's data and drops it unless the result is the same. Standard library only.
"""

import ast
from dataclasses import dataclass, field

DATA = frozenset({"numpy.ndarray", "pandas.DataFrame", "list", "dict"})
SCALARS = frozenset({"float", "int", "bool", "str"})
ANNOTATIONS = {"numpy.ndarray": "np.ndarray", "pandas.DataFrame": "pd.DataFrame"}
ANNOTATION_IMPORTS = {"np.ndarray": "import numpy as np", "pd.DataFrame": "import pandas as pd"}
MOST_PARAMETERS = 5


@dataclass
class Statement:
    """One statement of an example, and what was seen when it ran."""

    source: str
    prose: str = ""
    """What the documentation says before it."""
    documented: bool = False
    """Whether the documentation shows its output."""
    types: dict[str, str] = field(default_factory=dict)
    """After it ran: name to type, as a specification calls it, "" for any other."""
    shown: str | None = None
    """The type of the value that it displayed, None if it displayed none."""

    def __post_init__(self) -> None:
        self.node = ast.parse(self.source).body[0]
        names = [node for node in ast.walk(self.node) if isinstance(node, ast.Name)]
        inner = _bound_inside(self.node)
        self.uses = {n.id for n in names if isinstance(n.ctx, ast.Load)} - inner
        self.binds = {n.id for n in names if isinstance(n.ctx, ast.Store)} - inner
        if isinstance(self.node, ast.FunctionDef | ast.ClassDef):
            self.binds = {self.node.name}
        if isinstance(self.node, ast.AugAssign):
            self.uses |= self.binds
        self.imports = imports_of(self.node)

    @property
    def changes(self) -> set[str]:
        """The names that it binds, and those whose objects it may change."""
        roots = set()
        calls_for_effect = not isinstance(self.node, ast.Assign | ast.AnnAssign)
        for node in ast.walk(self.node):
            stored = isinstance(node, ast.Attribute | ast.Subscript) and isinstance(
                node.ctx, ast.Store
            )
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if stored or (called and calls_for_effect):
                assert isinstance(node, ast.expr)
                roots.add(_root(node))
        if isinstance(self.node, ast.Expr) and self.shown is None:  # it is there for its effect
            roots |= self.uses
        return self.binds | (roots - {""})

    @property
    def displayed(self) -> ast.expr | None:
        """The expression that it shows: itself, or what it prints."""
        if not isinstance(self.node, ast.Expr):
            return None
        return printed(self.node.value) or self.node.value


@dataclass
class Input:
    """A parameter of a proposed function."""

    name: str
    value: str
    """The expression that gives its value in the example."""
    before: int
    """The statement before which it has that value."""
    callee: str = ""
    """The last name of the function or method that it is given to, if it is given to one."""
    argument: str = ""
    """Its position or keyword there."""


@dataclass
class Proposal:
    """A function: what it takes, does and returns."""

    imports: list[str]
    inputs: list[Input]
    body: list[tuple[str, str]]
    """Prose before a statement, and the statement."""
    result: str
    """The expression that is returned."""
    names: list[str]
    """What the parts of the result are called; one, or the elements of a tuple."""
    until: int
    """The statement after which `result` has its value in the example."""
    callee: str
    """The last name of what the result is a call of; "" if it is no call."""
    options: dict[str, str]
    """The constants that the example gives to the object's parameters."""


def module(proposal: Proposal, signature: str, docstring: str, comments: bool = False) -> str:
    """The Python module of a proposal: imports, and the function with its docstring."""
    needed = [line for key, line in ANNOTATION_IMPORTS.items() if key in signature]
    imports = list(dict.fromkeys([*needed, *proposal.imports]))
    lines = [*imports, "", ""] if imports else []
    lines += [signature, *_indented(f'"""{docstring}"""')]
    for prose, source in proposal.body:
        if comments and prose:
            lines += _indented("\n".join(f"# {line}" for line in prose.splitlines()))
        lines += _indented(source)
    return "\n".join([*lines, f"    return {proposal.result}", ""])


def signature(name: str, inputs: list[tuple[str, str]], outputs: list[str]) -> str:
    """The `def` line for (name, type) of the inputs and the types of the outputs."""
    given = ", ".join(f"{name}: {ANNOTATIONS.get(kind, kind)}" for name, kind in inputs)
    returned = ", ".join(ANNOTATIONS.get(kind, kind) for kind in outputs)
    return f"def {name}({given}) -> {returned if len(outputs) == 1 else f'tuple[{returned}]'}:"


def propose(
    statements: list[Statement],
    leaf: str,
    arguments: dict[str, list[str]],
    declared: list[str],
) -> Proposal | None:
    """Cut out the function; None where no part of the example could be one.

    `leaf` is the object's last name. `arguments` names what can be given by position to it and to
    its methods. `declared` are the variables that are the function's parameters, where the example
    was written for that; then the result is the last value that comes from the object, otherwise
    the first.
    """
    calls = [call_of(statement.node, leaf) for statement in statements]
    start = next((i for i, call in enumerate(calls) if call), None)
    if start is None:
        return None
    call = calls[start]
    assert call is not None
    imported: dict[str, str] = {}
    for statement in statements:
        imported |= statement.imports
    derived = _derived(statements, [c is not None for c in calls], start, set(imported))
    found = _result(statements, derived, last=bool(declared))
    if found is None:
        return None
    until, result, names = found
    given = _given(call, arguments.get(leaf, []))
    passed = {value.id for value in given.values() if isinstance(value, ast.Name)}
    body, wanted = _slice(statements, derived, until, result, set(declared) or passed, declared)
    if start != until and start not in body:
        return None

    readers = [(i, statements[i].node) for i in sorted({*body, until})]
    inputs = [
        Input(name, name, next((i for i, node in readers if name in _names(node)), until))
        for name in wanted
    ]
    options = {k: ast.unparse(v) for k, v in given.items() if isinstance(v, ast.Constant)}
    if not inputs:
        inputs = _lift(statements, start, until, call, arguments, set(imported))
        options = {k: v for k, v in options.items() if k not in {i.name for i in inputs}}
    if not 0 < len(inputs) <= MOST_PARAMETERS:
        return None
    for item in inputs:
        item.callee, item.argument = _passed_to([node for _, node in readers], item.name, leaf)
    positions = {name: i for i, name in enumerate([*declared, *given])}
    inputs.sort(key=lambda item: (positions.get(_parameter(given, item), 99), item.before))

    used = set(_names(result)).union(*(_names(statements[i].node) for i in body))
    lifted = {item.before for item in inputs if item.value != item.name}
    return Proposal(
        imports=[line for name, line in imported.items() if name in used],
        inputs=inputs,
        body=[(statements[i].prose, _source(statements[i], i in lifted)) for i in body],
        result=ast.unparse(result),
        names=names,
        until=until,
        callee=_leaf(result.func) if isinstance(result, ast.Call) else "",
        options=options,
    )


def call_of(node: ast.AST, leaf: str) -> ast.Call | None:
    """The first call of something whose last name is `leaf`."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and _leaf(inner.func) == leaf:
            return inner
    return None


def printed(expression: ast.expr) -> ast.expr | None:
    """The one thing that a call of `print` prints."""
    if (
        isinstance(expression, ast.Call)
        and _leaf(expression.func) == "print"
        and len(expression.args) == 1
        and not expression.keywords
        and not isinstance(expression.args[0], ast.Starred)
    ):
        return expression.args[0]
    return None


def imports_of(node: ast.stmt) -> dict[str, str]:
    """Each name that an import binds, and the line that does it."""
    if isinstance(node, ast.Import):
        lines = {alias: ast.unparse(ast.Import([alias])) for alias in node.names}
        return {(a.asname or a.name.split(".")[0]): line for a, line in lines.items()}
    if isinstance(node, ast.ImportFrom):
        parts = {a: ast.unparse(ast.ImportFrom(node.module, [a], node.level)) for a in node.names}
        return {(a.asname or a.name): line for a, line in parts.items()}
    return {}


def _derived(
    statements: list[Statement], calls: list[bool], start: int, imported: set[str]
) -> list[bool]:
    """For each statement, whether it calls the object or uses what came from it."""
    names: set[str] = set()
    derived = []
    for index, statement in enumerate(statements):
        own = index >= start and (calls[index] or bool(statement.uses & names))
        if own:
            names |= statement.changes - imported
        else:
            names -= statement.binds
        derived.append(own)
    return derived


def _result(
    statements: list[Statement], derived: list[bool], *, last: bool
) -> tuple[int, ast.expr, list[str]] | None:
    """The last value from the object that a specification can name, or the first, a call before
    others.
    """
    found = []
    for index, statement in enumerate(statements):
        if not derived[index]:
            continue
        node = statement.node
        if statement.shown and (shown := statement.displayed) is not None:
            found.append((index, shown, ["result"]))
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            names = _plain_names(node.targets[0])
            kept = [name for name in names if not name.startswith("_")]
            if kept and all(statement.types.get(name) for name in kept):
                parts: list[ast.expr] = [ast.Name(name) for name in kept]
                found.append((index, parts[0] if len(parts) == 1 else ast.Tuple(parts), kept))
    if last:
        return found[-1] if found else None
    assigned_or_called = [f for f in found if isinstance(f[1], ast.Name | ast.Tuple | ast.Call)]
    return next(iter([*assigned_or_called, *found]), None)


def _slice(
    statements: list[Statement],
    derived: list[bool],
    until: int,
    result: ast.expr,
    passed: set[str],
    declared: list[str],
) -> tuple[list[int], set[str]]:
    """The statements of the function in their order, and the names that are its parameters.

    Data are parameters, and those scalars that are `passed` to the object; or what is `declared`.
    """
    body: list[int] = []
    parameters: set[str] = set()
    wanted = _names(result)
    for index in range(until, -1, -1):
        statement = statements[index]
        changed = statement.changes & wanted
        shows_result = index == until and isinstance(statement.node, ast.Expr)
        if not changed or statement.imports or shows_result:
            continue
        if not derived[index]:
            kinds = {name: statement.types.get(name, "") for name in changed}
            data = {n for n, k in kinds.items() if k in DATA or (k in SCALARS and n in passed)}
            data = changed & set(declared) if declared else data
            parameters |= data
            wanted -= data
            if data == changed:
                continue
        body.append(index)
        wanted = (wanted - statement.binds) | (statement.uses - parameters)
    return body[::-1], parameters


def _lift(
    statements: list[Statement],
    start: int,
    until: int,
    call: ast.Call,
    arguments: dict[str, list[str]],
    imported: set[str],
) -> list[Input]:
    """Make parameters of the data that is written into the call of the object, or into that which
    gives the result; of the numbers in the call of the object where there is no data.
    """
    last = statements[until].displayed or getattr(statements[until].node, "value", None)
    places = [(start, call)]
    if isinstance(last, ast.Call) and last is not call:
        places.append((until, last))
    free = [
        (index, name, value)
        for index, one in places
        for name, value in _given(one, arguments.get(_leaf(one.func), [])).items()
        if _names(value) <= imported
    ]
    data = [found for found in free if _is_collection(found[2])]
    numbers = [found for found in free if found[0] == start and _is_number(found[2])]
    inputs = []
    for index, name, value in data or numbers:
        inputs.append(Input(name, ast.unparse(value), index))
        _Replace(value, ast.Name(name)).visit(statements[index].node)
    return inputs


class _Replace(ast.NodeTransformer):
    """Puts one expression in the place of another."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else super().generic_visit(node)


def _given(call: ast.Call, parameters: list[str]) -> dict[str, ast.expr]:
    """Parameter to argument, as far as the call says; nothing where it unpacks a sequence."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return {}
    given = dict(zip(parameters, call.args, strict=False))
    return given | {k.arg: k.value for k in call.keywords if k.arg is not None}


def _passed_to(nodes: list[ast.stmt], name: str, leaf: str) -> tuple[str, str]:
    """To which call a variable is given as it is, the object's own before others."""
    found = []
    for node in nodes:
        for call in ast.walk(node):
            if not isinstance(call, ast.Call):
                continue
            arguments = [(str(i), value) for i, value in enumerate(call.args)]
            arguments += [(k.arg, k.value) for k in call.keywords if k.arg]
            for place, value in arguments:
                if isinstance(value, ast.Name) and value.id == name:
                    found.append((_leaf(call.func), place))
    return next((f for f in found if f[0] == leaf), next(iter(found), ("", "")))


def _parameter(given: dict[str, ast.expr], item: Input) -> str:
    """The object's parameter that an input is given to, or the input's own name."""
    direct = (k for k, v in given.items() if isinstance(v, ast.Name) and v.id == item.name)
    return next(direct, item.name)


def _source(statement: Statement, changed: bool) -> str:
    """The statement as it was written, unless it was changed."""
    return ast.unparse(statement.node) if changed else statement.source.strip()


def _bound_inside(node: ast.AST) -> set[str]:
    """Names that only exist inside: of comprehensions, lambdas and functions."""
    inner: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.comprehension):
            inner |= {n.id for n in ast.walk(part.target) if isinstance(n, ast.Name)}
        if isinstance(part, ast.Lambda | ast.FunctionDef):
            arguments = part.args
            everyone = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            inner |= {a.arg for a in everyone}
    return inner


def _plain_names(target: ast.expr) -> list[str]:
    """The names of `a` and `a, b`; none of anything else."""
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    names = [part.id for part in parts if isinstance(part, ast.Name)]
    return names if len(names) == len(parts) else []


def _names(node: ast.AST) -> set[str]:
    inner = _bound_inside(node)
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - inner


def _is_collection(node: ast.expr) -> bool:
    """A list of things, or what a library makes of such: `[1, 2]`, `np.array([1, 2])`, `arange(3)`."""
    return isinstance(node, ast.List | ast.Dict | ast.ListComp) or (
        isinstance(node, ast.Call) and bool(node.args)
    )


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    )


def _leaf(function: ast.expr) -> str:
    """The last name of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _root(node: ast.expr) -> str:
    """The first name of `a.b[c].d`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _indented(text: str) -> list[str]:
    return [f"    {line}" if line.strip() else "" for line in text.splitlines()]

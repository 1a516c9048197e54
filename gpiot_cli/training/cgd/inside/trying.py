"""Runs the examples of documented objects, each in a process of its own, and cuts functions out.

Runs in the throw-away environment, inside the sandbox: `python trying.py TASKS.jsonl OUT.jsonl
SECONDS`. What the tasks import is imported once; every task is then a fork of this process. Nothing
but the standard library is needed; numpy and pandas are used where they are there.
"""

import ast
import contextlib
import copy
import importlib
import io
import json
import math
import os
import random
import re
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import slicing

CLOCK_FACTOR = 6
POLL_SECONDS = 0.01
SHOWN_LENGTH = 300
MOST_RESULTS = 4

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
WRAPPED_NUMBER = re.compile(
    r"np\.(?:float|u?int)\d*\(([^()]*)\)|np\.(True_|False_)|np\.str_\(('[^']*')\)"
)
DTYPE = re.compile(r",\s*(?:dtype=[\w.<>'\[\], ]+?|shape=\([\d, ]*\))(?=\))")
UNSTEADY = re.compile(r"#.*\b(?:random|vary|varies|depend\w*)\b", re.IGNORECASE)

Task = dict[str, Any]
Names = dict[str, Any]


def main(tasks: Path, out: Path, seconds: float) -> None:
    """One line of results for each line of tasks; a task that ends its process has one as well."""
    warnings.simplefilter("ignore")
    # What one fork compiles the next ones find: of aeon's examples that is nearly all of the time.
    os.environ["NUMBA_CACHE_DIR"] = str(Path("numba").resolve())
    todo = [json.loads(line) for line in tasks.read_text(encoding="utf-8").splitlines()]
    for name in sorted({name for task in todo for name in task["imports"]}):
        with contextlib.suppress(BaseException):  # the tasks that need it will say so
            importlib.import_module(name)
    for task in todo:
        verdict = in_a_process(task, out.with_suffix(".part"), seconds)
        with out.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"key": task["key"], "path": task["path"], **verdict}) + "\n")


def in_a_process(task: Task, part: Path, seconds: float) -> dict[str, Any]:
    """Fork, try the task there, and read what it leaves; a process that takes too long is ended.

    The limit is on its processor time, so that a busy machine does not decide, and on six times as
    much of the clock.
    """
    part.unlink(missing_ok=True)
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _try_and_exit(task, part, seconds)
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() - started > CLOCK_FACTOR * seconds:
            os.killpg(child, signal.SIGKILL)
            ended = os.waitpid(child, 0)
            break
        time.sleep(POLL_SECONDS)
    took = {"seconds": round(time.monotonic() - started, 2)}
    try:
        return {**json.loads(part.read_text(encoding="utf-8")), **took}
    except (OSError, ValueError):
        late = took["seconds"] > CLOCK_FACTOR * seconds or os.WTERMSIG(ended[1]) == signal.SIGXCPU
        reason = "takes too long" if late else f"its process ended with status {ended[1]}"
        return {"verdict": "failed", "reason": reason, **took}


def _try_and_exit(task: Task, part: Path, seconds: float) -> None:
    """The forked child: never returns."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        verdict = attempt(task)
    except BaseException as error:  # an example may raise SystemExit
        verdict = {"verdict": "failed", "reason": _in_words(error)}
    part.write_text(json.dumps(verdict), encoding="utf-8")
    os._exit(0)


def attempt(task: Task) -> dict[str, Any]:
    """Run the example; then cut a function out and run that."""
    os.environ.update(task["environment"])
    statements, failure, checked, differing = run_example(task)
    if failure:
        return {"verdict": "failed", "reason": failure}
    verdict: dict[str, Any] = {
        "verdict": "output checked" if checked and not differing else "runs",
        "checked": checked,
        "differing": differing,
        "statements": [[s.prose, as_in_a_script(s)] for s in statements],
    }
    try:
        verdict["function"] = cut(statements, task)
    except Exception as error:  # what cannot be cut is kept as it is
        verdict["uncut"] = _in_words(error)
    return verdict


def run_example(task: Task) -> tuple[list[slicing.Statement], str, int, list[str]]:
    """The statements as they ran, what stopped them, and how their output compares.

    The output counts as checked for every block whose documented output is what came out, and as
    differing where that was not compared.
    """
    names: Names = {"__name__": "__main__"}
    _seed()
    statements: list[slicing.Statement] = []
    checked = 0
    differing: list[str] = []
    for block in task["blocks"]:
        prose, got, error = block["prose"], "", ""
        try:
            parts = [ast.unparse(n) for n in ast.parse(block["source"]).body]
        except SyntaxError as fault:
            return statements, _in_words(fault), checked, differing
        if len(parts) == 1:
            parts = [block["source"]]  # as it was written, with its comments
        for part in parts:
            statement = slicing.Statement(part, prose, documented=bool(block["want"]))
            prose = ""
            try:
                got += run_statement(statement, names)
            except Exception as raised:
                error = traceback.format_exception_only(raised)[-1]
                break
            statements.append(statement)
        if error and not block["error"]:
            return statements, error.strip()[:SHOWN_LENGTH], checked, differing
        if block["error"]:
            if error.split(":")[0].split(".")[-1] != block["error"].split(":")[0].split(".")[-1]:
                return statements, "does not raise what is documented", checked, differing
        elif re.search(r"[^.\s]", block["want"]):  # "..." alone says nothing
            if UNSTEADY.search(block["source"] + block["want"]):
                differing.append("not compared, as it is said to vary")
            elif agrees(block["want"], got):
                checked += 1
            else:
                differing.append(
                    f"{got[:SHOWN_LENGTH]!r} instead of {block['want'][:SHOWN_LENGTH]!r}"
                )
    return statements, "", checked, differing


def as_in_a_script(statement: slicing.Statement) -> str:
    """The statement; one whose value the documentation shows prints it."""
    node: ast.stmt = statement.node
    source: str = statement.source
    if not statement.documented or statement.shown is None or not isinstance(node, ast.Expr):
        return source
    return source if slicing.printed(node.value) else f"print({ast.unparse(node)})"


def run_statement(statement: slicing.Statement, names: Names) -> str:
    """Run one statement as a prompt does; what it printed and displayed. Notes what it left."""
    node, output = statement.node, io.StringIO()
    with contextlib.redirect_stdout(output):
        if isinstance(node, ast.Expr):
            argument = slicing.printed(node.value)
            value = eval(_compiled(argument or node.value), names)
            if argument is not None:
                print(value)
            elif value is not None:
                print(repr(value))
            statement.shown = None if value is None else kind_of(value)
        else:
            exec(compile(ast.Interactive([node]), "<example>", "single"), names)
    seen = statement.uses | statement.binds
    statement.types = {name: kind_of(names[name]) for name in seen if name in names}
    return output.getvalue()


def cut(statements: list[slicing.Statement], task: Task) -> dict[str, Any] | None:
    """A function that gives on the example's data what the example gives, twice; or None."""
    proposal = slicing.propose(statements, task["leaf"], task["arguments"], task["declared"])
    if proposal is None:
        return None
    given, expected = replay(statements, proposal)
    inputs = [(item.name, type_of(given[item.name])) for item in proposal.inputs]
    parts = list(expected) if len(proposal.names) > 1 else [expected]
    if isinstance(expected, tuple) and len(proposal.names) == 1:
        parts = list(expected)
    outputs = [type_of(part) for part in parts]
    name = task["name"]
    taken = {n for s in statements for n in s.uses | s.binds}
    if not all(kind for _, kind in inputs) or not outputs or not all(outputs) or name in taken:
        return None
    signature = slicing.signature(name, inputs, outputs)
    code = slicing.module(proposal, signature, task["summary"])
    for _ in range(2):
        names: Names = {}
        _seed()
        exec(compile(code, "<function>", "exec"), names)
        if not same(names[name](**copy.deepcopy(given)), expected):
            return None
    labels = proposal.names if len(proposal.names) == len(parts) else []
    return {
        "signature": signature,
        "code": code,
        "commented": slicing.module(proposal, signature, task["summary"], comments=True),
        "inputs": [
            {
                "name": item.name,
                "type": kind,
                "form": form_of(given[item.name]),
                "callee": item.callee,
                "argument": item.argument,
            }
            for item, (_, kind) in zip(proposal.inputs, inputs, strict=True)
        ],
        "outputs": [
            {
                "name": labels[i] if labels else f"result_{i + 1}",
                "type": kind,
                "form": form_of(part),
            }
            for i, (part, kind) in enumerate(zip(parts, outputs, strict=True))
        ],
        "callee": proposal.callee,
        "options": proposal.options,
    }


def replay(
    statements: list[slicing.Statement], proposal: slicing.Proposal
) -> tuple[dict[str, Any], Any]:
    """Run the example again: the values of the function's parameters, and that of its result."""
    names: Names = {"__name__": "__main__"}
    given: dict[str, Any] = {}
    _seed()
    with contextlib.redirect_stdout(io.StringIO()):
        for index, statement in enumerate(statements[: proposal.until + 1]):
            for item in proposal.inputs:
                if item.before == index:
                    given[item.name] = copy.deepcopy(eval(item.value, names))
            if index == proposal.until and isinstance(statement.node, ast.Expr):
                lifted = {
                    item.name: copy.deepcopy(given[item.name])
                    for item in proposal.inputs
                    if item.value != item.name
                }
                return given, eval(proposal.result, {**names, **lifted})
            exec(compile(statement.source, "<example>", "exec"), names)
    return given, eval(proposal.result, names)


def type_of(value: Any) -> str:
    """A value's type as a specification calls it; "" for one that it cannot."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None:
        if type(value) is numpy.ndarray:
            return "numpy.ndarray" if value.ndim and value.dtype.kind in "biufc" else ""
        if isinstance(value, numpy.bool_ | numpy.integer | numpy.floating):
            value = value.item()
    if pandas is not None and type(value) is pandas.DataFrame:
        return "pandas.DataFrame"
    for kind in (bool, int, float, str, list, dict):
        if type(value) is kind:
            return kind.__name__
    return ""


def kind_of(value: Any) -> str:
    """`type_of`, "tuple" for several results, "" for what is empty: that is yet to be filled."""
    if type(value) is tuple and 0 < len(value) <= MOST_RESULTS and all(map(type_of, value)):
        return "tuple"
    return "" if isinstance(value, list | dict) and not value else type_of(value)


def form_of(value: Any) -> str:
    """How many dimensions an array has, in words."""
    return f"{value.ndim}-D" if type_of(value) == "numpy.ndarray" else ""


def same(one: Any, other: Any) -> bool:
    """Whether two results are equal, numbers up to rounding."""
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if type_of(one) != type_of(other):
        return False
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9) or one != one != other
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pandas is not None and isinstance(one, pandas.DataFrame):
        return bool(one.equals(other))
    if numpy is not None and isinstance(one, numpy.ndarray):
        return one.shape == other.shape and bool(numpy.allclose(one, other, equal_nan=True))
    return bool(one == other)


def agrees(want: str, got: str) -> bool:
    """Whether output is what was documented: the words alike, the numbers to about three digits or,
    where fewer are printed, as they are rounded there.

    Space, the types that numpy 2 prints around numbers, and dtypes do not count; "..." stands for
    anything.
    """
    wanted, found = _normal(want), _normal(got)
    if "..." in wanted:
        pattern = ".*".join(re.escape(piece.strip()) for piece in wanted.split("..."))
        if any(
            re.fullmatch(pattern, text, re.DOTALL) for text in (found, _normal(got, whole=True))
        ):
            return True
    if NUMBER.sub("0", wanted) != NUMBER.sub("0", found):
        return False
    pairs = zip(NUMBER.findall(wanted), NUMBER.findall(found), strict=True)
    return all(_printed_as(a, float(b)) for a, b in pairs)


def _printed_as(number: str, value: float) -> bool:
    """Whether a number in a documentation may stand for a value.

    The last digit of a fraction is rounded; where there are three digits or more, it may be cut off,
    as some documentation has it.
    """
    wanted = float(number)
    digits, _, exponent = number.lower().partition("e")
    fraction = digits.partition(".")[2]
    unit = 10.0 ** (int(exponent or 0) - len(fraction)) if fraction else 0.0
    is_cut = abs(value) > abs(wanted) >= 100 * unit
    allowed = 1.001 * unit * (1.0 if is_cut else 0.5) + 1e-12
    return math.isclose(wanted, value, rel_tol=2e-3, abs_tol=allowed)


def _normal(text: str, *, whole: bool = False) -> str:
    """Output without what does not count; `whole` keeps the dtypes."""
    text = text.replace("<BLANKLINE>", "")
    text = WRAPPED_NUMBER.sub(lambda m: m[1] or (m[2] or "").rstrip("_") or m[3] or "", text)
    text = text if whole else DTYPE.sub("", text)
    text = re.sub(r"([\[\](){},:=|])", r" \1 ", text)
    # A minus, a point without digits and the width of columns are matters of printing.
    text = re.sub(r"(?<=\d)\.(?![\d.])", "", text)
    return re.sub(r"(?<![\d.])-(0(?:\.0*)?)(?![\d.])", r"\1", " ".join(text.split()))


def _compiled(expression: ast.expr) -> Any:
    return compile(ast.Expression(expression), "<example>", "eval")


def _seed() -> None:
    """Examples that draw without a seed of their own give the same each time."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


def _in_words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:SHOWN_LENGTH]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))

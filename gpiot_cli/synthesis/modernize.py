"""Today's names for what libraries have renamed since a model read them.

A model of 2024 writes `np.trapz`, `resample("H")` and `scipy.signal.hann`, which NumPy 2, pandas 3 and
SciPy 1.17 do not have. ruff knows NumPy's changes; the others are in the tables here, which hold only
what means the same under its new name.
"""

import ast
import re
from collections.abc import Iterator

from gpiot_cli.synthesis.ruff import ruff

WINDOWS = (
    *("bartlett", "blackman", "boxcar", "chebwin", "cosine", "flattop", "gaussian", "hamming"),
    *("hann", "kaiser", "nuttall", "parzen", "triang", "tukey"),
)
RENAMED = {
    "scipy.integrate.cumtrapz": "scipy.integrate.cumulative_trapezoid",
    "scipy.integrate.simps": "scipy.integrate.simpson",
    "scipy.integrate.trapz": "scipy.integrate.trapezoid",
    **{f"scipy.signal.{window}": f"scipy.signal.windows.{window}" for window in WINDOWS},
}

METHODS = {"applymap": "map", "iteritems": "items"}
FILLS = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}
"""Methods of their own that were values of the `method` of `fillna`."""
NOW_SO_ANYWAY = {"infer_datetime_format"}
"""Arguments that are gone, since what they asked for is always done."""

FREQUENCY = re.compile(r"(-?\d*)(H|T|S|L|U|N|M|Q|A|Y)")
NEW_FREQUENCY = {
    **{"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns"},
    **{"M": "ME", "Q": "QE", "A": "YE", "Y": "YE"},
}
TAKE_FREQUENCY = {
    *("asfreq", "ceil", "date_range", "floor", "Grouper", "resample", "rolling", "round"),
    *("Timedelta", "to_timedelta"),
}

Edit = tuple[int, int, str]
"""Start and end in the source's UTF-8 bytes, and what stands there instead."""


def modernize(code: str) -> str:
    """The same program under today's names; raises `SyntaxError` for what is no Python."""
    source = _with_names_of_numpy(code).encode()
    for start, end, text in sorted(_Renaming(source).edits(), reverse=True):
        source = source[:start] + text.encode() + source[end:]
    return source.decode()


def _with_names_of_numpy(code: str) -> str:
    """What ruff makes of names that NumPy 2 removed."""
    done = ruff("check", code, "--exit-zero", "--select", "NPY", "--fix", "--unsafe-fixes")
    return done.stdout if done.returncode == 0 else code


class _Renaming:
    """Finds what to rewrite in one module, and where it stands."""

    def __init__(self, source: bytes) -> None:
        nodes = list(ast.walk(ast.parse(source)))
        texts = (node for node in nodes if isinstance(node, ast.JoinedStr))
        within = {part for text in texts for part in ast.walk(text)}
        self._nodes = [node for node in nodes if node not in within]
        """Those of f-strings are left out: before Python 3.12 they do not know where they stand."""
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._paths: dict[str, str] = {}
        """What the names stand for that the module imports."""
        for node in self._nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    full = alias.name if alias.asname else alias.name.split(".")[0]
                    self._paths[alias.asname or full] = full
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._paths[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def edits(self) -> Iterator[Edit]:
        """All of them; no two overlap."""
        for node in self._nodes:
            if isinstance(node, ast.ImportFrom):
                yield from self._import(node)
            elif isinstance(node, ast.Attribute):
                yield from self._attribute(node)
            elif isinstance(node, ast.Call):
                yield from self._frequencies(node)
                yield from self._arguments(node)
            elif isinstance(node, ast.Assign) and "freq" in ast.unparse(node.targets[0]).lower():
                yield from self._frequency(node.value)

    def _import(self, node: ast.ImportFrom) -> Iterator[Edit]:
        paths = [f"{node.module}.{alias.name}" for alias in node.names]
        if not any(path in RENAMED for path in paths):
            return
        imports = []
        for path, alias in zip(paths, node.names, strict=True):
            module, _, name = RENAMED.get(path, path).rpartition(".")
            local = alias.asname or alias.name
            imports.append(f"from {module} import {name}" + f" as {local}" * (local != name))
        yield *self._span(node), "; ".join(imports)

    def _attribute(self, node: ast.Attribute) -> Iterator[Edit]:
        path = self._path(node)
        start, end = self._span(node.value)[1], self._span(node)[1]
        if path in RENAMED:
            yield start, end, RENAMED[path].removeprefix(path.rpartition(".")[0])
        elif node.attr in METHODS:
            yield start, end, f".{METHODS[node.attr]}"

    def _frequencies(self, node: ast.Call) -> Iterator[Edit]:
        function = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if function in TAKE_FREQUENCY:
            for value in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from self._frequency(value)

    def _frequency(self, node: ast.expr) -> Iterator[Edit]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = FREQUENCY.fullmatch(node.value)
            if found:
                yield *self._span(node), f'"{found[1]}{NEW_FREQUENCY[found[2]]}"'

    def _arguments(self, node: ast.Call) -> Iterator[Edit]:
        for keyword in node.keywords:
            method = isinstance(keyword.value, ast.Constant) and FILLS.get(str(keyword.value.value))
            fills = isinstance(node.func, ast.Attribute) and node.func.attr == "fillna"
            if fills and method and keyword.arg == "method":
                end = self._span(node.func)[1]
                yield end - len("fillna"), end, method
            elif keyword.arg not in NOW_SO_ANYWAY:
                continue
            given = sorted([*map(self._span, node.args), *map(self._span, node.keywords)])
            position = given.index(self._span(keyword))
            if position:
                yield given[position - 1][1], given[position][1], ""
            else:
                yield given[0][0], given[1][0] if len(given) > 1 else given[0][1], ""

    def _path(self, node: ast.expr) -> str:
        """What a dotted name stands for; empty where it is no imported one."""
        if isinstance(node, ast.Name):
            return self._paths.get(node.id, "")
        if isinstance(node, ast.Attribute):
            above = self._path(node.value)
            return above and f"{above}.{node.attr}"
        return ""

    def _span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._lines[node.lineno - 1] + node.col_offset
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

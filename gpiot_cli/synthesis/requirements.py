"""What a project needs installed: found in its imports, pinned to the versions it was made with."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

READERS = {".hea": "wfdb", ".wav": "scipy", ".arff": "scipy", ".mat": "scipy"}
"""Packages that `loader.py` imports only when it meets a format."""


def requirements(project: Path, data: Path) -> str:
    """The text of `requirements.txt` for a project folder that reads `data`."""
    modules = {READERS[suffix] for suffix in _suffixes(data) if suffix in READERS}
    for path in [*project.glob("*.py"), *project.glob("steps/*.py"), *project.glob("recipes/*.py")]:
        modules |= set(imports(path, lazily=path.name != "loader.py"))
    local = {path.stem for path in project.glob("*.py")} | {"steps", "recipes"}
    distributions = packages_distributions()
    pins = {
        f"{distribution}=={version(distribution)}"
        for module in modules - local - sys.stdlib_module_names
        for distribution in distributions.get(module, [])[:1]
    }
    return "\n".join(sorted(pins, key=str.lower)) + "\n"


def imports(path: Path, *, lazily: bool) -> Iterator[str]:
    """Top-level packages that a file imports; `lazily` counts imports inside functions too."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(module) if lazily else module.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _suffixes(data: Path) -> set[str]:
    if data.is_dir():
        return {path.suffix.lower() for path in data.rglob("*")}
    return {data.suffix.lower() if data.exists() else ".hea"}

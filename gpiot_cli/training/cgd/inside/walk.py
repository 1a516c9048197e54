"""Lists the documented public objects of installed modules, one JSON line each.

Runs in the throw-away environment, inside the sandbox: `python walk.py OUT.jsonl MODULE ...`.
Nothing but the standard library may be imported here.
"""

import importlib
import inspect
import json
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

Found = dict[int, tuple[str, Any]]
"""Identity of an object: its shortest public path, and the object."""

DEVELOPERS_OWN = {
    *("tests", "test", "testing", "conftest", "setup", "benchmarks", "examples", "vendored"),
    *("distutils", "f2py", "version", "typing", "deprecated", "externals", "maint_tools", "cli"),
}


def main(out: str, names: list[str]) -> None:
    """Write a line for every object, and one for every module that cannot be imported."""
    warnings.simplefilter("ignore")
    faults: dict[str, str] = {}
    found: Found = {}
    for name in names:
        for module in modules(name, faults):
            for path, thing in members(module, name):
                offer(found, path, thing)
    for path, thing in sorted(found.values(), key=lambda item: item[0]):
        if inspect.isclass(thing):
            for method_path, method in methods(path, thing):
                offer(found, method_path, method)
    with Path(out).open("w", encoding="utf-8") as lines:
        for path, thing in sorted(found.values(), key=lambda item: item[0]):
            line = describe(path, thing)
            if line:
                lines.write(json.dumps(line) + "\n")
        for broken, fault in faults.items():
            lines.write(json.dumps({"module": broken, "fault": fault}) + "\n")


def modules(name: str, faults: dict[str, str]) -> Iterator[ModuleType]:
    """The module and its public submodules, as far as they can be imported."""
    try:
        module = importlib.import_module(name)
    except BaseException as error:  # a module may raise SystemExit or worse when imported
        faults[name] = f"{type(error).__name__}: {error}"[:200]
        return
    yield module
    for info in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{name}."):
        leaf = info.name.rpartition(".")[2]
        if not leaf.startswith("_") and leaf not in DEVELOPERS_OWN:
            yield from modules(info.name, faults)


def members(module: ModuleType, package: str) -> Iterator[tuple[str, Any]]:
    """The public functions and classes of a module that belong to the package."""
    offered = getattr(module, "__all__", None)
    for name in list(offered if offered is not None else vars(module)):
        if not isinstance(name, str) or name.startswith("_"):
            continue
        thing = getattr(module, name, None)
        home = getattr(thing, "__module__", None)
        if not callable(thing) or inspect.ismodule(thing):
            continue
        if (home or package).split(".")[0] == package.split(".")[0]:
            yield f"{module.__name__}.{name}", thing


def methods(path: str, owner: type) -> Iterator[tuple[str, Any]]:
    """The public methods of a class, inherited ones too if they are the package's own."""
    for name in dir(owner):
        if name.startswith("_"):
            continue
        thing = inspect.getattr_static(owner, name)
        thing = getattr(thing, "__func__", thing)
        home = getattr(thing, "__module__", None) or ""
        if inspect.isroutine(thing) and home.split(".")[0] == path.split(".")[0]:
            yield f"{path}.{name}", thing


def offer(found: Found, path: str, thing: Any) -> None:
    """Keep the shortest of an object's paths."""
    known = found.get(id(thing))
    if known is None or rank(path) < rank(known[0]):
        found[id(thing)] = (path, thing)


def rank(path: str) -> tuple[int, int, str]:
    """The order of paths: the shallowest first."""
    return (path.count("."), len(path), path)


def describe(path: str, thing: Any) -> dict[str, object] | None:
    """What is known of an object; nothing where it has no docstring."""
    docstring = inspect.getdoc(thing)
    if not isinstance(docstring, str) or not docstring.strip():
        return None
    module = path.rpartition(".")[0]
    kind = "class" if inspect.isclass(thing) else "function"
    if module not in sys.modules:
        module, kind = module.rpartition(".")[0], "method"
    code = getattr(thing, "__code__", None)
    signature, parameters = interface(thing)
    return {
        "path": path,
        "module": module,
        "kind": kind,
        "signature": signature,
        "parameters": parameters,
        "docstring": docstring,
        "line": f"{code.co_filename}:{code.co_firstlineno}" if code else "",
    }


def interface(thing: Any) -> tuple[str, list[dict[str, object]]]:
    """The signature as text, and name and whether it must be given for each parameter."""
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return "", []
    plain = [
        parameter.replace(annotation=parameter.empty)
        for parameter in signature.parameters.values()
        if parameter.name not in ("self", "cls")
    ]
    positional = [p for p in plain if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    try:
        text = str(inspect.Signature(plain))
    except Exception:  # a default whose repr fails
        text = ""
    return text, [{"name": p.name, "required": p.default is p.empty} for p in positional]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

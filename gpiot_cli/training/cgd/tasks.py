"""What is to be run for an object: its examples with their imports, or a call on a made signal."""

import ast
import keyword
import re
from collections.abc import Mapping, Sequence
from typing import TypedDict

from gpiot_cli.training.cgd.documentation import Block, Documentation, sentence
from gpiot_cli.training.cgd.mine import Documented
from gpiot_cli.training.cgd.packages import Package

NAMES = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
}
"""What documentation commonly takes for granted."""

NAME_WORDS = 4
SUMMARY_LENGTH = 100
UNTOLD = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "to",
        "from",
        "in",
        "on",
        "by",
        "with",
        "and",
        "or",
        "is",
        "as",
        "at",
        "this",
        "that",
        "its",
        "it",
        "using",
        "given",
    ]
)

SIGNAL_NAMES = frozenset(
    [
        "x",
        "y",
        "data",
        "sig",
        "signal",
        "signals",
        "wave",
        "ts",
        "time_series",
        "input_signal",
        "array",
        "series",
        "wav",
        "ecg",
        "ecg_signal",
        "ecg_cleaned",
        "ppg_signal",
        "ppg_cleaned",
        "eda_signal",
        "eda_cleaned",
        "eda_phasic",
        "rsp_signal",
        "rsp_cleaned",
        "emg_signal",
        "emg_cleaned",
        "eog_signal",
        "eog_cleaned",
    ]
)
RATE_NAMES = frozenset(["fs", "sampling_rate", "sfreq", "sr", "sample_rate", "sampling_frequency"])
SIGNAL = (
    "rng = np.random.default_rng(0)",
    "time = np.arange(3000) / 250",
    "{name} = np.sin(2 * np.pi * 1.2 * time) ** 15 + 0.05 * rng.standard_normal(time.size)",
)
RATE = "{name} = 250"


Catalog = Mapping[str, tuple[Documented, Documentation]]
"""The documented objects of a package, by path."""


class Task(TypedDict):
    """What `inside/trying.py` reads."""

    path: str
    leaf: str
    name: str
    """Of the function that is cut out."""
    summary: str
    """Its docstring."""
    arguments: dict[str, list[str]]
    """What can be given by position to the object and, if it is a class, to its methods."""
    declared: list[str]
    """The parameters of the function, in an example that was written for one."""
    imports: list[str]
    environment: dict[str, str]
    blocks: list[dict[str, str]]


def task_of(
    documented: Documented, documentation: Documentation, package: Package, catalog: Catalog
) -> Task | None:
    """What to run for an object; None where it has no examples, or none that use it."""
    blocks = list(documentation.blocks)
    if not blocks and package.stub and documented.kind == "function":
        blocks = stub_blocks(documented)
    if documentation.fault or not blocks:
        return None
    code = "\n".join(block.source for block in blocks)
    if not re.search(rf"\b{re.escape(documented.leaf)}\b", code):
        return None
    missing = imports_missing(blocks, documented, package, catalog)
    blocks = [*(Block(prose="", source=line) for line in missing), *blocks]
    owner = documented.path if documented.kind == "class" else documented.owner
    methods = {
        path.rpartition(".")[2]: _positional(*found)
        for path, found in catalog.items()
        if documented.kind != "function" and path.rpartition(".")[0] == owner
    }
    return Task(
        path=documented.path,
        leaf=documented.leaf,
        name=function_name(documentation.summary, documented.leaf),
        summary=docstring_line(documentation.summary),
        arguments={
            **methods,
            documented.leaf: _positional(documented, documentation),
        },
        declared=[p.name for p in documentation.parameters] if documented.written else [],
        imports=sorted({package.modules[0], documented.module}),
        environment=package.environment,
        blocks=[block.model_dump() for block in blocks],
    )


def _positional(documented: Documented, documentation: Documentation) -> list[str]:
    """The names of what can be given by position, from the signature or the documentation."""
    return [a.name for a in documented.parameters] or [p.name for p in documentation.parameters]


def stub_blocks(documented: Documented) -> list[Block]:
    """A call on a synthetic signal, if the names of all needed parameters tell what they are."""
    signals = [a.name for a in documented.parameters if a.name in SIGNAL_NAMES and a.required]
    rates = [a.name for a in documented.parameters if a.name in RATE_NAMES]
    others = [a for a in documented.parameters if a.required and a.name not in {*signals, *rates}]
    if others or len(signals) != 1:
        return []
    sources = [line.format(name=signals[0]) for line in SIGNAL]
    sources += [RATE.format(name=rate) for rate in rates]
    arguments = ", ".join([*signals, *(f"{rate}={rate}" for rate in rates)])
    return [Block(prose="", source=s) for s in (*sources, f"{documented.leaf}({arguments})")]


def imports_missing(
    blocks: Sequence[Block], documented: Documented, package: Package, catalog: Catalog
) -> list[str]:
    """The imports of names that an example uses and does not bind."""
    used: set[str] = set()
    bound: set[str] = set()
    for block in blocks:
        try:
            nodes = list(ast.walk(ast.parse(block.source)))
        except SyntaxError:
            continue
        for node in nodes:
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                bound |= {(a.asname or a.name).split(".")[0] for a in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                bound.add(node.name)
    top = documented.module.split(".")[0]
    named = documented.owner if documented.kind == "method" else documented.path
    own = named.rpartition(".")[2]
    missing = sorted(used - bound)
    places = {
        name: [m for m in (documented.module, top) if f"{m}.{name}" in catalog] for name in missing
    }
    known = {
        **{name: f"from {found[0]} import {name}" for name, found in places.items() if found},
        top: f"import {top}",
        own: f"from {documented.module} import {own}",
        **NAMES,
        **package.names,
    }
    return [known[name] for name in missing if name in known]


def function_name(summary: str, leaf: str) -> str:
    """A function's name from the first words that say what it does."""
    words = re.findall(r"\b[a-z][a-z0-9]+\b", summary.lower())
    words = [word for word in words if word not in UNTOLD]
    name = "_".join(words[:NAME_WORDS])
    if len(words) < 2 or name == leaf or keyword.iskeyword(name):
        name = f"apply_{leaf.lower().strip('_')}"
    return name


def docstring_line(summary: str) -> str:
    """The summary as a docstring of one line."""
    text = sentence(summary, SUMMARY_LENGTH).replace("\\", "").replace('"', "'").strip("' …")
    return f"{text[:1].upper()}{text[1:]}." if text else "Result of the documented object."

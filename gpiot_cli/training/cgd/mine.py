"""Lists what is documented in the installed packages, and what is written for those that need it.

Packages are imported in the sandbox. The examples of packages that talk to other machines cannot
run as their authors wrote them; `fixtures/` holds docstrings with examples on loopbacks instead.
"""

import json
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict, ValidationError

from gpiot_cli.files import write_atomic
from gpiot_cli.sandbox.run import Limits, run
from gpiot_cli.training.cgd.environment import Environment, Say
from gpiot_cli.training.cgd.packages import Package

INSIDE = Path(__file__).parent / "inside"
FIXTURES = Path(__file__).parent / "fixtures"
LIMITS = Limits(seconds=900, memory_mb=6000, processes=128)

FIXTURE = re.compile(r"^([\w.]+)\n={3,}\n", re.M)


class Argument(BaseModel):
    """What can be given to an object by position."""

    model_config = ConfigDict(frozen=True)

    name: str
    required: bool


class Documented(BaseModel):
    """A public function, method or class with a docstring."""

    model_config = ConfigDict(frozen=True)

    path: str
    """Its shortest public name: "scipy.signal.find_peaks"."""
    module: str
    kind: str
    """"function", "method" or "class"."""
    signature: str
    """Without annotations; empty where it is not known."""
    parameters: tuple[Argument, ...]
    docstring: str
    line: str
    """File and line, where it is written in Python."""
    written: bool = False
    """Whether the docstring is one of ours."""

    @property
    def leaf(self) -> str:
        """Its last name."""
        return self.path.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The module, or of a method the class, that it belongs to."""
        return self.path.rpartition(".")[0]


def mine(package: Package, environment: Environment, work: Path, say: Say) -> list[Documented]:
    """The documented objects of an installed package, in the order of their paths.

    They are kept in `work`, and read from there as long as the installed versions are the same.
    """
    kept = work / "objects" / f"{package.name}-{environment.fingerprint(package)}.jsonl"
    if kept.exists():
        listed = kept.read_text(encoding="utf-8")
    else:
        say(f"Reading {package.name}")
        listed = _walk(package, environment, say)
        if listed:  # what cannot be read on a busy machine is tried again the next time
            write_atomic(kept, listed)
    found = []
    for line in listed.splitlines():
        try:
            documented = Documented.model_validate_json(line)
        except ValidationError:  # a module that cannot be imported
            continue
        if package.is_wanted(documented.path):
            place = documented.line.partition("site-packages/")[2]
            found.append(documented.model_copy(update={"line": place}))
    return found + _fixtures(package, {documented.path: documented for documented in found})


def _walk(package: Package, environment: Environment, say: Say) -> str:
    with TemporaryDirectory(prefix="gpiot-cgd-") as name:
        folder = Path(name)
        shutil.copy(INSIDE / "walk.py", folder)
        argv = [str(environment.python), "walk.py", "objects.jsonl", *package.modules]
        outcome = run(argv, folder, read_only=[environment.folder], limits=LIMITS)
        try:
            text = (folder / "objects.jsonl").read_text(encoding="utf-8")
        except OSError:
            why = outcome.stopped or outcome.stderr.strip().rpartition("\n")[2]
            say(f"{package.name} cannot be read: {why}")
            return ""
    lines = [json.loads(line) for line in text.splitlines()]
    faults = [line for line in lines if "fault" in line]
    if faults:
        say(f"{package.name}: {len(faults)} modules cannot be imported; {faults[0]['fault']}")
    return text


def _fixtures(package: Package, found: dict[str, Documented]) -> list[Documented]:
    """The docstrings that are written for a package; objects may have several."""
    path = FIXTURES / f"{package.name}.txt"
    if not path.exists():
        return []
    parts = FIXTURE.split(path.read_text(encoding="utf-8"))[1:]
    fixtures = []
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        known = found.get(name)
        module, _, leaf = name.rpartition(".")
        fixtures.append(
            Documented(
                path=name,
                module=known.module if known else module,
                kind=known.kind if known else "class" if leaf[0].isupper() else "function",
                signature=known.signature if known else "",
                parameters=known.parameters if known else (),
                docstring=text.strip(),
                line=known.line if known else "",
                written=True,
            )
        )
    return fixtures

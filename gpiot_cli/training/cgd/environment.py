"""The throw-away environment: the packages, installed by pip into a virtual environment.

Packages are installed one after the other, each constrained to the versions that are there. So one
that does not fit is left out and reported, and what was found with the others stays true.
"""

import hashlib
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import BaseModel, ConfigDict

from gpiot_cli.errors import GpiotError
from gpiot_cli.training.cgd.packages import Package
from gpiot_cli.training.licences import COPYLEFT

TOOLS = ("matplotlib",)
"""What examples use besides the packages."""
INSTALL_SECONDS = 1800

Say = Callable[[str], None]


class Environment(BaseModel):
    """What was installed, and what could not be."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    versions: dict[str, str]
    """Of every distribution, by its normalised name."""
    needs: dict[str, tuple[str, ...]]
    """The distributions that each one needs."""
    licences: dict[str, str]
    """As the distributions' own metadata state them."""
    faults: dict[str, str]
    """Package to why it is not there."""

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def version(self, package: Package) -> str:
        """The installed version."""
        return self.versions[normal(package.name)]

    def fingerprint(self, package: Package) -> str:
        """A hash of the versions of Python, the package, and all that it needs."""
        found: set[str] = set()
        todo = [normal(package.name), *map(normal, TOOLS)]
        while todo:
            name = todo.pop()
            if name in self.versions and name not in found:
                found.add(name)
                todo += self.needs[name]
        lines = [f"{name}=={self.versions[name]}" for name in sorted(found)]
        lines.append(f"python=={platform.python_version()}")
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def prepare(folder: Path, packages: Sequence[Package], say: Say) -> Environment:
    """Make the environment or complete it. Packages that do not install are in its `faults`."""
    if not (folder / "bin" / "pip").exists():
        say("Making a virtual environment")
        _call([sys.executable, "-m", "venv", str(folder)])
    faults: dict[str, str] = {}
    missing = [p for p in packages if normal(p.name) not in _installed(folder)]
    for number, package in enumerate(missing, start=1):
        say(f"Installing {package.name} ({number} of {len(missing)})")
        if fault := _install(folder, package.requirement or package.name):
            faults[package.name] = fault
    for tool in TOOLS:
        if normal(tool) not in _installed(folder) and (fault := _install(folder, tool)):
            say(f"{tool} could not be installed: {fault}")

    installed = _installed(folder)
    licences = {name: licence_of(distribution) for name, distribution in installed.items()}
    for package in packages:
        stated = licences.get(normal(package.name), "")
        if COPYLEFT.search(stated) and " OR " not in stated and not package.copyleft:
            faults[package.name] = f"its own metadata state another licence: {stated}"
    if len(faults) == len(packages):
        name, fault = next(iter(faults.items()))
        raise GpiotError(
            f"None of the packages could be installed; {name}: {fault}",
            "Check that pip reaches a package index.",
        )
    return Environment(
        folder=folder,
        versions={name: distribution.version for name, distribution in installed.items()},
        needs={name: _needs(distribution) for name, distribution in installed.items()},
        licences=licences,
        faults=faults,
    )


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(distribution: Distribution) -> str:
    """The licence in a distribution's metadata: its expression, its classifiers, or its field."""
    metadata = distribution.metadata
    classifiers = [c for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    stated = metadata.json.get("license_expression") or "; ".join(
        classifier.rpartition(" :: ")[2] for classifier in classifiers
    )
    lines = str(stated or metadata.json.get("license") or "").strip().splitlines()
    return lines[0][:100] if lines else ""


def _installed(folder: Path) -> dict[str, Distribution]:
    site = [str(path) for path in folder.glob("lib/python*/site-packages")]
    return {normal(d.metadata["Name"]): d for d in distributions(path=site)}


def _needs(distribution: Distribution) -> tuple[str, ...]:
    """The names in its requirements, without those of extras."""
    plain = [line for line in distribution.requires or [] if "extra ==" not in line]
    found = [re.match(r"[A-Za-z0-9._-]+", line) for line in plain]
    return tuple(sorted({normal(match[0]) for match in found if match}))


def _install(folder: Path, requirement: str) -> str:
    """Install one requirement without changing what is there; why not, or ""."""
    have = {name: distribution.version for name, distribution in _installed(folder).items()}
    with NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write("".join(f"{name}=={version}\n" for name, version in have.items()))
        constraints.flush()
        argv = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
        argv += ["--disable-pip-version-check", "--prefer-binary"]
        argv += ["--constraint", constraints.name, requirement]
        try:
            _call(argv)
        except subprocess.CalledProcessError as error:
            lines = str(error.stderr).splitlines()
            said = [line for line in lines if line.startswith("ERROR")]
            return (said or lines or ["pip failed"])[0][:300]
        except subprocess.TimeoutExpired:
            return f"pip took more than {INSTALL_SECONDS} s"
    return ""


def _call(argv: list[str]) -> None:
    subprocess.run(argv, capture_output=True, text=True, check=True, timeout=INSTALL_SECONDS)

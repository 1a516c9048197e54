"""The catalog of packages that code pairs are mined from: `packages.toml`."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from gpiot_cli.errors import GpiotError

CATALOG = Path(__file__).with_name("packages.toml")


class Package(BaseModel):
    """A package on the index, and what of it is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    requirement: str = ""
    """What pip installs, where that is not the name: a version, an extra, a file."""
    licence: str
    """As SPDX writes it."""
    modules: tuple[str, ...] = Field(min_length=1)
    topic: str
    topics: dict[str, str] = {}
    core: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    names: dict[str, str] = {}
    """Names that the examples use without importing them, and the import that was meant."""
    environment: dict[str, str] = {}
    """Environment variables that the examples need."""
    stub: bool = False
    """Whether functions without examples are called on synthetic signals."""
    copyleft: bool = False

    def topic_of(self, path: str) -> str:
        """The topic of an object ("scipy.signal.find_peaks")."""
        inside = [prefix for prefix in self.topics if is_in(path, prefix)]
        return self.topics[max(inside, key=len)] if inside else self.topic

    def is_core(self, path: str) -> bool:
        """Whether an object belongs to IoT work."""
        return any(is_in(path, prefix) for prefix in self.core or self.modules)

    def is_wanted(self, path: str) -> bool:
        """Whether an object is no developer's tool."""
        return not any(is_in(path, prefix) for prefix in self.skip)


def is_in(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or below it."""
    return path == prefix or path.startswith(f"{prefix}.")


@cache
def load_packages(catalog: Path = CATALOG) -> dict[str, Package]:
    """Name to package, in the order of installation."""
    entries = tomllib.loads(catalog.read_text(encoding="utf-8"))
    return {name: Package(name=name, **entry) for name, entry in entries.items()}


def choose(names: Sequence[str], copyleft: bool, catalog: Path = CATALOG) -> list[Package]:
    """The named packages, or all; those under copyleft only where that is asked for.

    Raises `GpiotError` for a name that is not in the catalog, and for a package under copyleft
    that is named without `copyleft`.
    """
    known = load_packages(catalog)
    for name in names:
        if name not in known:
            raise GpiotError(
                f"There is no package {name} in the catalog.", f"Known are: {', '.join(known)}."
            )
        if known[name].copyleft and not copyleft:
            raise GpiotError(
                f"{name} is under {known[name].licence}, and so may be what is trained on it.",
                "Add --copyleft to use it all the same.",
            )
    wanted = [package for package in known.values() if not names or package.name in names]
    return [package for package in wanted if copyleft or not package.copyleft]

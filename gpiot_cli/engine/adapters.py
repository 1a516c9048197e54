"""LoRA adapters: which there are, which base model they fit, and which stage uses which mix.

A set of adapters is a folder with GGUF files and a `card.json`. Sets lie in `adapters/` as shipped
and in `adapters/` of the gpiot home; of two with the same name the one in the home counts. A set
fits the model file that it was trained on, by SHA-256, and no other.

The environment variable GPIOT_ADAPTERS names the sets to use ("a,b"), or is `none`. Without it all
that fit the model may be used, those in the home before shipped ones. Each role is served by the
first that has learned it, so sets for one role each work side by side. A private set knows one home:
it is named after that home's log, its card says where the log lies, and it is used for no other.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gpiot_cli.errors import GpiotError, first_fault
from gpiot_cli.files import sha256_of
from gpiot_cli.paths import home, shipped

CARD = "card.json"
README = "README.md"

Role = Literal["decomposition", "generation", "recommendation"]
"""What adapters are for. Requirement transformation is the base model's own work (Fig. 4)."""

ROLES: Mapping[str, Role] = {
    "decompose": "decomposition",
    "direct_decompose": "decomposition",
    "generate": "generation",
    "repair": "generation",
    "direct": "generation",
    "recommend": "recommendation",
}
"""The role of each stage that asks with adapters; `Request.stage` names the stages."""

PROGRAMS: tuple[Role, ...] = ("decomposition", "generation")
"""The roles of a program's stages."""

RECOMMENDATIONS: tuple[Role, ...] = ("recommendation",)
"""The role of a home's."""

NAME = r"^[a-z0-9][a-z0-9._-]*$"


class Base(BaseModel):
    """The model that adapters were trained on."""

    name: str
    sha256: str


class AdapterFile(BaseModel):
    """One GGUF file of a set."""

    file: str = Field(pattern=r"^[A-Za-z0-9._-]+\.gguf$")
    sha256: str
    size: int
    """Bytes."""


class Card(BaseModel):
    """What is known of a set of adapters: `card.json`."""

    model_config = ConfigDict(frozen=True)

    format: Literal["gpiot-adapters-1"] = "gpiot-adapters-1"
    name: str = Field(pattern=NAME)
    base: Base
    method: str
    adapters: dict[str, AdapterFile] = Field(min_length=1)
    mixes: dict[Role, dict[str, float]]
    """For each role, the scale of each adapter."""
    private: bool = False
    """Whether a real home's log had a part in it: not to be shared."""
    data: list[dict[str, Any]] = []
    settings: dict[str, Any] = {}
    """Of a private set also `log`: whose home it knows (`home_of`)."""
    hardware: dict[str, Any] = {}
    training: dict[str, Any] = {}
    """Steps, tokens, seconds, losses."""
    results: dict[str, Any] = {}
    """What was measured with it, each with where it is written down."""


@dataclass(frozen=True)
class AdapterSet:
    """A set of adapters on this machine."""

    card: Card
    folder: Path

    @property
    def shipped(self) -> bool:
        """Whether it came with the package."""
        return self.folder.parent == shipped("adapters")

    @property
    def size(self) -> int:
        """Bytes of its GGUF files."""
        return sum(file.size for file in self.card.adapters.values())

    @property
    def identity(self) -> str:
        """Its name and a digest of its files and mixes: equal for equal adapters."""
        content = self.card.model_dump_json(include={"adapters", "mixes"})
        return f"{self.card.name} {hashlib.sha256(content.encode()).hexdigest()[:16]}"

    def files(self) -> dict[str, Path]:
        """The GGUF files by the names that requests give them: "SET/ADAPTER".

        Raises `GpiotError` for a file that is missing or not what the card says.
        """
        for file in self.card.adapters.values():
            path = self.folder / file.file
            if not path.is_file() or sha256_of(path) != file.sha256:
                raise GpiotError(
                    f"{path} is not what its card says.",
                    f"Remove the adapters with `gpiot adapter remove {self.card.name}`, "
                    "and add them again.",
                )
        return {self._key(name): self.folder / f.file for name, f in self.card.adapters.items()}

    def mix(self, role: Role) -> dict[str, float]:
        """The adapters of a role that it has learned, with their scales."""
        return {self._key(name): scale for name, scale in self.card.mixes[role].items()}

    def refuse_unless_for(self, sha256: str, model: str) -> None:
        """Raise `GpiotError` unless the set was trained on the model with this SHA-256."""
        if self.card.base.sha256 != sha256:
            raise GpiotError(
                f"The adapters {self.card.name} were trained on {self.card.base.name} "
                f"({self.card.base.sha256[:12]}), not on {model} ({sha256[:12]}).",
                f"Use them with `--model {self.card.base.name}`, or choose others: "
                "`gpiot adapter list`.",
            )

    def knows(self, log: Path) -> bool:
        """Whether it is the set of the home with this log, by its name and by the log's place.

        Logs of several homes may have one name. Raises `GpiotError` for a set of the log's name
        whose card does not say where its log lies, unless it was trained on this very file.
        """
        if not self.card.private or self.card.name != named_after(log):
            return False
        if "log" in self.card.settings:
            return bool(self.card.settings["log"] == home_of(log))
        if sha256_of(log) in {fact.get("sha256") for fact in self.card.data}:
            return True
        raise GpiotError(
            f"The adapters {self.card.name} do not say which home they know.",
            f"Set GPIOT_ADAPTERS={self.card.name} if it is this one, else GPIOT_ADAPTERS=none; "
            "trained again, they will say it.",
        )

    def _key(self, adapter: str) -> str:
        return f"{self.card.name}/{adapter}"


def installed() -> list[AdapterSet]:
    """The sets on this machine by name: those of the gpiot home, then shipped ones.

    Raises `GpiotError` for a damaged one, for nobody knows whether it was the one to use.
    """
    found: dict[str, AdapterSet] = {}
    for folder in _folders():
        try:
            adapters = read_set(folder)
        except GpiotError as error:
            error.remedy = f"Remove it with `gpiot adapter remove {folder.name}`, or mend it."
            raise
        found.setdefault(adapters.card.name, adapters)
    return list(found.values())


def _folders() -> list[Path]:
    """Where the sets lie: those of the gpiot home, then shipped ones."""
    places = (home() / "adapters", shipped("adapters"))
    return [card.parent for place in places for card in sorted(place.glob(f"[!.]*/{CARD}"))]


def read_set(folder: Path) -> AdapterSet:
    """The set in a folder; a `GpiotError` when there is none."""
    try:
        card = Card.model_validate_json((folder / CARD).read_text(encoding="utf-8"))
    except OSError as error:
        raise GpiotError(
            f"{folder} holds no adapters: its {CARD} cannot be read.",
            "Name the folder that `gpiot train` wrote.",
        ) from error
    except ValidationError as error:
        raise GpiotError(
            f"{folder / CARD} is damaged: {first_fault(error)}.",
            "Train the adapters again, or get the folder again.",
        ) from error
    return AdapterSet(card, folder)


def trained_in(folder: Path) -> AdapterSet:
    """The set in a run's folder, or in the folder of a set itself; a `GpiotError` without one."""
    cards = sorted(folder.glob(f"*/{CARD}"))
    return read_set(cards[0].parent if len(cards) == 1 else folder)


def find(name: str) -> AdapterSet:
    """The set called `name`; a `GpiotError` when there is none."""
    sets = {adapters.card.name: adapters for adapters in installed()}
    if name not in sets:
        raise _absent(name, sets)
    return sets[name]


def _absent(name: str, names: Iterable[str]) -> GpiotError:
    return GpiotError(
        f"There are no adapters {name!r} (available: {', '.join(names) or 'none'}).",
        "Train some with `gpiot train`, and add them with `gpiot adapter add`.",
    )


def named_after(log: Path) -> str:
    """What the adapters of a home are called: its log's name as a name of adapters."""
    stem = log.name.removesuffix(".gz").removesuffix(".jsonl").lower()
    return re.sub(r"[^a-z0-9._-]+", "-", stem).lstrip("._-") or "home"


def home_of(log: Path) -> str:
    """What tells a home from others: the place of its log, compressed or not."""
    return str(log.resolve()).removesuffix(".gz")


def for_base(sha256: str, model: str, log: Path | None = None) -> dict[Role, AdapterSet]:
    """For each role the set to use with the model of this SHA-256; a role may have none.

    The roles are those of programs or, with the log of a home, that of recommendations. Of the sets
    that GPIOT_ADAPTERS names, or else of all that fit, the first that has learned a role serves it.

    Raises `GpiotError` when GPIOT_ADAPTERS names a set that is not there or does not fit, and when
    nobody knows whether a set is the home's.
    """
    wanted = os.environ.get("GPIOT_ADAPTERS")
    if wanted == "none":
        return {}
    sets = _named(wanted.split(","), sha256, model) if wanted else _fitting(sha256, log)
    roles = RECOMMENDATIONS if log else PROGRAMS
    first = {role: next((a for a in sets if role in a.card.mixes), None) for role in roles}
    return {role: found for role, found in first.items() if found}


def _named(names: Iterable[str], sha256: str, model: str) -> list[AdapterSet]:
    found = [find(name.strip()) for name in names]
    for adapters in found:
        adapters.refuse_unless_for(sha256, model)
    return found


def _fitting(sha256: str, log: Path | None) -> list[AdapterSet]:
    """Those that were trained on the model: the home's own first, and no other home's."""
    fitting = [a for a in installed() if a.card.base.sha256 == sha256]
    own = [a for a in fitting if log and a.knows(log)]
    return [*own, *(a for a in fitting if not a.card.private)]


def names_in(identities: str) -> list[str]:
    """The names of the sets that `ModelInfo.adapters` tells."""
    return [identity.split()[0] for identity in identities.split(", ") if identity]


def add(folder: Path) -> AdapterSet:
    """Copy a set that `gpiot train` wrote into the gpiot home, in the place of one of its name.

    Raises `GpiotError` when a file is not what its card says, and as `refuse_another_homes`.
    """
    given = read_set(folder)
    given.files()
    refuse_another_homes(given.card.name, given.card.settings.get("log"))
    target = home() / "adapters" / given.card.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=target.parent) as temporary:
        copy = Path(temporary) / "set"
        copy.mkdir()
        wanted = [CARD, README, *(file.file for file in given.card.adapters.values())]
        for name in wanted:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, copy / name)
        if target.exists():
            target.rename(Path(temporary) / "old")
        copy.rename(target)
    return read_set(target)


def refuse_another_homes(name: str, log: str | None) -> None:
    """Raise `GpiotError` when the set of this name in the gpiot home knows another home's log."""
    try:
        there = read_set(home() / "adapters" / name).card
    except GpiotError:
        return  # none, or a damaged one: nothing is lost
    known = there.settings.get("log")
    if there.private and known != log:
        whose = f"of the home of {known}" if known else "of a home that their card does not name"
        raise GpiotError(
            f"There are adapters {name} already, {whose}.",
            "Give this home's log a name of its own, or remove those with "
            f"`gpiot adapter remove {name}`.",
        )


def remove(name: str) -> int:
    """Remove a set from the gpiot home; the bytes freed.

    A damaged set goes by its folder's name. A shipped one stays: a `GpiotError`.
    """
    folders: dict[str, Path] = {}
    for folder in _folders():
        folders.setdefault(_name(folder), folder)
    if name not in folders:
        raise _absent(name, folders)
    folder = folders[name]
    if folder.parent == shipped("adapters"):
        raise GpiotError(
            f"The adapters {name} came with gpiot.",
            "To do without them, set GPIOT_ADAPTERS=none.",
        )
    freed = sum(file.stat().st_size for file in folder.iterdir())
    shutil.rmtree(folder)
    return freed


def _name(folder: Path) -> str:
    """What the set in a folder is called."""
    try:
        return read_set(folder).card.name
    except GpiotError:
        return folder.name

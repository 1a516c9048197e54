"""What every training run has around its loop: its identity before, and the set of adapters after."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpiot_cli.engine import adapters
from gpiot_cli.engine.adapters import AdapterFile, Card
from gpiot_cli.files import sha256_of
from gpiot_cli.training.base import Base
from gpiot_cli.training.card import write_card
from gpiot_cli.training.checkpoint import Progress
from gpiot_cli.training.export import write_gguf, write_peft
from gpiot_cli.training.log import plot
from gpiot_cli.training.loop import Say, train
from gpiot_cli.training.machine import Machine
from gpiot_cli.training.method import Method
from gpiot_cli.training.settings import Settings

FREE = {"gradient_checkpointing", "checkpoint_steps", "precision"}
"""Settings that may change before a run goes on: they have no part in what it learns."""


def on_first_process(say: Say, machine: Machine) -> Say:
    """`say` on the first of several processes; the others say nothing."""
    return say if machine.main else _nothing


@dataclass(frozen=True)
class Run:
    """What a run trains, and what the card of its adapters says."""

    method: Method[Any]
    rows: Sequence[Any]
    """What the method learns from."""
    validation: Sequence[Any]
    """What measures its loss."""
    base: Base
    settings: Settings
    data: list[dict[str, Any]]
    """What it reads: names, counts and hashes."""
    choices: dict[str, Any]
    """What tells it from other runs beside settings, base and data."""
    description: str
    """Of the method, for the card."""
    hyperparameters: dict[str, Any]
    """Those that had a part in it, for the card."""
    private: bool = False
    """Whether a real home's log had a part in it."""
    earlier_data: Sequence[dict[str, Any]] = ()
    """What the stages before have read."""


def train_set(run: Run, folder: Path, machine: Machine, say: Say, max_steps: int | None) -> Path:
    """Train as `loop.train` does, and write the adapters that the method's mixes use; their folder."""
    method, settings, base = run.method, run.settings, run.base
    identity = {
        **run.choices,
        **settings.model_dump(mode="json", exclude=FREE),
        "steps": max_steps,
        "dtype": str(machine.dtype),  # this and what follows: what the settings' names stood for
        "base": base.sha256,
        "data": run.data,
    }
    progress = train(
        method,
        run.rows,
        run.validation,
        settings,
        folder,
        machine,
        say,
        identity=identity,
        max_steps=max_steps,
    )
    target = folder / settings.name
    if machine.main:
        plot(folder, progress.validation)
        card = Card(
            name=settings.name,
            base=adapters.Base(name=base.name, sha256=base.sha256),
            method=run.description,
            adapters=_export(method, base, settings, target),
            mixes=method.mixes(),
            private=run.private,
            data=[*run.earlier_data, *(d for d in run.data if d not in run.earlier_data)],
            settings=run.hyperparameters,
            hardware=machine.facts,
            training=_facts(progress),
        )
        write_card(target, _as_measured(card, target))
    machine.accelerator.wait_for_everyone()
    return target


def _facts(progress: Progress) -> dict[str, Any]:
    return {
        "steps": progress.steps,
        "tokens": progress.tokens,
        "seconds": round(progress.seconds, 1),
        "validation": progress.validation,
        "tokens per second": round(progress.tokens / progress.seconds, 1),
        "peak memory in GB": round(progress.peak_memory / 1e9, 2),
    }


def _as_measured(card: Card, folder: Path) -> Card:
    """The card, with what an earlier one of the same adapters says of their training and results."""
    if not (folder / adapters.CARD).exists():
        return card
    earlier = adapters.read_set(folder).card
    if earlier.adapters != card.adapters:
        return card
    measured = ("hardware", "training", "results")
    return card.model_copy(update={key: getattr(earlier, key) for key in measured})


def _export(
    method: Method[Any], base: Base, settings: Settings, folder: Path
) -> dict[str, AdapterFile]:
    """Write the adapters in use, which a frozen reference is not; their GGUF files."""
    folder.mkdir(parents=True, exist_ok=True)
    used = {name for mix in method.mixes().values() for name in mix}
    files = {}
    for name in (name for name in method.model.peft_config if name in used):
        path = folder / f"{name}.gguf"
        write_gguf(path, method.model, name, base.architecture, settings.precision)
        write_peft(folder / "safetensors" / name, method.model, name, base.name)
        files[name] = AdapterFile(file=path.name, sha256=sha256_of(path), size=path.stat().st_size)
    return files


def _nothing(_words: str) -> None:
    """What all but the first of several processes say."""

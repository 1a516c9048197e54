"""One training run from data sets to a folder of adapters that llama.cpp runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from gpiot_cli.engine.adapters import Role
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.training.base import Base, load_base
from gpiot_cli.training.dataset import Example, Split, read_dataset
from gpiot_cli.training.examples import Row, encode, pack
from gpiot_cli.training.loop import Say
from gpiot_cli.training.lora import PlainLora
from gpiot_cli.training.machine import Machine
from gpiot_cli.training.pect import PATHS, Pect
from gpiot_cli.training.run import Run, on_first_process, train_set
from gpiot_cli.training.settings import Settings

MethodName = Literal["lora", "pect"]
METHODS: Mapping[str, tuple[type[PlainLora] | type[Pect], str]] = {
    "lora": (PlainLora, "LoRA"),
    "pect": (Pect, "PECT (GPIoT, section 4.2): independent and shared LoRA paths"),
}


@dataclass(frozen=True)
class Data:
    """Chat examples by role, and where they are from."""

    train: Mapping[Role, Sequence[Example]]
    validation: Mapping[Role, Sequence[Example]]
    facts: list[dict[str, Any]]
    """For the card: role, name, examples and SHA-256 of each file."""


def read_data(folder: Path, settings: Settings) -> Data:
    """The examples that a run learns from; its data sets are folders in `folder`."""
    examples: dict[Split, dict[Role, list[Example]]] = {"train": {}, "validation": {}}
    facts = []
    for role, names in settings.data.items():
        only = settings.only.get(role, {})
        for name in names:
            for split, by_role in examples.items():
                found = [e for e in read_dataset(folder / name, split) if _is_wanted(e, only)]
                by_role.setdefault(role, []).extend(found)
                digest = sha256_of(folder / name / f"{split}.jsonl")
                facts.append(
                    {
                        "role": role,
                        "data set": name,
                        "split": split,
                        "examples": len(found),
                        "sha256": digest,
                    }
                )
    return Data(examples["train"], examples["validation"], facts)


def _is_wanted(example: Example, only: Mapping[str, Sequence[str]]) -> bool:
    return all(example.source.get(key) in values for key, values in only.items())


def train_adapters(
    method: MethodName,
    settings: Settings,
    data: Data,
    folder: Path,
    say: Say,
    max_steps: int | None = None,
) -> Path:
    """Train on `data` in `folder`, going on where an earlier call stopped; the folder of the set.

    Raises `GpiotError` for a role without examples that fit, and as `train` does.
    """
    check(method, settings)
    machine = Machine.of(settings.dtype)
    say = on_first_process(say, machine)
    base = load_base(settings.base, machine.dtype)
    rows = _rows(base, data.train, settings, say)
    for role in settings.data:
        if not any(row.role == role for row in rows):
            raise GpiotError(
                f"There is no example to train {role} on.",
                "Check the data sets, and `only` and sequence_length in the run's YAML.",
            )
    validation = _rows(base, data.validation, settings, say, limit=settings.validation_rows)
    torch.manual_seed(settings.seed)
    kind, description = METHODS[method]
    run = Run(
        method=kind(base, settings),
        rows=rows,
        validation=validation,
        base=base,
        settings=settings,
        data=data.facts,
        choices={"method": method},
        description=description,
        hyperparameters=settings.model_dump(
            mode="json", by_alias=True, exclude=set() if method == "pect" else {"pect"}
        ),
    )
    return train_set(run, folder, machine, say, max_steps)


def check(method: MethodName, settings: Settings) -> None:
    """Raise `GpiotError` when a run's data are not what its method trains on."""
    if method == "pect" and set(settings.data) != set(PATHS):
        raise GpiotError(
            "Co-tuning trains on two tasks: decomposition and generation.",
            "Name data sets for both in the run's YAML, or use `gpiot train lora`.",
        )


def _rows(
    base: Base,
    examples: Mapping[Role, Sequence[Example]],
    settings: Settings,
    say: Say,
    limit: int | None = None,
) -> list[Row]:
    """Packed rows of all roles; at most `limit` of each, spread over long and short examples."""
    rows = []
    for role, of_role in examples.items():
        encoded = [encode(example.messages, base.tokenizer) for example in of_role]
        packed, too_long = pack(role, encoded, settings.sequence_length)
        tokens = sum(row.length for row in packed)
        left_out = f", {too_long} too long" if too_long else ""
        say(f"{role}: {len(of_role)} examples{left_out}, {tokens:,} tokens in {len(packed)} rows")
        if limit is not None:
            packed = packed[:: math.ceil(len(packed) / limit) or 1] if limit else []
        rows += packed
    return rows

"""Checkpoints: weights and optimizer as safetensors, the rest as JSON; no pickle."""

import json
import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save

from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic

WEIGHTS = "weights.safetensors"
OPTIMIZER = "optimizer.safetensors"
STATE = "state.json"

Parameters = Mapping[str, torch.nn.Parameter]


@dataclass
class Progress:
    """How far a run is, and what it took."""

    steps: int = 0
    tokens: int = 0
    """All tokens that went through the model in training, prompts included."""
    seconds: float = 0.0
    peak_memory: int = 0
    """Bytes that the largest of all processes held, those that were killed among them."""
    validation: list[dict[str, float]] = field(default_factory=list)
    """Loss per answer token by role, with the step that it was measured after."""


def save_checkpoint(
    folder: Path,
    parameters: Parameters,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    identity: Mapping[str, Any],
) -> None:
    """Write a checkpoint under a temporary name, rename it into place, remove older ones."""
    target = folder / f"checkpoint-{progress.steps:07d}"
    temporary = folder / f".{target.name}"
    names = list(parameters)
    moments = {
        f"{names[number]}/{key}": tensor.contiguous()
        for number, state in optimizer.state_dict()["state"].items()
        for key, tensor in state.items()
    }
    write_atomic(temporary / WEIGHTS, save({n: p.detach() for n, p in parameters.items()}))
    write_atomic(temporary / OPTIMIZER, save(moments))
    state = {"identity": identity, "progress": asdict(progress)}
    write_atomic(temporary / STATE, json.dumps(state, indent=1) + "\n")
    temporary.rename(target)
    for checkpoint in folder.glob("checkpoint-*"):
        if checkpoint != target:
            shutil.rmtree(checkpoint)


def load_checkpoint(
    folder: Path,
    parameters: Parameters,
    optimizer: torch.optim.Optimizer,
    identity: Mapping[str, Any],
) -> Progress:
    """Load the newest checkpoint into weights and optimizer; no progress where there is none.

    Raises `GpiotError` when it is of another run.
    """
    checkpoints = sorted(path for path in folder.glob("checkpoint-*") if (path / STATE).exists())
    if not checkpoints:
        return Progress()
    newest = checkpoints[-1]
    state = json.loads((newest / STATE).read_text(encoding="utf-8"))
    found, wanted = state["identity"], json.loads(json.dumps(identity))
    if found != wanted:
        differing = [key for key in found | wanted if found.get(key) != wanted.get(key)]
        raise GpiotError(
            f"{folder} holds another run, different in {', '.join(differing)}.",
            "Choose another folder with --out, or remove that one.",
        )
    with torch.no_grad():
        for name, tensor in load_file(newest / WEIGHTS).items():
            parameters[name].copy_(tensor)
    numbers = {name: number for number, name in enumerate(parameters)}
    moments: dict[int, dict[str, torch.Tensor]] = defaultdict(dict)
    for key, tensor in load_file(newest / OPTIMIZER).items():
        name, _, moment = key.rpartition("/")
        moments[numbers[name]][moment] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": dict(moments)})
    return Progress(**state["progress"])

"""The training loop: any method's loss, AdamW, and a checkpoint from which every bit comes again.

Nothing random outlives a step. The order of the rows follows from the seed, and each step seeds
torch's generators from the seed and its own number. So a checkpoint is the weights, the
optimizer's state and the number of steps done, in safetensors and JSON, and a run that was killed
ends with the weights of one that was not (same machine, same number of threads).

Several processes (torchrun) each take a part of a step's rows. Their gradients are summed by one
all-reduce per step rather than by DistributedDataParallel: only the adapters have gradients, a
small part of the model, and in co-tuning which of them have one changes from step to step.
"""

import json
import math
import os
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save

from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic
from gpiot_cli.training.examples import Row
from gpiot_cli.training.lora import Method
from gpiot_cli.training.settings import Settings

LOG = "log.jsonl"
STATE = "state.json"
WEIGHTS = "weights.safetensors"
OPTIMIZER = "optimizer.safetensors"
SAY_SECONDS = 5.0

Say = Callable[[str], None]


@dataclass
class Progress:
    """How far a run is, and what it took."""

    steps: int = 0
    tokens: int = 0
    """All tokens that went through the model in training, prompts included."""
    seconds: float = 0.0
    validation: list[dict[str, float]] = field(default_factory=list)
    """Loss per answer token by role, with the step that it was measured after."""


@dataclass(frozen=True)
class Machine:
    """Where it trains: accelerate's processes and the type of the frozen weights."""

    accelerator: Accelerator
    dtype: torch.dtype

    @classmethod
    def of(cls, dtype: str) -> "Machine":
        """This process' device; `auto` is bfloat16 where the hardware computes with it."""
        gpu = torch.cuda.is_available()
        fast = torch.cuda.is_bf16_supported() if gpu else torch.cpu._is_avx512_bf16_supported()
        half = dtype == "bfloat16" or (dtype == "auto" and fast)
        return cls(
            Accelerator(mixed_precision="bf16" if half else "no", cpu=not gpu),
            torch.bfloat16 if half else torch.float32,
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What a card says of the hardware."""
        device = self.accelerator.device
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else _cpu()
        return {
            "device": name,
            "processes": self.accelerator.num_processes,
            "threads": torch.get_num_threads(),
            "dtype": str(self.dtype).removeprefix("torch."),
            "torch": torch.__version__,
        }


def total_steps(rows: int, settings: Settings, max_steps: int | None = None) -> int:
    """Steps of the optimizer in a whole run."""
    steps = math.ceil(rows * settings.epochs / settings.rows_per_step)
    return min(steps, max_steps) if max_steps else steps


def train(
    method: Method,
    rows: Sequence[Row],
    validation: Sequence[Row],
    settings: Settings,
    folder: Path,
    machine: Machine,
    say: Say,
    *,
    identity: Mapping[str, Any],
    max_steps: int | None = None,
) -> Progress:
    """Train `method` on the rows; go on from the checkpoint in `folder` if there is one.

    `identity` is what must be equal for a checkpoint to be gone on from. Raises `GpiotError` when
    it is not, and when the loss is no number any more.
    """
    accelerator = machine.accelerator
    method.modules.to(accelerator.device)
    parameters = method.trainable()
    optimizer = torch.optim.AdamW(
        parameters.values(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    steps = total_steps(len(rows), settings, max_steps)
    order = _order(len(rows), settings)
    epoch_ends = {total_steps(len(rows), settings.model_copy(update={"epochs": e}))
                  for e in range(1, settings.epochs)}  # fmt: skip
    progress = _resume(folder, parameters, optimizer, identity, say)
    if not progress.steps:
        _validate(method, validation, progress, machine, say)
    log = _Log(folder, accelerator.is_main_process, progress.steps)
    said = 0.0
    while progress.steps < steps:
        started = time.monotonic()
        step = progress.steps
        torch.manual_seed((settings.seed << 40) + (step << 12) + accelerator.process_index)
        batch = [rows[i] for i in order[step * settings.rows_per_step :][: settings.rows_per_step]]
        lr = _learning_rate((step + 1) / steps, settings)
        optimizer.param_groups[0]["lr"] = lr
        losses = _step(method, batch, parameters, optimizer, (step + 1) / steps, settings, machine)
        progress.steps += 1
        progress.tokens += sum(row.length for row in batch)
        seconds = time.monotonic() - started
        progress.seconds += seconds
        speed = sum(row.length for row in batch) / seconds
        log.add({"step": progress.steps, "lr": lr, "tokens_per_second": round(speed, 1), **losses})
        if time.monotonic() - said > SAY_SECONDS or progress.steps == steps:
            said = time.monotonic()
            left = progress.seconds / progress.steps * (steps - progress.steps)
            words = ", ".join(f"{role} {loss:.3f}" for role, loss in losses.items())
            say(
                f"step {progress.steps}/{steps}: loss {words}; {speed:,.0f} tokens/s; "
                f"{_duration(left)} left"
            )
        if progress.steps in epoch_ends or progress.steps == steps:
            _validate(method, validation, progress, machine, say)
        if progress.steps % settings.checkpoint_steps == 0 or progress.steps == steps:
            if accelerator.is_main_process:
                _save(folder, parameters, optimizer, identity, progress)
            accelerator.wait_for_everyone()
    return progress


def _order(rows: int, settings: Settings) -> list[int]:
    """Row numbers in the order of the training: each epoch shuffles anew."""
    order: list[int] = []
    for epoch in range(settings.epochs):
        generator = torch.Generator().manual_seed((settings.seed << 20) + epoch)
        order += torch.randperm(rows, generator=generator).tolist()
    return order


def _learning_rate(progress: float, settings: Settings) -> float:
    """A linear rise, then half a cosine down to zero."""
    if progress < settings.warmup:
        return settings.learning_rate * progress / settings.warmup
    rest = (progress - settings.warmup) / max(1 - settings.warmup, 1e-9)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * rest))


def _step(
    method: Method,
    batch: Sequence[Row],
    parameters: Mapping[str, torch.nn.Parameter],
    optimizer: torch.optim.Optimizer,
    progress: float,
    settings: Settings,
    machine: Machine,
) -> dict[str, float]:
    """One step of the optimizer on the mean loss of the batch's answers; that loss by role."""
    accelerator = machine.accelerator
    roles = sorted({row.role for row in batch})
    sums = torch.zeros(len(roles), device=accelerator.device)
    for row in batch[accelerator.process_index :: accelerator.num_processes]:
        with accelerator.autocast():
            loss = method.loss(row, progress)
        loss.backward()
        sums[roles.index(row.role)] += loss.detach()
    _sum_gradients(list(parameters.values()), accelerator)
    sums = accelerator.reduce(sums, "sum")
    answers = sum(row.answers for row in batch)
    trained = [p for p in parameters.values() if p.grad is not None]
    for parameter in trained:
        parameter.grad.div_(answers)
    norm = torch.nn.utils.clip_grad_norm_(trained, settings.clip)
    if not torch.isfinite(norm):
        raise GpiotError(
            "The training diverged: its gradient is no number any more.",
            "Lower learning_rate, or choose dtype: float32, in the run's YAML.",
        )
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    of_role = {role: sum(row.answers for row in batch if row.role == role) for role in roles}
    return {
        role: float(total) / of_role[role] for role, total in zip(roles, sums.tolist(), strict=True)
    }


def _sum_gradients(parameters: Sequence[torch.nn.Parameter], accelerator: Accelerator) -> None:
    """Sum the gradients of all processes; what none of them trained stays without a gradient."""
    if accelerator.num_processes == 1:
        return
    device = accelerator.device
    has = torch.tensor([float(p.grad is not None) for p in parameters], device=device)
    has = accelerator.reduce(has, "sum")
    trained = [p for p, number in zip(parameters, has.tolist(), strict=True) if number]
    gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in trained]
    flat = accelerator.reduce(torch.cat([g.flatten() for g in gradients]), "sum")
    pieces = flat.split([p.numel() for p in trained])
    for parameter, piece in zip(trained, pieces, strict=True):
        parameter.grad = piece.view_as(parameter).clone()


def _validate(
    method: Method, rows: Sequence[Row], progress: Progress, machine: Machine, say: Say
) -> None:
    """Measure the loss on validation rows as the exported adapters would have it."""
    if not rows:
        return
    accelerator = machine.accelerator
    losses: dict[str, float] = defaultdict(float)
    answers: dict[str, int] = defaultdict(int)
    method.modules.eval()
    with torch.no_grad(), accelerator.autocast():
        for row in rows[accelerator.process_index :: accelerator.num_processes]:
            losses[row.role] += float(method.loss(row, 1.0))
    method.modules.train()
    for row in rows:
        answers[row.role] += row.answers
    roles = sorted(answers)
    sums = torch.tensor([losses[role] for role in roles], device=accelerator.device)
    sums = accelerator.reduce(sums, "sum")
    means = {role: float(s) / answers[role] for role, s in zip(roles, sums.tolist(), strict=True)}
    progress.validation.append({"step": progress.steps, **means})
    words = ", ".join(f"{role} {loss:.4f}" for role, loss in means.items())
    say(f"validation after {progress.steps} steps: loss {words}")


# -- checkpoints ------------------------------------------------------------------------------


def _save(
    folder: Path,
    parameters: Mapping[str, torch.nn.Parameter],
    optimizer: torch.optim.Optimizer,
    identity: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Write a checkpoint under a temporary name, rename it into place, remove the one before."""
    older = list(folder.glob("checkpoint-*"))
    checkpoint = folder / f"checkpoint-{progress.steps:07d}"
    temporary = folder / f".{checkpoint.name}"
    names = list(parameters)
    moments = {
        f"{names[number]}/{key}": tensor.contiguous()
        for number, state in optimizer.state_dict()["state"].items()
        for key, tensor in state.items()
    }
    write_atomic(temporary / WEIGHTS, save({n: p.detach() for n, p in parameters.items()}))
    write_atomic(temporary / OPTIMIZER, save(moments))
    state = {"identity": identity, **vars(progress)}
    write_atomic(temporary / STATE, json.dumps(state, indent=1) + "\n")
    if checkpoint in older:  # left by a run that was killed before it removed the one before
        older.remove(checkpoint)
        _remove(checkpoint)
    temporary.rename(checkpoint)
    for old in older:
        _remove(old)


def _remove(checkpoint: Path) -> None:
    for path in checkpoint.iterdir():
        path.unlink()
    checkpoint.rmdir()


def _resume(
    folder: Path,
    parameters: Mapping[str, torch.nn.Parameter],
    optimizer: torch.optim.Optimizer,
    identity: Mapping[str, Any],
    say: Say,
) -> Progress:
    """Load the newest checkpoint into the weights and the optimizer, if there is one."""
    checkpoints = sorted(path for path in folder.glob("checkpoint-*") if (path / STATE).exists())
    if not checkpoints:
        return Progress()
    newest = checkpoints[-1]
    state = json.loads((newest / STATE).read_text(encoding="utf-8"))
    if state.pop("identity") != json.loads(json.dumps(identity)):
        raise GpiotError(
            f"{folder} holds another run: its settings, data or base model differ.",
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
    progress = Progress(**state)
    say(f"going on after step {progress.steps}")
    return progress


class _Log:
    """`log.jsonl`: a line for each step. Steps that a kill undid are dropped on resume."""

    def __init__(self, folder: Path, main: bool, steps: int) -> None:
        self._path = folder / LOG if main else None
        if main:
            write_atomic(
                folder / LOG, "".join(f"{json.dumps(x)}\n" for x in read_log(folder, steps))
            )

    def add(self, line: Mapping[str, float]) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def read_log(folder: Path, steps: int | None = None) -> list[dict[str, float]]:
    """The lines of a run's log, up to a step; a line that a kill cut off is left out."""
    lines = []
    path = folder / LOG
    for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            line: dict[str, float] = json.loads(text)
        except ValueError:
            break
        if steps is None or line["step"] <= steps:
            lines.append(line)
    return lines


def plot(folder: Path, progress: Progress) -> Path:
    """Draw the loss by role into `loss.png`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    lines = read_log(folder)
    roles = sorted({key for line in lines for key in line} - {"step", "lr", "tokens_per_second"})
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for number, role in enumerate(roles):
        steps = [line["step"] for line in lines if role in line]
        axes.plot(steps, [line[role] for line in lines if role in line], f"C{number}-", lw=0.8,
                  alpha=0.6, label=role)  # fmt: skip
        measured = [point for point in progress.validation if role in point]
        axes.plot([p["step"] for p in measured], [p[role] for p in measured], f"C{number}o--",
                  label=f"{role}, validation")  # fmt: skip
    axes.set(xlabel="step", ylabel="loss per answer token (nats)")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(folder / "loss.png", dpi=120)
    plt.close(figure)
    return folder / "loss.png"


def _duration(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return f"CPU, {os.cpu_count()} threads"
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "CPU")
    return f"{model}, {os.cpu_count()} threads"


def peak_memory() -> int:
    """The most memory that this process held so far, in bytes: the GPU's, else the machine's."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

"""The training loop: any method's loss, AdamW, and a checkpoint from which every bit comes again.

Nothing random outlives a step. The order of the rows follows from the seed, and each step seeds
torch's generators from the seed and its own number. So a checkpoint is the weights, the
optimizer's state and the number of steps done, and a run that was killed ends with the weights of
one that was not (same machine, same number of threads).

Several processes (torchrun) each take a part of a step's rows. Their gradients are summed by one
all-reduce per step rather than by DistributedDataParallel: only the adapters have gradients, a
small part of the model, and in co-tuning which of them have one changes from step to step.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from gpiot_cli.engine.adapters import Role
from gpiot_cli.errors import GpiotError
from gpiot_cli.training.checkpoint import Parameters, Progress, load_checkpoint, save_checkpoint
from gpiot_cli.training.log import Log
from gpiot_cli.training.machine import Machine
from gpiot_cli.training.method import Learned, Method, R
from gpiot_cli.training.settings import Settings

SAY_SECONDS = 5.0
"""A line of progress at most this often."""

Say = Callable[[str], None]


def train(
    method: Method[R],
    rows: Sequence[R],
    validation: Sequence[R],
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
    it is not, and when the gradient is no number any more.
    """
    method.modules.to(machine.accelerator.device)
    parameters = method.trainable()
    optimizer = torch.optim.AdamW(parameters.values(), weight_decay=settings.weight_decay)
    order = _order(len(rows), settings)
    epoch_ends = [_steps(len(rows), epoch + 1, settings) for epoch in range(settings.epochs)]
    steps = min(epoch_ends[-1], max_steps or epoch_ends[-1])
    progress = load_checkpoint(folder, parameters, optimizer, identity)
    if progress.steps:
        say(f"going on after step {progress.steps}")
    else:
        _validate(method, validation, progress, machine, say)
    log = Log(folder, progress.steps) if machine.main else None
    said = 0.0
    while progress.steps < steps:
        started = time.monotonic()
        first = progress.steps * settings.rows_per_step
        batch = [rows[number] for number in order[first : first + settings.rows_per_step]]
        torch.manual_seed(_step_seed(progress.steps, settings, machine))
        done = (progress.steps + 0.5) / steps  # its middle: neither end has a rate of zero
        progress.steps += 1
        rate = optimizer.param_groups[0]["lr"] = _learning_rate(done, settings)
        losses = _backward(method, batch, done, machine)
        _sum_gradients(parameters, machine)
        _update(optimizer, parameters, sum(row.answers for row in batch), settings)
        tokens, seconds = sum(row.length for row in batch), time.monotonic() - started
        progress.tokens += tokens
        progress.seconds += seconds
        if log is not None:
            spent = {"tokens": tokens, "seconds": round(seconds, 6)}
            speed = {"tokens_per_second": round(tokens / seconds, 1)}
            log.add({"step": progress.steps, **losses, "lr": rate, **spent, **speed})
        if time.monotonic() - said > SAY_SECONDS or progress.steps == steps:
            said = time.monotonic()
            left = (steps - progress.steps) * progress.seconds / progress.steps
            say(
                f"step {progress.steps}/{steps}: loss {_words(losses)}; "
                f"{tokens / seconds:,.0f} tokens/s; {_duration(left)} left"
            )
        if progress.steps in epoch_ends or progress.steps == steps:
            _validate(method, validation, progress, machine, say)
        if progress.steps % settings.checkpoint_steps == 0 or progress.steps == steps:
            progress.peak_memory = max(progress.peak_memory, machine.peak_memory())
            if machine.main:
                save_checkpoint(folder, parameters, optimizer, progress, identity)
            machine.accelerator.wait_for_everyone()
    return progress


def _steps(rows: int, epochs: int, settings: Settings) -> int:
    return math.ceil(rows * epochs / settings.rows_per_step)


def _order(rows: int, settings: Settings) -> list[int]:
    """Row numbers in the order of the training: each epoch shuffles anew."""
    order: list[int] = []
    for epoch in range(settings.epochs):
        generator = torch.Generator().manual_seed((settings.seed << 20) + epoch)
        order += torch.randperm(rows, generator=generator).tolist()
    return order


def _step_seed(step: int, settings: Settings, machine: Machine) -> int:
    """A seed of its own for each run, step and process: what dropout draws from."""
    return (settings.seed << 40) + (step << 12) + int(machine.accelerator.process_index)


def _learning_rate(done: float, settings: Settings) -> float:
    """A linear rise, then half a cosine down to zero."""
    if done < settings.warmup:
        return settings.learning_rate * done / settings.warmup
    rest = (done - settings.warmup) / max(1 - settings.warmup, 1e-9)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * rest))


def _backward(
    method: Method[R], batch: Sequence[R], done: float, machine: Machine
) -> dict[str, float]:
    """Add up the gradients of this process' rows; the loss per answer token of all, by role."""
    sums = dict.fromkeys(sorted({row.role for row in batch}), 0.0)
    for row in machine.mine(batch):
        with _memory_for(row):
            with machine.accelerator.autocast():
                loss = method.loss(row, done)
            loss.backward()
        sums[row.role] += float(loss.detach())
    return _per_token(sums, batch, machine)


@contextmanager
def _memory_for(row: Learned) -> Iterator[None]:
    """Say in a sentence when the GPU's memory does not suffice for a row."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise GpiotError(
            f"The GPU has too little memory for a row of {row.length} tokens.",
            "Lower sequence_length, or set gradient_checkpointing: true, in the run's YAML.",
        ) from error


def _per_token(
    sums: Mapping[Role, float], rows: Sequence[Learned], machine: Machine
) -> dict[str, float]:
    """Losses summed over all processes, divided by the answers' tokens of each role."""
    together = torch.tensor(list(sums.values()), device=machine.accelerator.device)
    together = machine.accelerator.reduce(together, "sum")
    return {
        role: loss / sum(row.answers for row in rows if row.role == role)
        for role, loss in zip(sums, together.tolist(), strict=True)
    }


def _sum_gradients(parameters: Parameters, machine: Machine) -> None:
    """Sum the gradients of all processes; what none of them trained stays without one."""
    accelerator = machine.accelerator
    if accelerator.num_processes == 1:
        return
    has = torch.tensor([float(p.grad is not None) for p in parameters.values()])
    has = accelerator.reduce(has.to(accelerator.device), "sum")
    trained = [p for p, count in zip(parameters.values(), has.tolist(), strict=True) if count]
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in trained]
    flat = accelerator.reduce(torch.cat([gradient.flatten() for gradient in gradients]), "sum")
    for parameter, piece in zip(trained, flat.split([p.numel() for p in trained]), strict=True):
        parameter.grad = piece.view_as(parameter).clone()


def _update(
    optimizer: torch.optim.Optimizer, parameters: Parameters, answers: int, settings: Settings
) -> None:
    """One step of the optimizer on the mean over the answers' tokens."""
    trained = [p for p in parameters.values() if p.grad is not None]
    for parameter in trained:
        parameter.grad /= answers
    norm = torch.nn.utils.clip_grad_norm_(trained, settings.clip)
    if not torch.isfinite(norm):
        raise GpiotError(
            "The training diverged: its gradient is no number any more.",
            "Lower learning_rate, or choose dtype: float32, in the run's YAML.",
        )
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


def _validate(
    method: Method[R], rows: Sequence[R], progress: Progress, machine: Machine, say: Say
) -> None:
    """Measure the loss on validation rows as the exported adapters would have it."""
    if not rows:
        return
    sums = dict.fromkeys(sorted({row.role for row in rows}), 0.0)
    method.modules.eval()
    with torch.no_grad(), machine.accelerator.autocast():
        for row in machine.mine(rows):
            with _memory_for(row):
                sums[row.role] += float(method.loss(row, 1.0))
    method.modules.train()
    losses = _per_token(sums, rows, machine)
    progress.validation.append({"step": progress.steps, **losses})
    say(f"validation after {progress.steps} steps: loss {_words(losses)}")


def _words(losses: Mapping[str, float]) -> str:
    return ", ".join(f"{role} {loss:.3f}" for role, loss in losses.items())


def _duration(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"

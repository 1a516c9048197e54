"""What a run trains on: its device, how many processes, and the type of the frozen weights."""

import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from accelerate import Accelerator

Item = TypeVar("Item")


@dataclass(frozen=True)
class Machine:
    """One process of a run. accelerate knows of the others, should torchrun have started it."""

    accelerator: Accelerator
    dtype: torch.dtype

    @classmethod
    def of(cls, dtype: str) -> "Machine":
        """This process' device; `auto` is bfloat16 where the hardware computes with it."""
        gpu = torch.cuda.is_available()
        fast = (
            torch.cuda.is_bf16_supported(including_emulation=False)
            if gpu
            else torch.cpu._is_avx512_bf16_supported()
        )
        half = dtype == "bfloat16" or (dtype == "auto" and fast)
        return cls(
            Accelerator(mixed_precision="bf16" if half else "no", cpu=not gpu),
            torch.bfloat16 if half else torch.float32,
        )

    @property
    def main(self) -> bool:
        """Whether this process writes and speaks for all."""
        return bool(self.accelerator.is_main_process)

    @property
    def facts(self) -> dict[str, Any]:
        """What a card says of the hardware."""
        device = self.accelerator.device
        return {
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else _cpu(),
            "processes": self.accelerator.num_processes,
            "threads": torch.get_num_threads(),
            "dtype": str(self.dtype).removeprefix("torch."),
            "torch": str(torch.__version__),
        }

    def peak_memory(self) -> int:
        """The most memory that one of the processes held so far, in bytes: its GPU's, else its own.

        All of them must ask.
        """
        device = self.accelerator.device
        if device.type == "cuda":
            own = torch.cuda.max_memory_allocated()
        else:
            own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return int(self.accelerator.gather(torch.tensor([own], device=device)).max())

    def mine(self, items: Sequence[Item]) -> Sequence[Item]:
        """This process' part of what all of them work on."""
        return items[self.accelerator.process_index :: self.accelerator.num_processes]


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "CPU")
    return f"{model}, {os.cpu_count()} threads"

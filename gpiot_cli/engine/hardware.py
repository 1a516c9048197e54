"""How many threads to compute with, and why."""

import os
from pathlib import Path


def threads() -> tuple[int, str]:
    """Threads for the model, with the reason in words.

    Physical cores, never more: hyper-threads and oversubscription collapse OpenMP throughput.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    logical = allowed or 1
    physical = _physical_cores() or logical
    if physical < logical:
        return physical, f"{physical} physical cores ({logical} hardware threads)"
    return logical, f"{logical} cores this process may use"


def _physical_cores() -> int | None:
    """Distinct (package, core) pairs of Linux's topology; None where it cannot be read."""
    cores = set()
    for topology in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology"):
        try:
            package = (topology / "physical_package_id").read_text().strip()
            cores.add((package, (topology / "core_id").read_text().strip()))
        except OSError:
            return None
    return len(cores) or None

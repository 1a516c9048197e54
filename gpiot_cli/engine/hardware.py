"""How many threads to compute with, and why."""

import math
import os
from pathlib import Path

CPUS = Path("/sys/devices/system/cpu")
QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""The share of this container's control group, version 2: "200000 100000" is two cores."""


def threads() -> tuple[int, str]:
    """Threads for the model, with the reason in words.

    Physical cores that this process may use, never more: hyper-threads and oversubscription
    collapse OpenMP throughput.
    """
    allowed = _allowed()
    quota = _quota()
    physical = _physical_cores(allowed) or len(allowed)
    if quota is not None and quota < physical:
        return quota, f"the CPU quota of this container, of {physical} cores"
    if physical < len(allowed):
        return physical, f"{physical} physical cores ({len(allowed)} hardware threads)"
    return physical, f"{physical} cores this process may use"


def _allowed() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _quota() -> int | None:
    """Whole cores of the control group's quota, at least one; None without one."""
    try:
        quota, period = QUOTA.read_text().split()
        return max(1, math.floor(int(quota) / int(period)))
    except (OSError, ValueError):  # "max 100000" is no quota
        return None


def _physical_cores(allowed: set[int]) -> int | None:
    """Distinct (package, core) pairs of Linux's topology; None where it cannot be read."""
    cores = set()
    for cpu in allowed:
        topology = CPUS / f"cpu{cpu}" / "topology"
        try:
            package = (topology / "physical_package_id").read_text().strip()
            cores.add((package, (topology / "core_id").read_text().strip()))
        except OSError:
            return None
    return len(cores) or None

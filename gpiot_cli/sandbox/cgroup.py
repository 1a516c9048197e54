"""A hard limit on processes for root, whom RLIMIT_NPROC never binds: the pids control group.

Sampling alone does not stop a fork bomb: measured as root on two cores, the sampler was starved
for minutes by the bomb it should have ended.
"""

import contextlib
import functools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def entry(most_tasks: int) -> Iterator[list[str]]:
    """Words to put before a command, which then has at most this many processes and threads.

    None of them for other users, and where control groups cannot be made (see `available`).
    """
    parent = available() if os.geteuid() == 0 else None
    if parent is None:
        yield []
        return
    group = Path(tempfile.mkdtemp(prefix="gpiot-", dir=parent))
    try:
        (group / "pids.max").write_text(str(most_tasks))
        yield ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs")]
    finally:
        with contextlib.suppress(OSError):  # an empty group left behind costs nothing
            group.rmdir()


@functools.cache
def available() -> Path | None:
    """Where groups with a limit on processes can be made; `None` if nowhere."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        hierarchy, controllers, own = line.split(":", 2)
        for _, mount, kind, options, *_ in mounts:
            top, here = Path(mount), Path(mount) / own.lstrip("/")
            if (
                kind == "cgroup"
                and "pids" in controllers.split(",")
                and "pids" in options.split(",")
            ):
                candidates = [here]
            elif kind == "cgroup2" and hierarchy == "0":
                # Version 2 limits the children of a group that passes the controller on.
                candidates = [
                    group
                    for group in (here, *here.parents)
                    if group.is_relative_to(top) and _passes_on_pids(group)
                ]
            else:
                continue
            for group in candidates:
                if os.access(group, os.W_OK):
                    return group
    return None


def _passes_on_pids(group: Path) -> bool:
    try:
        return "pids" in (group / "cgroup.subtree_control").read_text().split()
    except OSError:
        return False

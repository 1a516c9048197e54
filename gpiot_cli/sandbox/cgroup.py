"""A hard limit on processes for root, whom RLIMIT_NPROC never binds: the pids control group.

Sampling alone does not stop a fork bomb: measured as root on two cores, the sampler was starved
for minutes by the bomb it should have ended.
"""

import contextlib
import functools
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """The way into a group, or into none."""

    group: Path | None = None

    @property
    def words(self) -> list[str]:
        """To put before a command."""
        if self.group is None:
            return []
        return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.group / "cgroup.procs")]

    def refused(self) -> bool:
        """Whether the kernel has refused a process: one more than the limit was asked for."""
        if self.group is None:
            return False
        events = (self.group / "pids.events").read_text().split()
        return events[events.index("max") + 1] != "0"


@contextlib.contextmanager
def entry(most_tasks: int) -> Iterator[Entry]:
    """A command that enters here has at most this many processes and threads.

    Without a group, and so without a limit, for other users than root and where control groups
    cannot be made (see `available`).
    """
    parent = available()
    if parent is None:
        yield Entry()
    else:
        with _group(parent, most_tasks) as group:
            yield Entry(group)


@functools.cache
def available() -> Path | None:
    """Where root can make groups with a limit on processes, tried once; `None` if nowhere."""
    if platform.system() != "Linux" or os.geteuid() != 0:
        return None
    for parent in _candidates():
        with contextlib.suppress(OSError), _group(parent, most_tasks=8) as group:
            command = [*Entry(group).words, "/bin/true"]
            if subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0:
                return parent
    return None


@contextlib.contextmanager
def _group(parent: Path, most_tasks: int) -> Iterator[Path]:
    group = Path(tempfile.mkdtemp(prefix="gpiot-", dir=parent))
    try:
        (group / "pids.max").write_text(str(most_tasks))
        yield group
    finally:
        for _ in range(50):  # killed processes take a moment to leave it
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.002)


def _candidates() -> Iterator[Path]:
    """Our own group, and in version 2, where only empty groups pass limits on, those above it."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        hierarchy, controllers, own = line.split(":", 2)
        for _, mount, kind, options, *_ in mounts:
            here = Path(mount) / own.lstrip("/")
            if (
                kind == "cgroup"
                and "pids" in controllers.split(",")
                and "pids" in options.split(",")
            ):
                yield here
            elif kind == "cgroup2" and hierarchy == "0":
                yield from (group for group in (here, *here.parents) if group.is_relative_to(mount))

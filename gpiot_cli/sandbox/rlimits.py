"""The limits that the kernel enforces by itself, process by process."""

import math
import os
import platform
import re
from collections.abc import Sequence

from gpiot_cli.sandbox.supervise import MEGABYTE, Limits

OPEN_FILES = 512


def command(argv: Sequence[str], limits: Limits, most_tasks: int | None) -> list[str]:
    """`argv` after a shell has set the limits; a lower limit that already holds stays.

    A shell because it starts in 1 ms, and Python code between fork and exec (`preexec_fn`) can
    deadlock when the parent has threads.
    """
    cpu_seconds = math.ceil(limits.seconds * (os.cpu_count() or 1)) + 1
    blocks = limits.file_mb * MEGABYTE // 512
    # Libraries map much that they never touch; what is really held is sampled.
    kilobytes = (2 * limits.memory_mb + 1024) * 1024
    script = [
        'limit() { ulimit "$@" 2>/dev/null; }',
        f"limit -c 0; limit -n {OPEN_FILES}; limit -t {cpu_seconds}",
        f"limit -f {blocks}; limit -v {kilobytes}",
    ]
    if most_tasks is not None:
        # dash has -p for it, bash -u (and refuses to set -p, the size of pipes)
        script.append(f"limit -p {most_tasks} || limit -u {most_tasks}")
    script.append('exec "$@"')
    return ["/bin/sh", "-c", "\n".join(script), "sh", *argv]


def counts_by_namespace() -> bool:
    """Whether RLIMIT_NPROC counts what runs in the user namespace, not all that the user runs."""
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    return version is not None and (int(version[1]), int(version[2])) >= (5, 14)

"""Watch a started program: collect its output, enforce its limits, leave nothing running."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from gpiot_cli.sandbox.usage import Usage, bytes_in

Stopped = Literal["", "time", "memory", "output", "processes"]

MEGABYTE = 2**20
SAMPLE_SECONDS = 0.02
"""Between looks at processes and memory: one look costs about 0.1 ms."""
END_SECONDS = 0.002
"""Between looks whether it has ended once its output is closed, which is a moment before."""
DISK_SECONDS = 0.25
"""Between looks at the folder's size: each walks the tree."""


@dataclass(frozen=True)
class Limits:
    """What one run may use."""

    seconds: float = 60
    """Wall time; CPU time may be this much on every core."""
    memory_mb: int = 2048
    """Of all processes and of what they put into /tmp and /dev/shm."""
    processes: int = 64
    """Processes and threads, together."""
    output_bytes: int = 1_000_000
    """Standard output and error, together."""
    file_mb: int = 512
    """The largest file, and by how much the folder may grow."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `stopped` tells a run that was cut off from one that gave a wrong answer."""

    returncode: int
    """As a shell gives it: 128 plus the signal's number when a signal ended it."""
    stdout: str
    stderr: str
    stopped: Stopped
    """The limit that ended it, or "". "memory" also where Python reported `MemoryError`, "output"
    also where the folder, a file or the temporary files grew too large."""
    seconds: float
    peak_memory_mb: float
    """Sampled: 0 for a run that is too short to be seen."""


class Job(Protocol):
    """A started program: `bubblewrap.Jail` or `limits_only.Group`."""

    process: subprocess.Popen[bytes]

    def usage(self) -> Usage:
        """What it holds now."""
        ...

    def exact_memory(self) -> int:
        """Bytes held, with shared pages counted once."""
        ...

    def kill(self) -> None:
        """End all its processes."""
        ...

    def close(self) -> None:
        """End all its processes and release what was held open."""
        ...


def supervise(job: Job, folder: Path, limits: Limits) -> Outcome:
    """Wait for the program's end or bring it about when it passes a limit."""
    process = job.process
    started = time.monotonic()
    try:
        watch = _Watch(job, folder, limits)
        output = _Output(process, limits.output_bytes)
        stopped: Stopped = ""
        while not stopped:
            ended = process.poll() is not None
            if ended:
                job.kill()  # what it left in the background, which may hold its output open
            something = output.read(SAMPLE_SECONDS)
            if output.overflowed:
                stopped = "output"
            elif ended and not something:
                break
            elif time.monotonic() - started > limits.seconds:
                stopped = "time"
            elif not ended:
                stopped = watch.look()
    finally:
        job.close()
    returncode = process.returncode if process.returncode >= 0 else 128 - process.returncode
    stdout, stderr = output.texts()
    return Outcome(
        returncode=128 + signal.SIGKILL if stopped else returncode,
        stdout=stdout,
        stderr=stderr,
        stopped=stopped or _limit_met(returncode, stderr),
        seconds=time.monotonic() - started,
        peak_memory_mb=watch.peak / MEGABYTE,
    )


def _limit_met(returncode: int, stderr: str) -> Stopped:
    """Which limit the kernel enforced, to judge from how the program ended."""
    last = stderr.rstrip().rpartition("\n")[2] if returncode else ""
    if returncode == 128 + signal.SIGXCPU:
        return "time"
    full = "File too large" in last or "No space left on device" in last
    if returncode == 128 + signal.SIGXFSZ or full:
        return "output"
    return "memory" if "MemoryError" in last else ""


class _Output:
    """The two streams, drained as they come and kept up to `room` bytes in all."""

    def __init__(self, process: subprocess.Popen[bytes], room: int) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._room = room
        self._kept = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
        self._selector = selectors.DefaultSelector()
        for descriptor in self._kept:
            self._selector.register(descriptor, selectors.EVENT_READ)
        self.overflowed = False

    def read(self, seconds: float) -> bool:
        """Wait up to `seconds` for output or the end; whether any stream had news."""
        if not self._selector.get_map():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
            return False
        ready = self._selector.select(seconds)
        for key, _ in ready:
            piece = os.read(key.fd, 65536)
            if not piece:
                self._selector.unregister(key.fd)
            self._kept[key.fd] += piece[: self._room]
            self.overflowed |= len(piece) > self._room
            self._room = max(0, self._room - len(piece))
        return bool(ready)

    def texts(self) -> list[str]:
        """What was kept of standard output and of standard error."""
        self._selector.close()
        return [kept.decode(errors="replace") for kept in self._kept.values()]


class _Watch:
    """Samples what the program holds, each thing no more often than its price allows."""

    def __init__(self, job: Job, folder: Path, limits: Limits) -> None:
        self._job = job
        self._folder = folder
        self._limits = limits
        self._most_on_disk = bytes_in(folder) + limits.file_mb * MEGABYTE
        self._next_sample = 0.0
        self._next_walk = time.monotonic() + DISK_SECONDS
        self.peak = 0
        """Bytes of memory."""

    def look(self) -> Stopped:
        """The limit that is passed now, if one is."""
        now = time.monotonic()
        if now >= self._next_sample:
            self._next_sample = now + SAMPLE_SECONDS
            usage = self._job.usage()
            if usage.tasks > self._limits.processes:
                return "processes"
            memory = usage.memory
            if memory > self._limits.memory_mb * MEGABYTE:
                memory = self._job.exact_memory()
            self.peak = max(self.peak, memory)
            if memory > self._limits.memory_mb * MEGABYTE:
                return "memory"
        if now >= self._next_walk:
            if bytes_in(self._folder, enough=self._most_on_disk) > self._most_on_disk:
                return "output"
            took = time.monotonic() - now
            self._next_walk = now + max(DISK_SECONDS, 10 * took)
        return ""

"""The weaker level: a process group with limits, for machines where `bwrap` does not work."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from gpiot_cli.sandbox.usage import Process, Usage, shared_out_memory, usage


class Group:
    """A program started in a session and process group of its own."""

    def __init__(self, argv: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            start_new_session=True,
        )
        try:
            self._proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # macOS
            self._proc = -1

    def usage(self) -> Usage:
        """What the group holds now; nothing where there is no /proc."""
        return usage(self._proc, self._is_member) if self._proc >= 0 else Usage()

    def exact_memory(self) -> int:
        """Bytes held, with shared pages counted once."""
        return shared_out_memory(self._proc, self._is_member)

    def kill(self) -> None:
        """End every process of the group; one that left it by `setsid` stays."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill what is left and let go of all that was held open."""
        self.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        if self._proc >= 0:
            os.close(self._proc)
            self._proc = -1

    def _is_member(self, process: Process) -> bool:
        return process.group == self.process.pid

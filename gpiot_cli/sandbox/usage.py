"""How many processes run in a sandbox, how much memory they hold, how much they wrote."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """What a sandbox holds at one moment."""

    tasks: int = 0
    """Processes and threads."""
    memory: int = 0
    """Resident bytes; pages that processes share count once per process."""


@dataclass(frozen=True)
class Process:
    """The fields used of /proc/PID/stat (man 5 proc)."""

    pid: int
    group: int
    threads: int
    memory: int


def processes(proc: int) -> Iterable[Process]:
    """Every process in the /proc that the descriptor `proc` has open."""
    for name in os.listdir(proc):
        if not name.isdigit():
            continue
        try:
            # The second field is the program's name in brackets, which may hold anything.
            fields = _read(proc, f"{name}/stat").rpartition(") ")[2].split()
        except OSError:  # it has ended
            continue
        yield Process(int(name), int(fields[2]), int(fields[17]), int(fields[21]) * PAGE)


def usage(proc: int, belongs: Callable[[Process], bool]) -> Usage:
    """The sum over the processes that belong to the sandbox."""
    members = [process for process in processes(proc) if belongs(process)]
    return Usage(
        tasks=sum(max(process.threads, 1) for process in members),
        memory=sum(process.memory for process in members),
    )


def shared_out_memory(proc: int, belongs: Callable[[Process], bool]) -> int:
    """Bytes held, shared pages divided among their holders (PSS): exact, but slow to ask for."""
    total = 0
    for process in processes(proc):
        if not belongs(process):
            continue
        try:
            lines = _read(proc, f"{process.pid}/smaps_rollup").splitlines()
        except OSError:  # it has ended, or this kernel does not say
            total += process.memory
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return total


def tasks_of_user() -> int:
    """Processes and threads of our user, which is what RLIMIT_NPROC counts; 0 without /proc."""
    total = 0
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if directory.stat().st_uid == os.getuid():
                total += sum(1 for _ in (directory / "task").iterdir())
    return total


def bytes_in(folder: Path, enough: float = float("inf")) -> int:
    """Disk space that a tree takes, a block at least for each entry; stops counting at `enough`."""
    total = 0
    for _, status in _tree(folder):
        total += max(status.st_blocks * 512, 4096)
        if total > enough:
            break
    return total


def keep_plain_files(folder: Path) -> None:
    """Remove all below a folder but files and directories, and let us read what stays.

    A link would lead whoever reads it out of the folder, a pipe would hold him up for ever, and a
    program with the set-user-ID bit would act for whoever runs us.
    """
    folder.chmod(0o700)
    others = []
    for path, status in _tree(folder):
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            Path(path).chmod(0o755)  # before `_tree` looks into it
        elif stat.S_ISREG(mode):
            Path(path).chmod(0o644)
        else:
            others.append(path)
    for path in others:
        Path(path).unlink()


def _tree(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every entry below a folder; links are not followed, what cannot be read is passed over."""
    waiting = [os.fspath(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    yield entry.path, status
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(entry.path)


def _read(directory: int, name: str) -> str:
    descriptor = os.open(name, os.O_RDONLY, dir_fd=directory)
    with os.fdopen(descriptor, errors="replace") as file:
        return file.read()

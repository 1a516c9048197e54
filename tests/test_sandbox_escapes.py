"""Real attempts to get out of the sandbox. None succeeds.

Each attack prints what it got hold of; `BREACH` in its output, or the effect that it wants seen
from outside, is its success. `GONE THROUGH` at the end shows that the attack was really made.
"""

import contextlib
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from gpiot_cli.sandbox.run import Limits, Outcome, level, python, run

pytestmark = pytest.mark.skipif(
    level().name != "bubblewrap", reason=f"no full sandbox here: {level().explanation}"
)

SECRET = "d41d8cd98f00b204e9800998"
PRELUDE = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what):
    try:
        got = what()
    except (OSError, ValueError) as error:
        print("refused:", type(error).__name__, error)
    else:
        print("BREACH", got)
def syscall(*numbers):
    got = libc.syscall(*numbers)
    if got < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got
"""


def attack(code: str, folder: Path, *arguments: object, **limits: float) -> Outcome:
    """Run the code inside; it must have run to its end, unless a limit stopped it."""
    program = PRELUDE + dedent(code) + "\nprint('GONE THROUGH')\n"
    argv = [python(), "-c", program, *map(str, arguments)]
    outcome = run(argv, folder, limits=Limits(**{"seconds": 15, **limits}))  # type: ignore[arg-type]
    assert outcome.stopped or "GONE THROUGH" in outcome.stdout, outcome
    return outcome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the same user outside, with a secret in its environment."""
    process = subprocess.Popen(["/bin/sleep", "60"], env={"API_KEY": SECRET})
    yield process
    process.kill()
    process.wait()


# Files


def test_cannot_see_the_home_directory(folder: Path) -> None:
    """Success: any file below a home directory, Python's own and the project folder apart."""
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    allowed = {*prefixes, *(prefix.resolve() for prefix in prefixes), folder}
    with tempfile.NamedTemporaryFile(dir=home, prefix="gpiot-test-"):
        outcome = attack(
            """
            for home in sys.argv[1], "/root", "/home":
                for directory, inner, names in os.walk(home):
                    if directory in sys.argv[2:]:
                        inner.clear()
                        continue
                    for name in names:
                        print("FOUND", os.path.join(directory, name))
            attempt(lambda: os.listdir(sys.argv[1] + "/.ssh"))
            """,
            folder,
            home,
            *allowed,
        )
    assert "FOUND" not in outcome.stdout
    assert "BREACH" not in outcome.stdout


@pytest.mark.parametrize("path", ["/etc/shadow", "/etc/passwd", "/etc/hostname", "/proc/kcore"])
def test_cannot_read_the_systems_secrets(folder: Path, path: str) -> None:
    """Success: one byte of the file."""
    outcome = attack("attempt(lambda: open(sys.argv[1], 'rb').read(1))", folder, path)
    assert "BREACH" not in outcome.stdout


def test_cannot_read_disks(folder: Path) -> None:
    """Success: a block device that exists, or one made by mknod, is opened."""
    outcome = attack(
        """
        import stat
        for device in "/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/mem", "/dev/kmsg":
            attempt(lambda: open(device, "rb"))
        attempt(lambda: os.mknod("disk", 0o600 | stat.S_IFBLK, os.makedev(254, 0)))
        attempt(lambda: os.mknod("memory", 0o600 | stat.S_IFCHR, os.makedev(1, 1)))
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout
    assert not list(folder.iterdir())


def test_cannot_see_neighbours_or_the_hosts_tmp(folder: Path, tmp_path: Path) -> None:
    """Success: a file beside the folder or in the host's /tmp is read, or one is made there."""
    neighbour = tmp_path / "secret.txt"
    neighbour.write_text(SECRET)
    with tempfile.NamedTemporaryFile(dir="/tmp", prefix="gpiot-test-") as in_tmp:
        outcome = attack(
            """
            attempt(lambda: open(sys.argv[1]).read())
            attempt(lambda: open(sys.argv[2]).read())
            for path in "../planted", "/tmp/gpiot-planted":  # in its own /tmp it may
                with open(path, "w"):
                    pass
            """,
            folder,
            neighbour,
            in_tmp.name,
        )
    assert "BREACH" not in outcome.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "secret.txt"]
    assert not Path("/tmp/gpiot-planted").exists()


def test_cannot_write_to_python_or_the_system(folder: Path) -> None:
    """Success: a file appears in the virtual environment, in the interpreter's or in /usr."""
    places = {
        Path(p) for p in (sys.prefix, sys.base_prefix, "/usr", "/usr/bin", "/etc", "/", "/dev")
    }
    outcome = attack(
        """
        for place in sys.argv[1:]:
            attempt(lambda: open(place + "/gpiot-planted", "w"))
            attempt(lambda: os.chmod(place, 0o777))
        attempt(lambda: open(sys.executable, "r+b"))
        """,
        folder,
        *places,
    )
    assert "BREACH" not in outcome.stdout
    assert not [place for place in places if (place / "gpiot-planted").exists()]


def test_the_interpreter_stays_read_only_inside_the_folder(folder: Path) -> None:
    """Success: a `read_only` path within the writable folder is changed, removed or replaced."""
    data = folder / "data"
    data.mkdir()
    (data / "ecg.csv").write_text("1,2,3")
    program = """
        attempt(lambda: open("data/ecg.csv", "w"))
        attempt(lambda: os.remove("data/ecg.csv"))
        attempt(lambda: os.rename("data", "elsewhere"))
        attempt(lambda: os.chmod("data/ecg.csv", 0o777))
        print(open("data/ecg.csv").read())
        """
    outcome = run([python(), "-c", PRELUDE + dedent(program)], folder, read_only=[data])
    assert "BREACH" not in outcome.stdout
    assert outcome.stdout.endswith("1,2,3\n")
    assert (data / "ecg.csv").read_text() == "1,2,3"


def test_cannot_leave_through_a_symbolic_link(folder: Path, tmp_path: Path) -> None:
    """Success: a link left in the folder leads to a file outside, to read or to write."""
    target = tmp_path / "outside.txt"
    target.write_text(SECRET)
    (folder / "file").symlink_to(target)
    (folder / "directory").symlink_to(tmp_path)
    (folder / "up").symlink_to("../..")
    outcome = attack(
        """
        attempt(lambda: open("file").read())
        attempt(lambda: open("directory/outside.txt").read())
        for path in "file", "directory/planted", "up/planted":  # in its own /tmp it may
            with open(path, "w"):
                pass
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout
    assert target.read_text() == SECRET
    assert not (tmp_path / "planted").exists()


def test_cannot_hard_link_what_is_outside(folder: Path) -> None:
    """Success: the folder holds another name of a file outside it."""
    outcome = attack("attempt(lambda: os.link(sys.executable, 'python'))", folder)
    assert "BREACH" not in outcome.stdout
    assert not (folder / "python").exists()


def test_cannot_climb_through_other_processes_roots(folder: Path, tmp_path: Path) -> None:
    """Success: /proc/PID/root or cwd of any process, or an open directory, leads outside."""
    (tmp_path / "marker").write_text(SECRET)
    outcome = attack(
        """
        marker = sys.argv[1]
        for process in filter(str.isdigit, os.listdir("/proc")):
            for way in "root", "cwd/../../../../../../..":
                attempt(lambda: open(f"/proc/{process}/{way}{marker}").read())
        attempt(lambda: os.chroot("."))
        print("DESCRIPTORS", sorted(map(int, os.listdir("/proc/self/fd"))))
        """,
        folder,
        tmp_path / "marker",
    )
    assert "BREACH" not in outcome.stdout
    assert "DESCRIPTORS [0, 1, 2, 3]" in outcome.stdout  # 3 lists them


def test_cannot_use_a_descriptor_of_ours(folder: Path, tmp_path: Path) -> None:
    """Success: a file that we hold open, inheritable by mistake, is read inside."""
    (tmp_path / "open").write_text(SECRET)
    with (tmp_path / "open").open() as file:
        os.set_inheritable(file.fileno(), True)
        outcome = attack(
            """
            for number in range(3, 64):
                attempt(lambda: os.pread(number, 100, 0))
            """,
            folder,
        )
    assert SECRET not in outcome.stdout


def test_leaves_no_program_that_acts_for_us(folder: Path) -> None:
    """Success: the folder holds a set-user-ID program afterwards, which others could start."""
    outcome = attack(
        """
        import shutil
        shutil.copy("/usr/bin/env", "shell")
        os.chmod("shell", 0o6755)
        attempt(lambda: os.setuid(0))
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout
    assert not (folder / "shell").stat().st_mode & (stat.S_ISUID | stat.S_ISGID)


# Other processes


def test_cannot_read_environments(
    folder: Path, victim: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Success: the secret in our environment or in that of another process of ours is printed."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    outcome = attack(
        """
        import glob
        print(dict(os.environ))
        for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
            try:
                print(open(path).read())
            except OSError as error:
                print(error)
        """,
        folder,
    )
    assert SECRET not in outcome.stdout


def test_cannot_signal_others(folder: Path, victim: subprocess.Popen[bytes]) -> None:
    """Success: a process outside ends: the victim, by its number or by all numbers, or we."""
    outcome = attack(
        """
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for process in map(int, sys.argv[1:]):
            attempt(lambda: os.kill(process, signal.SIGKILL))
        print("all:", libc.kill(-1, signal.SIGTERM))
        """,
        folder,
        victim.pid,
        os.getpid(),
    )
    assert "BREACH" not in outcome.stdout
    assert victim.poll() is None


def test_cannot_trace_others(folder: Path, victim: subprocess.Popen[bytes]) -> None:
    """Success: the victim is attached to or its memory opened, or the sandbox's init rewritten."""
    outcome = attack(
        """
        victim = int(sys.argv[1])
        attach = 16
        attempt(lambda: syscall(101 if os.uname().machine == "x86_64" else 117, attach, victim, 0, 0))
        attempt(lambda: open(f"/proc/{victim}/mem", "rb"))
        attempt(lambda: open("/proc/1/mem", "r+b"))
        attempt(lambda: os.pidfd_open(victim))
        """,
        folder,
        victim.pid,
    )
    assert "BREACH" not in outcome.stdout


@pytest.mark.parametrize("how", ["return", "time"])
def test_leaves_no_daemon(folder: Path, how: str) -> None:
    """Success: after `run`, a process that was cut loose from ours still writes its heartbeat."""
    started = time.monotonic()
    outcome = attack(
        """
        import time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for i in range(10**9):
                    open("heartbeat", "w").write(str(i))
                    time.sleep(0.005)
            os._exit(0)
        while not os.path.exists("heartbeat"):
            time.sleep(0.01)
        while sys.argv[1] == "time":
            pass
        """,
        folder,
        how,
        seconds=2 if how == "time" else 30,
    )
    assert outcome.stopped == ("time" if how == "time" else "")
    assert time.monotonic() - started < 10
    before = (folder / "heartbeat").read_text()
    time.sleep(0.1)
    assert (folder / "heartbeat").read_text() == before


def test_cannot_sleep_through_its_time(folder: Path) -> None:
    """Success: a program that ignores every signal it can outlives its time."""
    outcome = attack(
        """
        import signal, time
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        print("asleep", flush=True)
        while True:
            time.sleep(1000)
        """,
        folder,
        seconds=1,
    )
    assert (outcome.stopped, outcome.returncode, outcome.stdout) == ("time", 137, "asleep\n")
    assert outcome.seconds < 3


# Network


@contextlib.contextmanager
def listening(
    family: int, kind: int, address: object
) -> Iterator[tuple[socket.socket, list[bytes]]]:
    """A server outside, and what reached it."""
    reached: list[bytes] = []
    server = socket.socket(family, kind)
    server.bind(address)  # type: ignore[arg-type]
    server.settimeout(0.05)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            with contextlib.suppress(TimeoutError):
                if kind == socket.SOCK_DGRAM:
                    reached.append(server.recv(100))
                else:
                    server.accept()[0].close()
                    reached.append(b"connection")

    if kind == socket.SOCK_STREAM:
        server.listen()
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server, reached
        time.sleep(0.1)
    finally:
        done.set()
        thread.join()
        server.close()


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_cannot_reach_loopback(folder: Path, kind: int) -> None:
    """Success: the server on our 127.0.0.1 hears from it."""
    with listening(socket.AF_INET, kind, ("127.0.0.1", 0)) as (server, reached):
        attack(
            """
            import socket
            port, kind = map(int, sys.argv[1:])
            with socket.socket(socket.AF_INET, kind) as client:
                try:
                    client.connect(("127.0.0.1", port))
                    client.send(b"hello")
                except OSError as error:
                    print(error)
            """,
            folder,
            server.getsockname()[1],
            kind,
        )
    assert reached == []


@pytest.mark.parametrize("where", ["folder", "tmp", "abstract"])
def test_cannot_reach_local_sockets(folder: Path, where: str) -> None:
    """Success: a server on a UNIX socket in the host's /tmp or without a name hears from it.

    In the folder it would, as the documentation says; that the attack gets through there shows
    that it works.
    """
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        address = {
            "folder": f"{folder}/s",
            "tmp": f"{directory}/s",
            "abstract": f"\0gpiot-{os.getpid()}",
        }[where]
        with listening(socket.AF_UNIX, socket.SOCK_STREAM, address) as (_, reached):
            attack(
                """
                import socket
                with socket.socket(socket.AF_UNIX) as client:
                    try:
                        client.connect(sys.argv[1].replace("@", "\\0"))
                    except OSError as error:
                        print(error)
                """,
                folder,
                address.replace("\0", "@"),
            )
    assert reached == ([b"connection"] if where == "folder" else [])


def test_cannot_reach_the_world(folder: Path) -> None:
    """Success: a connection or a datagram leaves, a name is resolved, an interface is up."""
    outcome = attack(
        """
        import socket
        def connect(family, kind, address):
            with socket.socket(family, kind) as client:
                client.settimeout(3)
                client.connect(address)
                client.send(b"x")
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            attempt(lambda: connect(socket.AF_INET, kind, ("1.1.1.1", 53)))
            attempt(lambda: connect(socket.AF_INET6, kind, ("2606:4700:4700::1111", 53)))
        attempt(lambda: socket.getaddrinfo("example.com", 80))
        print("INTERFACES", [name for _, name in socket.if_nameindex()])
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout
    assert "INTERFACES ['lo']" in outcome.stdout


def test_cannot_use_other_kinds_of_sockets(folder: Path) -> None:
    """Success: a socket to the host of the virtual machine, to raw packets or kernel ciphers."""
    outcome = attack(
        """
        import socket
        for family, kind in ((40, socket.SOCK_STREAM), (17, socket.SOCK_RAW), (38, socket.SOCK_SEQPACKET),
                             (31, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW)):
            attempt(lambda: socket.socket(family, kind))
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout


# The kernel


def test_cannot_mount_or_make_namespaces(folder: Path) -> None:
    """Success: mount, unshare, setns or clone with a namespace flag returns without error."""
    outcome = attack(
        """
        x86 = os.uname().machine == "x86_64"
        user, mounts = 0x10000000, 0x00020000
        unshare, clone, clone3 = (272, 56, 435) if x86 else (97, 220, 435)
        attempt(lambda: syscall(unshare, user))
        attempt(lambda: syscall(unshare, mounts))
        attempt(lambda: syscall(clone, user | 17, 0, 0, 0, 0))
        attempt(lambda: syscall(clone3, 0, 0))
        attempt(lambda: syscall(165 if x86 else 40, b"none", b"/tmp", b"tmpfs", 0, None))
        attempt(lambda: syscall(166 if x86 else 39, b"/proc", 2))
        attempt(lambda: syscall(428, -100, b"/", 1))
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout


def test_cannot_change_kernel_settings(folder: Path) -> None:
    """Success: a file of /proc/sys is opened for writing.

    Run by root, this used to get through bubblewrap: the kernel lets uid 0 of the host write
    there whatever its capabilities, and core_pattern then starts a program as root.
    """
    outcome = attack(
        """
        for name in "kernel/core_pattern", "vm/overcommit_memory", "kernel/hostname":
            attempt(lambda: open("/proc/sys/" + name, "r+"))
        attempt(lambda: open("/proc/sysrq-trigger", "w"))
        attempt(lambda: open("/proc/1/oom_score_adj", "w"))
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout


def test_cannot_reach_unguarded_kernel_interfaces(folder: Path) -> None:
    """Success: a key is added to a key ring, or bpf, perf, io_uring or userfaultfd answers."""
    outcome = attack(
        """
        x86 = os.uname().machine == "x86_64"
        add_key, bpf, perf, fault = (248, 321, 298, 323) if x86 else (217, 280, 241, 282)
        buffer = ctypes.create_string_buffer(256)
        attempt(lambda: syscall(add_key, b"user", b"gpiot", b"secret", 6, -5))
        attempt(lambda: syscall(bpf, 0, buffer, 128))
        attempt(lambda: syscall(perf, buffer, 0, -1, -1, 0))
        attempt(lambda: syscall(fault, 1))
        attempt(lambda: syscall(425, 8, buffer))
        print("errors are refusals, not bad arguments:")
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout
    assert outcome.stdout.count("Operation not permitted") == 5


@pytest.mark.parametrize("process", ["self", "1"])
def test_has_no_privileges(folder: Path, process: str) -> None:
    """Success: a capability is left, or a set-user-ID program could raise privileges.

    Neither to the program nor to the sandbox's first process, which it might subvert.
    """
    outcome = attack(f"print(open('/proc/{process}/status').read())", folder)
    fields = dict(line.split(":\t", 1) for line in outcome.stdout.splitlines() if ":\t" in line)
    assert {fields[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


def test_leaves_nothing_in_shared_memory(folder: Path) -> None:
    """Success: shared memory of any kind is there after the run."""
    before = set(Path("/dev/shm").iterdir()), Path("/proc/sysvipc/shm").read_text()
    outcome = attack(
        """
        open("/dev/shm/gpiot-planted", "w").write("x")
        attempt(lambda: syscall(29 if os.uname().machine == "x86_64" else 194, 77, 4096, 0o1666))
        """,
        folder,
    )
    assert "BREACH" not in outcome.stdout
    assert (set(Path("/dev/shm").iterdir()), Path("/proc/sysvipc/shm").read_text()) == before


# Amounts


BOMBS = {
    "fork": "while True: os.fork()",
    "sessions": "while True:\n    if os.fork() == 0: os.setsid()",
    "shell": "open('b.sh', 'w').write('f() { f | f & }; f; sleep 60')\nos.system('sh b.sh')",
    "threads": """
import threading, time
while True: threading.Thread(target=time.sleep, args=(60,)).start()""",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_cannot_flood_with_processes(folder: Path, bomb: str) -> None:
    """Success: the bomb runs on until its time is up, or the machine has many more processes."""
    seen = []
    done = threading.Event()

    def count() -> None:
        while not done.wait(0.02):
            seen.append(int(Path("/proc/loadavg").read_text().split()[3].split("/")[1]))

    before = int(Path("/proc/loadavg").read_text().split()[3].split("/")[1])
    counter = threading.Thread(target=count)
    counter.start()
    outcome = attack(
        f"try:\n    while True:\n{_indent(BOMBS[bomb])}\nexcept Exception:\n    import time; time.sleep(60)",
        folder,
    )
    done.set()
    counter.join()
    assert outcome.stopped == "processes"
    assert outcome.seconds < 10
    assert max(seen) < before + 400


def _indent(code: str) -> str:
    return "\n".join(f"        {line}" for line in code.strip().splitlines())


MEMORY_BOMBS = {
    "one process": "kept = []\nwhile True: kept.append(b'x' * 2**22)",
    "one call": "b'x' * 2**36",
    "many processes": """
import time
for i in range(20):
    if os.fork() == 0:
        kept = b'x' * (40 * 2**20)
        time.sleep(60)
time.sleep(60)""",
    "/dev/shm": "file = open('/dev/shm/bomb', 'wb')\nwhile True: file.write(b'x' * 2**20)",
    "/tmp": """
import time, itertools
for i in itertools.count():
    open(f'/tmp/bomb{i}', 'wb').write(b'x' * 2**22)""",
    "deleted files": """
kept = []
while True:
    kept.append(open('/tmp/bomb', 'wb'))
    os.remove('/tmp/bomb')
    kept[-1].write(b'x' * 2**22)
    kept[-1].flush()""",
}


@pytest.mark.parametrize("bomb", MEMORY_BOMBS)
def test_cannot_take_the_memory(folder: Path, bomb: str) -> None:
    """Success: much more than its memory is held, or the run is not ended for it."""
    outcome = attack(MEMORY_BOMBS[bomb], folder, memory_mb=256)
    assert outcome.stopped in ("memory", "output"), outcome  # "output": its /tmp was full first
    assert outcome.peak_memory_mb < 1024
    assert outcome.seconds < 10


def test_cannot_hide_memory(folder: Path) -> None:
    """Success: memory that belongs to no process's size can be had."""
    outcome = attack("attempt(lambda: os.memfd_create('hidden'))", folder)
    assert "BREACH" not in outcome.stdout


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("piece", ["'x'", "'line\\n' * 10000"])
def test_cannot_flood_with_output(folder: Path, stream: str, piece: str) -> None:
    """Success: more than the permitted output is kept, or the program goes on."""
    outcome = attack(f"while True: sys.{stream}.write({piece})", folder, output_bytes=50_000)
    assert outcome.stopped == "output"
    assert len(outcome.stdout) + len(outcome.stderr) == 50_000


def test_cannot_write_a_huge_file(folder: Path) -> None:
    """Success: a file grows beyond its limit."""
    outcome = attack(
        "file = open('f', 'wb')\nwhile True: file.write(b'x' * 2**20)", folder, file_mb=8
    )
    assert outcome.stopped == "output"
    assert (folder / "f").stat().st_size <= 8 * 2**20


@pytest.mark.parametrize("kilobytes", [0, 1024])
def test_cannot_fill_the_disk_with_many_files(folder: Path, kilobytes: int) -> None:
    """Success: files, large or empty, are made until the time is up."""
    outcome = attack(
        """
        import itertools
        for i in itertools.count():
            open(f"f{i}", "wb").write(b"x" * (1024 * int(sys.argv[1])))
        """,
        folder,
        kilobytes,
        file_mb=4,
    )
    shutil.rmtree(folder)
    assert outcome.stopped == "output"
    assert outcome.seconds < 10

"""The sandbox as honest programs and its callers meet it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from gpiot_cli.errors import GpiotError
from gpiot_cli.sandbox import bubblewrap
from gpiot_cli.sandbox.run import Limits, Outcome, level, python, run
from gpiot_cli.sandbox.usage import keep_plain_files

full = pytest.mark.skipif(level().name != "bubblewrap", reason=level().explanation)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path


@pytest.fixture(params=["bubblewrap", "limits only"])
def each_level(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Runs a test at the full and at the weaker level."""
    if request.param == "limits only":
        monkeypatch.setattr(bubblewrap, "program", lambda: None)
        level.cache_clear()
    if level().name != request.param:
        pytest.skip(level().explanation)
    yield request.param
    level.cache_clear()


def execute(code: str, folder: Path, **limits: float) -> Outcome:
    argv = [python(), "-c", dedent(code)]
    return run(argv, folder, limits=Limits(**{"seconds": 30, **limits}))  # type: ignore[arg-type]


@pytest.mark.usefixtures("each_level")
def test_numerical_work_runs_and_files_stay(folder: Path) -> None:
    outcome = execute(
        """
        import numpy as np
        from scipy import signal
        rate = 250
        time = np.arange(10 * rate) / rate
        wave = np.sin(2 * np.pi * 1.2 * time) ** 63
        peaks, _ = signal.find_peaks(wave, height=0.5)
        np.save("peaks.npy", peaks)
        print(len(peaks), np.linalg.norm(np.ones((200, 200)) @ np.ones((200, 200))))
        """,
        folder,
    )
    assert (outcome.returncode, outcome.stderr, outcome.stopped) == (0, "", "")
    assert outcome.stdout == "12 40000.0\n"
    assert (folder / "peaks.npy").stat().st_uid == os.getuid()


@pytest.mark.usefixtures("each_level")
def test_child_processes_and_pools_work(folder: Path) -> None:
    program = folder / "pool.py"
    program.write_text(
        dedent(
            """
            import multiprocessing
            def square(x): return x * x
            if __name__ == "__main__":
                with multiprocessing.Pool(3) as pool:
                    print(pool.map(square, range(5)))
            """
        )
    )
    outcome = run([python(), str(program)], folder)
    assert (outcome.stdout, outcome.returncode) == ("[0, 1, 4, 9, 16]\n", 0)


@pytest.mark.usefixtures("each_level")
def test_tells_how_it_ended(folder: Path) -> None:
    wrong = execute("import sys; print('no'); sys.exit(3)", folder)
    assert (wrong.returncode, wrong.stdout, wrong.stopped) == (3, "no\n", "")
    raised = execute("raise ValueError('bad sample')", folder)
    assert (raised.returncode, raised.stopped) == (1, "")
    assert raised.stderr.endswith("ValueError: bad sample\n")
    crashed = execute("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", folder)
    assert (crashed.returncode, crashed.stopped) == (128 + signal.SIGSEGV, "")
    late = execute("import time; print('partial', flush=True); time.sleep(60)", folder, seconds=1)
    assert (late.returncode, late.stopped, late.stdout) == (137, "time", "partial\n")
    assert 1 <= late.seconds < 3
    greedy = execute("bytearray(2**36)", folder)
    assert (greedy.returncode, greedy.stopped) == (1, "memory")


@pytest.mark.usefixtures("each_level")
def test_limits_hold(folder: Path) -> None:
    memory = "kept = []\nwhile True: kept.append(b'x' * 2**22)"
    assert execute(memory, folder, memory_mb=200).stopped == "memory"
    output = execute("while True: print('x' * 1000)", folder, output_bytes=10_000)
    assert (output.stopped, len(output.stdout)) == ("output", 10_000)
    processes = "import os, time\nfor _ in range(5): os.fork()\ntime.sleep(30)"
    assert execute(processes, folder, processes=16).stopped == "processes"
    assert execute("open('f', 'wb').write(b'x' * 2**24)", folder, file_mb=4).stopped == "output"


@pytest.mark.usefixtures("each_level")
def test_measures_memory(folder: Path) -> None:
    outcome = execute("kept = b'x' * (150 * 2**20); import time; time.sleep(0.3)", folder)
    assert 150 < outcome.peak_memory_mb < 250


@pytest.mark.usefixtures("each_level")
def test_environment_is_clean(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    argv = [
        python(),
        "-c",
        "import os; print(dict(os.environ)); print(os.listdir(os.environ['HOME']))",
    ]
    outcome = run(argv, folder, env={"GPIOT_DATA": "ecg.csv"})
    assert "secret" not in outcome.stdout
    assert "PYTHONPATH" not in outcome.stdout
    assert "'GPIOT_DATA': 'ecg.csv'" in outcome.stdout
    assert "'MPLBACKEND': 'Agg'" in outcome.stdout
    assert str(Path.home()) not in outcome.stdout.partition("'HOME': ")[2].partition(",")[0]


@pytest.mark.usefixtures("each_level")
def test_shared_pages_count_once(folder: Path) -> None:
    """Ten forks of a process with 60 MB hold 60 MB, not 600."""
    code = """
        import os, time
        kept = b'x' * (60 * 2**20)
        for _ in range(9):
            if os.fork() == 0:
                break
        time.sleep(0.5)
        """
    assert execute(code, folder, memory_mb=300).stopped == ""


@full
def test_sees_data_read_only_and_under_both_names(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "recordings"
    data.mkdir()
    (data / "ecg.csv").write_text("1,2,3")
    link = tmp_path / "data"
    link.symlink_to(data)
    code = """
        import sys
        for path in sys.argv[1:]:
            print(open(path + "/ecg.csv").read())
            try:
                open(path + "/ecg.csv", "w")
            except OSError as error:
                print(error.strerror)
        """
    argv = [python(), "-c", dedent(code), str(link), str(data)]
    assert run(argv, folder, read_only=[link]).stdout == "1,2,3\nRead-only file system\n" * 2


@pytest.mark.usefixtures("each_level")
def test_refuses_unsafe_folders(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(GpiotError, match="home directory"):
        run(["true"], Path.home())
    with pytest.raises(GpiotError, match="home directory"):
        run(["true"], Path("/"))
    with pytest.raises(GpiotError, match="no folder"):
        run(["true"], folder / "missing")
    with pytest.raises(GpiotError, match="There is no"):
        run(["true"], folder, read_only=[folder / "missing"])
    (folder / "data").symlink_to(tmp_path)
    with pytest.raises(GpiotError, match="leaves"):
        run(["true"], folder, read_only=[folder / "data"])


@pytest.mark.usefixtures("each_level")
def test_a_missing_program_is_an_outcome(folder: Path) -> None:
    outcome = run(["/nowhere/python"], folder)
    assert outcome.returncode == 127
    assert "not found" in outcome.stderr


INTERRUPTED = """
import sys
from pathlib import Path
from gpiot_cli.sandbox import bubblewrap
from gpiot_cli.sandbox.run import python, run
if sys.argv[2] == "limits only":
    bubblewrap.program = lambda: None
beat = "import time\\nwhile True: open('heartbeat', 'w').write(str(time.time())); time.sleep(0.01)"
run([python(), "-c", beat], Path(sys.argv[1]))
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_our_end_is_its_end(folder: Path, each_level: str, how: signal.Signals) -> None:
    if how == signal.SIGKILL and each_level == "limits only":
        pytest.skip("not guarded at this level: the CPU limit ends it")
    parent = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, folder, each_level],
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parent.parent,
    )
    while not (folder / "heartbeat").exists():
        time.sleep(0.02)
    parent.send_signal(how)
    parent.wait(10)
    time.sleep(0.1)
    last = (folder / "heartbeat").read_text()
    time.sleep(0.1)
    assert (folder / "heartbeat").read_text() == last


def test_says_when_it_is_weak(monkeypatch: pytest.MonkeyPatch) -> None:
    for bwrap in (None, Path("/bin/false"), Path("/nowhere/bwrap")):
        monkeypatch.setattr(bubblewrap, "program", lambda bwrap=bwrap: bwrap)
        level.cache_clear()
        assert level().name == "limits only"
        assert "neither files nor network" in level().guards
        assert level().remedy
    level.cache_clear()


def test_only_plain_files_are_kept(folder: Path) -> None:
    secret = folder.parent / "secret"
    secret.mkdir()
    (secret / "key").write_text("k")
    deep = folder / "deep"
    deep.mkdir()
    (deep / "file").write_text("x")
    (deep / "link").symlink_to(secret)
    (folder / "dangling").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    (deep / "file").chmod(0)
    deep.chmod(0)
    keep_plain_files(folder)
    assert sorted(path.name for path in folder.rglob("*")) == ["deep", "file"]
    assert (deep / "file").read_text() == "x"
    assert (secret / "key").exists()


@full
def test_is_light(folder: Path) -> None:
    """Under 50 ms over the bare program on an idle machine; the bound leaves room for a busy one."""

    def fastest(start: object) -> float:
        assert callable(start)
        seconds = []
        for _ in range(8):
            begun = time.monotonic()
            start()
            seconds.append(time.monotonic() - begun)
        return min(seconds)

    bare = fastest(lambda: subprocess.run(["/bin/true"], check=True))
    assert fastest(lambda: run(["/bin/true"], folder)) - bare < 0.15


@full
@pytest.mark.skipif(os.getuid() != 0, reason="root changes to an ordinary user here")
def test_works_for_an_ordinary_user() -> None:
    """The sandbox, home and all, for nobody: the bomb is held by RLIMIT_NPROC, not by a group."""
    interpreter = Path("/usr/bin/python3")
    new_enough = "import sys; sys.exit(sys.version_info < (3, 11))"
    if not interpreter.exists() or subprocess.run([interpreter, "-c", new_enough]).returncode:
        pytest.skip("needs a system Python of 3.11 or later, for root's own may be out of reach")
    program = bubblewrap.program()
    assert program is not None
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        for package in (Path(__file__).parent.parent / "gpiot_cli", program.parent.parent):
            (Path(name) / package.name).symlink_to(package)
        code = f"""
            import os
            from pathlib import Path
            from gpiot_cli.sandbox.run import *
            os.mkdir("{name}/project")
            folder = Path("{name}/project")
            print(level().name, os.getuid())
            attack = "open('mine', 'w')\\ntry: open('/etc/passwd'); print('BREACH')\\nexcept OSError: pass"
            print(run([python(), "-c", attack], folder).stdout, os.listdir(folder))
            bomb = "import os, time\\nwhile True:\\n  try: os.fork()\\n  except OSError: time.sleep(9)"
            print(run([python(), "-c", bomb], folder).stopped)
            """
        outcome = subprocess.run(
            [
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                interpreter,
                "-c",
                dedent(code),
            ],
            env={"PYTHONPATH": name, "HOME": "/nonexistent"},
            capture_output=True,
            text=True,
        )
    assert outcome.stdout.split() == ["bubblewrap", "65534", "['mine']", "processes"], outcome

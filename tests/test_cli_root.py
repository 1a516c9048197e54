"""The root commands: quick help, exit codes, and what goes to which stream."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from gpiot_cli import __version__
from gpiot_cli.cli.devpiolt import app as devpiolt
from gpiot_cli.cli.gpiot import app as gpiot
from gpiot_cli.cli.main import run
from gpiot_cli.errors import GpiotError

HEAVY = ("numpy", "chromadb", "llama_cpp", "pydantic", "rich", "httpx", "torch", "pandas")


@pytest.mark.parametrize("program", ["gpiot", "devpiolt"])
def test_help_imports_nothing_heavy(program: str) -> None:
    code = (
        f"import sys; from gpiot_cli.cli.{program} import app\n"
        "from gpiot_cli.cli.main import run\n"
        f"code = run(app, '{program}', ['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(code)"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0
    assert result.stderr == "[]\n"
    assert f"Usage: {program}" in result.stdout
    assert "Commands:" in result.stdout


@pytest.mark.parametrize(
    ("program", "app", "some"),
    [("gpiot", gpiot, {"model", "doctor"}), ("devpiolt", devpiolt, {"import", "inspect"})],
)
def test_every_listed_command_can_be_loaded(
    program: str, app: typer.Typer, some: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(app, program, ["--help"])
    listed = capsys.readouterr().out.partition("Commands:\n")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.strip()]
    assert some <= set(names)
    for name in names:
        assert run(app, program, [name, "--help"]) == 0
        assert f"Usage: {program} {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("program", "arguments", "extra"),
    [
        ("gpiot", ["data", "cgd", "--out", "x"], "data"),
        ("gpiot", ["data", "tdd", "--out", "x"], "data"),
        ("gpiot", ["data", "augment", "tdd", "--out", "x"], "data"),
        ("gpiot", ["bench", "iotbench", "--out", "x"], "bench"),
        ("gpiot", ["train", "lora", "cpu-lora-td", "--data", "x"], "train"),
        ("devpiolt", ["train", "finetune", "--simulated", "."], "train"),
        ("devpiolt", ["evaluate", "--logs", "home.jsonl", "--cgc"], "train"),
    ],
)
def test_a_command_without_its_packages_names_the_extra_that_brings_them(
    program: str,
    arguments: list[str],
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gpiot_cli.cli.extras.find_spec", lambda _: None)
    assert run(gpiot if program == "gpiot" else devpiolt, program, arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"gpiot-cli[{extra}]" in said.err
    assert not list(tmp_path.iterdir())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(gpiot, "gpiot", ["--version"]) == 0
    assert capsys.readouterr().out == f"gpiot {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["modle"], "No such command 'modle'. Did you mean 'model'"),
        (["--nonsense"], "No such option"),
        (["model", "list", "--nonsense"], "No such option"),
        (["model", "path", "a", "b"], "unexpected extra argument"),
        ([], "Usage: gpiot"),
    ],
)
def test_mistakes_in_the_command_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(gpiot, "gpiot", arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def failing_app(error: BaseException) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            GpiotError("The disk is full.", "Free some."),
            1,
            "Error: The disk is full.\nFree some.\n",
        ),
        (GpiotError("No remedy known."), 1, "Error: No remedy known.\n"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/there"),
            1,
            "Error: /there: Permission denied.\nChoose a place where you may read and write, or change "
            "its permissions.\n",
        ),
        (
            OSError(errno.ENAMETOOLONG, "File name too long", "aaa"),
            1,
            "Error: aaa: File name too long.\nChoose a shorter name.\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (typer.Exit(3), 3, ""),
    ],
)
def test_errors_become_sentences_and_codes(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(failing_app(error), "x", []) == code
    assert capsys.readouterr() == ("", said)


def test_reader_that_has_gone_is_no_unexpected_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "gpiot_cli.cli.gpiot", "model", "list", "--json"]
    result = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (result.returncode, result.stderr) == (1, b"")


def test_a_closed_output_is_no_unexpected_error() -> None:
    for arguments in ("--version", "model list --json"):
        command = f"{sys.executable} -m gpiot_cli.cli.gpiot {arguments} >&-"
        result = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
        assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_under_the_output_is_said() -> None:
    command = [sys.executable, "-m", "gpiot_cli.cli.gpiot", "model", "list", "--json"]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(b"Error: No space left on device.\nFree some space")
    assert b"Exception ignored" not in result.stderr


def test_unexpected_error_shows_the_traceback_only_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GPIOT_DEBUG", raising=False)
    assert run(failing_app(ZeroDivisionError("by nought")), "x", []) == 2
    err = capsys.readouterr().err
    assert "ZeroDivisionError: by nought" in err
    assert "GPIOT_DEBUG=1" in err
    assert "Traceback" not in err
    monkeypatch.setenv("GPIOT_DEBUG", "1")
    assert run(failing_app(ZeroDivisionError("by nought")), "x", []) == 2
    assert "Traceback" in capsys.readouterr().err

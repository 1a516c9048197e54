"""What both command lines share: errors become sentences and exit codes.

0 done; 1 the user can mend it; 2 unexpected; 130 interrupted.
"""

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from gpiot_cli.errors import GpiotError

ClickException: Any = typer.BadParameter.__mro__[2]
"""Base of all complaints about the command line. Newer typers carry their own copy of click and
export only this leaf of it."""

_ROOM = "Free some space there, or set GPIOT_HOME to a folder on a larger disk."
_RIGHTS = "Choose a place where you may read and write, or change its permissions."
REMEDIES = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ENOENT: "Was it moved or removed?",
    errno.EISDIR: "It is a folder: name a file.",
    errno.ENOTDIR: "A part of the path is a file: name a folder.",
    errno.EEXIST: "Choose another name.",
}
"""What the user can do about the errors of the file system that are no fault of ours."""


def run(app: typer.Typer, name: str, arguments: Sequence[str] | None = None) -> int:
    """Run `app` as the program `name` (on `sys.argv` unless given `arguments`); its exit code."""
    _open_closed_output()
    try:
        result = get_command(app).main(
            list(sys.argv[1:] if arguments is None else arguments),
            prog_name=name,
            standalone_mode=False,
        )
        sys.stdout.flush()
    except GpiotError as error:
        return _say(f"Error: {error.message}", error.remedy)
    except ClickException as error:
        error.show()
        return 1
    except typer.Abort:
        return _say("Stopped: the question was not answered.")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()  # the reader (`| head`) has gone
        return 1
    except Exception as error:
        if os.environ.get("GPIOT_DEBUG") == "1":
            import traceback

            traceback.print_exc()
        if isinstance(error, OSError) and (remedy := REMEDIES.get(error.errno or 0)):
            return _refused(error, remedy)
        _say(
            f"Unexpected error: {type(error).__name__}: {error}",
            "Set GPIOT_DEBUG=1 for the traceback, and please report it.",
        )
        return 2
    return result if isinstance(result, int) else 0


def _open_closed_output() -> None:
    """Give the commands somewhere to write where the shell closed stdout or stderr (`>&-`)."""
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, stream, nowhere)


def _refused(error: OSError, remedy: str) -> int:
    """Print what the file system refuses, where, and the remedy; 1."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()  # it is the output's own disk that is full
    where = f"{error.filename}: " if error.filename else ""
    return _say(f"Error: {where}{error.strerror}.", remedy)


def _drop_output() -> None:
    """Keep Python from complaining, when it exits, of output that cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(*sentences: str) -> int:
    """Print the sentences on stderr, one a line; 1, the exit code of what the user can mend."""
    print(*filter(None, sentences), sep="\n", file=sys.stderr)
    return 1

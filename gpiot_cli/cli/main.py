"""What both command lines share: errors become sentences and exit codes.

0 done; 1 the user can mend it; 2 unexpected; 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.main import get_command

from gpiot_cli.errors import GpiotError

ClickException: Any = typer.BadParameter.__mro__[2]
"""Base of all complaints about the command line. Newer typers carry their own copy of click and
export only this leaf of it."""


def run(app: typer.Typer, name: str, arguments: Sequence[str] | None = None) -> int:
    """Run `app` as the program `name` (on `sys.argv` unless given `arguments`); its exit code."""
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
        # The reader (`| head`) has gone; keep Python from complaining again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("GPIOT_DEBUG") == "1":
            import traceback

            traceback.print_exc()
        _say(
            f"Unexpected error: {type(error).__name__}: {error}",
            "Set GPIOT_DEBUG=1 for the traceback, and please report it.",
        )
        return 2
    return result if isinstance(result, int) else 0


def _say(*sentences: str) -> int:
    """Print the sentences on stderr, one a line; 1, the exit code of what the user can mend."""
    print(*filter(None, sentences), sep="\n", file=sys.stderr)
    return 1

"""Runs a task's tests on a program inside the sandbox; copied there, so it imports nothing of gpiot.

`python examine.py NAME PROGRAM TESTS [NAME PROGRAM TESTS ...]` calls `check()` of each file TESTS
with the function NAME of PROGRAM and writes one line to `verdicts.jsonl` for each. It judges
programs that are wrong, not ones that cheat: those could write the file themselves.
"""

import json
import runpy
import sys
import time
import traceback
from pathlib import Path


def main() -> None:
    """Examine the programs of the command line, one after the other."""
    arguments = sys.argv[1:]
    with Path("verdicts.jsonl").open("w") as verdicts:
        for name, program, tests in zip(
            arguments[::3], arguments[1::3], arguments[2::3], strict=True
        ):
            started = time.process_time()
            reason = examine(name, program, tests)
            cpu_seconds = time.process_time() - started
            verdict = {"program": program, "reason": reason, "cpu_seconds": cpu_seconds}
            verdicts.write(json.dumps(verdict) + "\n")
            verdicts.flush()


def examine(name: str, program: str, tests: str) -> str:
    """Why the program does not pass; empty if it does."""
    check = runpy.run_path(tests)["check"]
    try:
        namespace = runpy.run_path(program)
        if not callable(namespace.get(name)):
            return f"it defines no function {name}"
        check(namespace[name])
    except AssertionError as error:
        return f"wrong result: {error or failed_line(error, tests)}"[:600]
    except BaseException as error:
        line = failed_line(error, program)
        return f"{type(error).__name__}: {error}{f' ({line})' if line else ''}"[:600]
    return ""


def failed_line(error: BaseException, path: str) -> str:
    """The innermost line of the file at `path` that the error passed through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
    return f"line {frames[-1].lineno}: {frames[-1].line}" if frames else ""


if __name__ == "__main__":
    main()

"""Runs in the sandbox, copied there: calls one function on every recording and saves its results.

`job.json` names the function, the recordings and the seconds that each may take.
"""

import contextlib
import copy
import importlib
import io
import json
import signal
import time
from pathlib import Path
from typing import Any

values: Any = importlib.import_module("values")  # beside this file, in the sandbox only

PATIENCE = 2
"""After so many recordings in a row that ran out of time the others are not tried."""


def main() -> None:
    """Answer every recording; an error in one does not stop the others."""
    job = json.loads(Path("job.json").read_text())
    signal.signal(signal.SIGALRM, _too_long)
    late = 0
    for name in job["names"]:
        folder = Path("answers") / name
        folder.mkdir(parents=True)
        if late == PATIENCE:
            _save_verdict(folder, f"not tried: the {PATIENCE} before it took too long", 0.0)
            continue
        inputs = values.load_values(Path(job["inputs"]) / name)
        started = time.perf_counter()
        error = ""
        signal.setitimer(signal.ITIMER_REAL, job["record_seconds"])
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                result = _function(job["function"])(**copy.deepcopy(inputs))
            signal.setitimer(signal.ITIMER_REAL, 0)
            values.save_values({"result": result}, folder)
            late = 0
        except BaseException as raised:  # a program may also call exit()
            error = f"{type(raised).__name__}: {raised}"[:300]
            late = late + 1 if isinstance(raised, TimeoutError) else 0
        signal.setitimer(signal.ITIMER_REAL, 0)
        _save_verdict(folder, error, time.perf_counter() - started)


def _save_verdict(folder: Path, error: str, seconds: float) -> None:
    verdict = {"error": error, "seconds": round(seconds, 3)}
    (folder / "verdict.json").write_text(json.dumps(verdict))


def _function(name: str) -> Any:
    return getattr(importlib.import_module("program"), name)


def _too_long(_signal: int, _frame: object) -> None:
    raise TimeoutError("it took too long")


if __name__ == "__main__":
    main()

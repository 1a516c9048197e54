"""Runs `examples()` inside the sandbox; copied there, so it imports nothing of gpiot.

The folder holds `step.py`, `values.py` and `job.json`. Each dictionary that can be saved becomes a
folder of values, `cases/0`, `cases/1`, …
"""

import contextlib
import importlib
import json
from pathlib import Path

from values import save_values  # type: ignore[import-not-found] # lies beside it


def main() -> None:
    """Save the first cases, as many as the job says."""
    count = json.loads(Path("job.json").read_text(encoding="utf-8"))["count"]
    for number, case in enumerate(importlib.import_module("step").examples()[:count]):
        with contextlib.suppress(TypeError, AttributeError):  # no dictionary, or no plain values
            save_values(case, Path("cases", str(number)))


if __name__ == "__main__":
    main()

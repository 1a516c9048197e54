"""Runs `examples()` inside the sandbox; copied there, so it imports nothing of gpiot.

`python example_harness.py COUNT` runs beside `step.py` and `values.py`. Each of the first COUNT
dictionaries that can be saved becomes a folder of values, `cases/0`, `cases/1`, …
"""

import contextlib
import importlib
import sys
from pathlib import Path

from values import save_values  # type: ignore[import-not-found] # lies beside it


def main() -> None:
    """Save the first cases, as many as the command line says."""
    count = int(sys.argv[1])
    for number, case in enumerate(importlib.import_module("step").examples()[:count]):
        with contextlib.suppress(TypeError, AttributeError):  # no dictionary, or no plain values
            save_values(case, Path("cases", str(number)))


if __name__ == "__main__":
    main()

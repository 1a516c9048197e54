"""Runs one step inside the sandbox; copied there, so it imports nothing of gpiot.

The folder holds `step.py`, `recipes/`, `values.py`, `job.json` and `inputs/0`, `inputs/1`, …; for
each of these `outputs/N` and then `verdictN.json` are written. What it checks (types, finite
values, unchanged inputs) is about being right, not about being safe: safety is the sandbox's.
"""

import copy
import importlib
import json
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from values import as_type, load_values, save_values  # type: ignore[import-not-found] # beside it

CHECKS = {
    "numpy.ndarray": np.ndarray,
    "pandas.DataFrame": pd.DataFrame,
    "float": float,
    "int": int,
    "bool": bool,
    "str": str,
    "list": list,
    "dict": dict,
}


class RejectedError(Exception):
    """The program ran and broke its specification; the message says how."""


def main() -> None:
    """Run the job on each of its inputs and write the verdicts."""
    job = json.loads(Path("job.json").read_text(encoding="utf-8"))
    for number in range(job["cases"]):
        try:
            save_values(run(job, Path("inputs", str(number))), Path("outputs", str(number)))
            verdict = {"passed": True, "reason": ""}
        except RejectedError as rejected:
            verdict = {"passed": False, "reason": str(rejected)}
        except BaseException as error:
            verdict = {"passed": False, "reason": describe(error)}
        Path(f"verdict{number}.json").write_text(json.dumps(verdict))


def run(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Call the step on the inputs in `folder` and check what it gives back."""
    inputs = load_values(folder)
    before = copy.deepcopy(inputs)
    function = getattr(importlib.import_module("step"), job["name"])
    result = function(**inputs)
    for name, value in inputs.items():
        if not same(value, before[name]):
            raise RejectedError(f"it changes its input {name}")
    names = [output["name"] for output in job["outputs"]]
    if len(names) == 1:
        results = (result,)
    elif isinstance(result, tuple) and len(result) == len(names):
        results = result
    else:
        raise RejectedError(
            f"it returns {type(result).__name__}, not a tuple of {', '.join(names)}"
        )
    return {
        output["name"]: checked(output["name"], output["type"], value)
        for output, value in zip(job["outputs"], results, strict=True)
    }


def checked(name: str, wanted: str, value: object) -> object:
    """The value as its specified type, or `RejectedError`."""
    value = as_type(value, wanted)
    if not isinstance(value, CHECKS[wanted]) or (wanted == "int" and isinstance(value, bool)):
        raise RejectedError(f"its output {name} is a {type(value).__name__}, not a {wanted}")
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            raise RejectedError(f"its output {name} is an array of Python objects")
        if value.size == 0:
            raise RejectedError(f"its output {name} is empty")
    if isinstance(value, (list, dict, pd.DataFrame)) and len(value) == 0:
        raise RejectedError(f"its output {name} is empty")
    if not finite(value):
        raise RejectedError(f"its output {name} holds NaN or infinite values")
    return value


def finite(value: object) -> bool:
    """Whether every number in the value is finite."""
    if isinstance(value, pd.DataFrame):
        return all(finite(value[column].to_numpy()) for column in value)
    if isinstance(value, dict):
        return all(finite(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(finite(item) for item in value)
    if isinstance(value, (np.ndarray, np.generic, float)):
        array = np.asarray(value)
        return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())
    return True


def same(one: object, other: object) -> bool:
    """Whether a value is what it was, NaN equal to NaN."""
    if isinstance(one, np.ndarray):
        if not isinstance(other, np.ndarray) or one.shape != other.shape:
            return False
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))
    if isinstance(one, pd.DataFrame):
        return isinstance(other, pd.DataFrame) and one.equals(other)
    if isinstance(one, dict):
        if not isinstance(other, dict) or one.keys() != other.keys():
            return False
        return all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        if type(one) is not type(other) or len(one) != len(other):
            return False
        return all(map(same, one, other))
    return repr(one) == repr(other)


def describe(error: BaseException) -> str:
    """The error with the program's own line that raised it: what a repair needs to know."""
    text = f"{type(error).__name__}: {error}"
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith("step.py")
    ]
    if frames:
        text += f" (line {frames[-1].lineno}: {frames[-1].line})"
    return text[:600]


if __name__ == "__main__":
    main()

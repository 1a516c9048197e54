"""A program of the model alone, run on many recordings."""

import pytest

from gpiot_cli.bench import projects
from gpiot_cli.bench.programs import run_program, write_inputs
from gpiot_cli.sandbox import run as sandbox

SLOW_ON_LARGE = """\
import time


def act(x):
    if x > 1:
        time.sleep(30)
    return x
"""


def test_a_program_that_is_too_slow_twice_is_not_tried_any_more(tmp_path):
    values = {"a": 1.0, "b": 2.0, "c": 1.0, "d": 2.0, "e": 3.0, "f": 1.0}
    inputs = write_inputs({name: {"x": x} for name, x in values.items()}, tmp_path)

    answers = run_program(SLOW_ON_LARGE, "act", inputs, list(values), record_seconds=0.5)

    assert [answers[name].value for name in "abc"] == [1.0, None, 1.0]
    assert "too long" in answers["d"].error
    assert answers["f"].error.startswith("not tried")


def test_it_may_use_as_much_memory_as_a_project(tmp_path, monkeypatch: pytest.MonkeyPatch):
    given = []

    def run(*_, limits, **__):
        given.append(limits.memory_mb)
        return sandbox.Outcome(0, "", "", "", 0.0, 0.0)

    monkeypatch.setattr(sandbox, "run", run)
    run_program("def act(x):\n    return x\n", "act", tmp_path, ["a"])
    assert given == [projects.LIMITS.memory_mb]

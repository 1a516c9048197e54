"""One trial: a program is run in the sandbox on real values, and its outputs come back."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from gpiot_cli.knowledge.recipe import Recipe, load_recipes
from gpiot_cli.sandbox.run import Limits, python, run
from gpiot_cli.synthesis.project_files import values
from gpiot_cli.synthesis.specification import Specification

LIMITS = Limits(seconds=60)
HARNESS = Path(__file__).with_name("harness.py")

RECIPE_IMPORT = re.compile(r"^\s*(?:from|import)\s+recipes\.(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Trial:
    """What running a program gave: outputs when `passed`, else the `reason`."""

    passed: bool
    reason: str
    outputs: dict[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    timed_out: bool = False


def recipes_used(code: str) -> list[Recipe]:
    """The shipped recipes that a program imports, each once, in order."""
    recipes = load_recipes()
    return [recipes[name] for name in dict.fromkeys(RECIPE_IMPORT.findall(code)) if name in recipes]


class Trials:
    """Runs programs on one step's inputs, which are written once."""

    def __init__(self, folder: Path, inputs: Mapping[str, object]) -> None:
        self._folder = folder
        values.save_values(dict(inputs), folder / "inputs")

    @classmethod
    @contextmanager
    def on(cls, inputs: Mapping[str, object]) -> Iterator["Trials"]:
        """Trials in a temporary folder that goes away afterwards."""
        with TemporaryDirectory(prefix="gpiot-trial-") as folder:
            yield cls(Path(folder), inputs)

    def run(self, specification: Specification, code: str) -> Trial:
        """Run `code` in a fresh folder inside the sandbox and judge what it returns."""
        with TemporaryDirectory(prefix="run-", dir=self._folder) as name:
            folder = Path(name)
            self._lay_out(folder, specification, code)
            outcome = run([python(), "harness.py"], folder, limits=LIMITS)
            if outcome.stopped:
                limit = {"time": f"{LIMITS.seconds:.0f} s", "memory": f"{LIMITS.memory_mb} MB"}
                reason = f"stopped by the {outcome.stopped} limit {limit.get(outcome.stopped, '')}"
                return Trial(
                    False,
                    reason.strip(),
                    seconds=outcome.seconds,
                    timed_out=outcome.stopped == "time",
                )
            return self._read(folder, outcome.stderr, outcome.seconds)

    def _lay_out(self, folder: Path, specification: Specification, code: str) -> None:
        for source in (HARNESS, Path(values.__file__)):
            shutil.copy(source, folder / source.name)
        (folder / "recipes").mkdir()
        for recipe in recipes_used(code):
            shutil.copy(recipe.path, folder / "recipes")
        shutil.copytree(self._folder / "inputs", folder / "inputs")
        (folder / "step.py").write_text(code)
        (folder / "job.json").write_text(json.dumps(specification.model_dump()))

    @staticmethod
    def _read(folder: Path, stderr: str, seconds: float) -> Trial:
        try:
            verdict = json.loads((folder / "verdict.json").read_text())
            passed, reason = bool(verdict["passed"]), str(verdict["reason"])
            outputs = values.load_values(folder / "outputs") if passed else {}
        except (OSError, ValueError, KeyError, TypeError):
            last = stderr.strip().splitlines()[-1:] or ["no output"]
            return Trial(False, f"the program ended early: {last[0]}"[:600], seconds=seconds)
        return Trial(passed, reason, outputs, seconds)

"""One trial: a program is run in the sandbox on real values, and its outputs come back.

A step of a project is tried on the values of one recording; a specification that stands alone, on
several made inputs. They are run one after the other in one process.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gpiot_cli.knowledge.recipe import Recipe, load_recipes
from gpiot_cli.sandbox.run import Limits, Outcome, python, run
from gpiot_cli.synthesis.project_files import values
from gpiot_cli.synthesis.shapes import wrong_shape
from gpiot_cli.synthesis.specification import Specification

LIMITS = Limits(seconds=60)
HARNESS = Path(__file__).with_name("harness.py")
LONGEST_REASON = 600
"""Characters."""

RECIPE_IMPORT = re.compile(r"^\s*(?:from|import)\s+recipes\.(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Trial:
    """What running a program on each of the inputs gave."""

    outputs: list[dict[str, object] | None]
    """One for each of the inputs; None where the program was rejected."""
    reasons: list[str]
    """Why it was rejected, one for each of the inputs; empty where it passed."""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether it passed on any of the inputs; made inputs may be none that it must take."""
        return any(outputs is not None for outputs in self.outputs)

    @property
    def reason(self) -> str:
        """The first rejection; empty when there was none."""
        return next(filter(None, self.reasons), "")


def recipes_used(code: str) -> list[Recipe]:
    """The shipped recipes that a program imports, each once, in order."""
    recipes = load_recipes()
    return [recipes[name] for name in dict.fromkeys(RECIPE_IMPORT.findall(code)) if name in recipes]


class Trials:
    """Runs programs on the same inputs, which are written once."""

    def __init__(
        self, folder: Path, inputs: Sequence[Mapping[str, object]], limits: Limits = LIMITS
    ) -> None:
        self.inputs = inputs
        self._folder = folder
        self._limits = limits
        for number, case in enumerate(inputs):
            values.save_values(dict(case), folder / "inputs" / str(number))

    @classmethod
    @contextmanager
    def on(
        cls, inputs: Sequence[Mapping[str, object]], limits: Limits = LIMITS
    ) -> Iterator["Trials"]:
        """Trials in a temporary folder that goes away afterwards."""
        with TemporaryDirectory(prefix="gpiot-trial-") as folder:
            yield cls(Path(folder), inputs, limits)

    def run(self, specification: Specification, code: str) -> Trial:
        """Run `code` in a fresh folder inside the sandbox and judge what it returns."""
        with TemporaryDirectory(prefix="run-", dir=self._folder) as name:
            folder = Path(name)
            self._lay_out(folder, specification, code)
            outcome = run([python(), "harness.py"], folder, limits=self._limits)
            return self._read(folder, outcome, specification)

    def _lay_out(self, folder: Path, specification: Specification, code: str) -> None:
        for source in (HARNESS, Path(values.__file__)):
            shutil.copy(source, folder / source.name)
        (folder / "recipes").mkdir()
        for recipe in recipes_used(code):
            shutil.copy(recipe.path, folder / "recipes")
        shutil.copytree(self._folder / "inputs", folder / "inputs")
        (folder / "step.py").write_text(code, encoding="utf-8")
        job = {**specification.model_dump(), "cases": len(self.inputs)}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")

    def _read(self, folder: Path, outcome: Outcome, specification: Specification) -> Trial:
        """The verdicts that the harness wrote; what it had no time to write has the same end."""
        ended = self._ending(outcome)
        outputs: list[dict[str, object] | None] = []
        reasons = []
        for number in range(len(self.inputs)):
            try:
                verdict = json.loads((folder / f"verdict{number}.json").read_text())
                passed, reason = bool(verdict["passed"]), str(verdict["reason"])[:LONGEST_REASON]
                found = values.load_values(folder / "outputs" / str(number)) if passed else None
            except Exception:  # the program may have written anything in their place
                found, reason = None, ended
            # A model's own specification states shapes that its data do not have.
            if found is not None and specification.given_signature:
                reason = wrong_shape(
                    found, specification.outputs, self.inputs[number], specification.inputs
                )
                found = None if reason else found
            outputs.append(found)
            reasons.append("" if found is not None else reason)
        return Trial(outputs, reasons, outcome.seconds)

    def _ending(self, outcome: Outcome) -> str:
        """Why the process ended before it could give a verdict."""
        if outcome.stopped:
            limits = {
                "time": f"{self._limits.seconds:.0f} s",
                "memory": f"{self._limits.memory_mb} MB",
            }
            return (
                f"stopped by the {outcome.stopped} limit {limits.get(outcome.stopped, '')}".strip()
            )
        last = outcome.stderr.strip().splitlines()[-1:] or ["no output"]
        return f"the program ended early: {last[0]}"[:LONGEST_REASON]

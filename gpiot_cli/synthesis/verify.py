"""Stage 4, verification: candidates run on real values, and one is chosen with its reasons.

A program that raises, times out, changes its inputs, breaks its specification or computes from real
data what cannot be (`plausibility`) is rejected. Among the survivors the outputs vote: each
program's score is the weighted share of programs whose outputs equal its own (`agreement`). A
tested recipe that fits the specification votes too, with more weight because its result is known
to be right on its own test; it is chosen only when no program of the model that calls a recipe does
as well. What can hardly be costs rank, and what ruff finds decides between equals.

Where the inputs were only made from the specification, an error on them may be theirs: a list of the
wrong things, a message that never ends. Where most programs fail so, they are in doubt rather than
rejected: none is repaired, the first is chosen, and the reason says that it is not verified.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Literal

from gpiot_cli.knowledge.recipe import Recipe
from gpiot_cli.synthesis.agreement import weighted_agreement
from gpiot_cli.synthesis.generate import Program
from gpiot_cli.synthesis.plausibility import implausible, impossible
from gpiot_cli.synthesis.record import CandidateRecord
from gpiot_cli.synthesis.ruff import ruff
from gpiot_cli.synthesis.specification import Parameter, Specification
from gpiot_cli.synthesis.trial import Trial, Trials, recipes_used

Origin = Literal["model", "repair", "recipe"]
OnVerdict = Callable[[CandidateRecord], None]

RECIPE_VOTE = 2.0
CONTAINERS = ("numpy.ndarray", "pandas.DataFrame", "list", "dict")

OWN_FAULT = re.compile(
    r"SyntaxError|IndentationError|NameError|UnboundLocalError|ImportError|ModuleNotFoundError"
    r"|AttributeError: module|the reply |it |its output \w+ (?:is an?|has shape) |stopped by |the program ended"
)
"""Verdicts that no other inputs would change."""

IMPLAUSIBLE = 0.25
"""What one value that can hardly be costs of a score between 0 and 1."""


class Verifier:
    """Collects the candidates of one step, runs each different program once, and chooses."""

    def __init__(
        self,
        specification: Specification,
        trials: Trials,
        on_verdict: OnVerdict,
        *,
        made_inputs: bool = False,
    ) -> None:
        self.specification = specification
        self.candidates: list[CandidateRecord] = []
        self._trials = trials
        self._on_verdict = on_verdict
        self._made_inputs = made_inputs
        self._results: dict[str, Trial] = {}

    def add(self, programs: Sequence[Program], origin: Origin) -> None:
        """Run the programs that can be run, and record the verdict on every one."""
        for program in programs:
            if program.fault:
                candidate = CandidateRecord(code=program.code, origin=origin, verdict=program.fault)
            else:
                candidate = self._try(program.code, origin)
            self.candidates.append(candidate)
            self._on_verdict(candidate)

    def add_recipe(self, recipe: Recipe) -> None:
        """Let a tested recipe stand as a candidate where its types fit the specification."""
        code = bind(recipe, self.specification)
        if code is not None:
            self.add([Program(code)], "recipe")

    def failures(self) -> list[str]:
        """What is wrong with the model's programs, each way once; nothing once one of all is right.

        Right is what passed and gives nothing that can hardly be; of inputs that were only made,
        anything can come, and what fails on them is in doubt.
        """
        passed = [c for c in self.candidates if c.verdict == "passed"]
        if self._in_doubt() or any(self._made_inputs or not _strange(c) for c in passed):
            return []
        own = [c for c in self.candidates if c.origin != "recipe"]
        wrong = [_strange(c) if c.verdict == "passed" else [c.verdict] for c in own]
        return list(dict.fromkeys(reason for reasons in wrong for reason in reasons))

    def choose(self) -> tuple[int | None, str]:
        """The index of the chosen candidate and the reason; None when none survived."""
        alive = [i for i, c in enumerate(self.candidates) if c.verdict == "passed"]
        doubtful = self._in_doubt()
        if len(doubtful) > sum(self.candidates[i].origin != "recipe" for i in alive):
            verdict = self.candidates[doubtful[0]].verdict
            return doubtful[0], (
                f"not verified: {len(doubtful)} of {len(self.candidates)} candidates fail on the "
                f"inputs that were made from the specification, which may be the inputs' fault; "
                f"this one is the first of them ({verdict})."
            )
        if not alive:
            return None, f"none of {len(self.candidates)} candidates passed"
        cases = self._fair_cases(alive)
        outputs = [[self._trial(i).outputs[case] for case in cases] for i in alive]
        weights = [self._weight(i) for i in alive]
        shares = weighted_agreement(outputs, weights)
        for i, share in zip(alive, shares, strict=True):
            self.candidates[i].agreement = round(share, 4)
            self._warn_of_failures(i, cases)
        best = max(alive, key=self._rank)
        return best, self._reason(best, len(alive))

    def outputs(self, chosen: int) -> dict[str, object]:
        """What the chosen candidate computed from the first inputs it passed on; nothing if none."""
        return next((found for found in self._trial(chosen).outputs if found is not None), {})

    def survivors(self) -> list[tuple[float, dict[str, object]]]:
        """The vote of each candidate that passed, and what it computed from the first inputs."""
        alive = [i for i, c in enumerate(self.candidates) if c.verdict == "passed"]
        return [(self._weight(i), self.outputs(i)) for i in alive]

    def _weight(self, index: int) -> float:
        return RECIPE_VOTE if self.candidates[index].origin == "recipe" else 1.0

    def _in_doubt(self) -> list[int]:
        """The model's programs whose failure may be that of made inputs."""
        return [
            i
            for i, c in enumerate(self.candidates)
            if self._made_inputs
            and c.origin != "recipe"
            and c.verdict != "passed"
            and not OWN_FAULT.match(c.verdict)
        ]

    def _trial(self, index: int) -> Trial:
        return self._results[self.candidates[index].code]

    def _try(self, code: str, origin: Origin) -> CandidateRecord:
        first_time = code not in self._results
        if first_time:
            self._results[code] = self._trials.run(self.specification, code)
        trial = self._results[code]
        reason = trial.reason if not trial.passed else self._impossible(trial)
        candidate = CandidateRecord(
            code=code,
            origin=origin,
            verdict=reason or "passed",
            seconds=round(trial.seconds, 3) if first_time else 0.0,
        )
        if not reason:
            candidate.warnings = [
                *self._hardly_so(trial),
                *(f"ruff: {found}" for found in lint(code)),
            ]
        return candidate

    def _impossible(self, trial: Trial) -> str:
        """What in the outputs cannot be; of inputs that were only made, anything can come."""
        if self._made_inputs:
            return ""
        found = (impossible(o, self.specification.outputs) for o in trial.outputs if o is not None)
        return next(filter(None, found), "")

    def _fair_cases(self, alive: Sequence[int]) -> list[int]:
        """The inputs on which half of the survivors pass at least; those of the others are at fault."""
        passed = [[found is not None for found in self._trial(i).outputs] for i in alive]
        shares = [sum(column) / len(alive) for column in zip(*passed, strict=True)]
        return [case for case, share in enumerate(shares) if share >= min(0.5, max(shares))]

    def _warn_of_failures(self, index: int, cases: Sequence[int]) -> None:
        trial = self._trial(index)
        reasons = [trial.reasons[case] for case in cases if trial.outputs[case] is None]
        if reasons:
            warning = f"fails on {len(reasons)} of {len(cases)} inputs: {reasons[0]}"
            self.candidates[index].warnings.insert(0, warning)

    def _hardly_so(self, trial: Trial) -> list[str]:
        """What about a passed trial tells against the program."""
        found = [
            finding
            for inputs, outputs in zip(self._trials.inputs, trial.outputs, strict=True)
            if outputs is not None
            for finding in implausible(outputs, self.specification.outputs, inputs)
        ]
        return list(dict.fromkeys(found))

    def _rank(self, index: int) -> tuple[float, bool, bool, int, int]:
        """The vote, less what can hardly be; of equals the model's own, cleaner and earlier program.

        A program that rests on a tested recipe comes before an equal that does not: the vote saw
        this data alone, where a bare threshold may find the same beats; the recipe's test saw more.
        """
        candidate = self.candidates[index]
        tested = bool(recipes_used(candidate.code))
        strange = len(_strange(candidate))
        findings = len(candidate.warnings) - strange
        cost = IMPLAUSIBLE * strange
        score = round(candidate.agreement - cost, 2)
        return score, tested, candidate.origin != "recipe", -findings, -index

    def _reason(self, best: int, survivors: int) -> str:
        chosen = self.candidates[best]
        others = survivors - 1
        words = f"{survivors} of {len(self.candidates)} candidates passed; "
        if others:
            words += f"this one has {chosen.agreement:.0%} of the vote on the outputs"
        else:
            words += "it is the only one"
        if chosen.origin == "recipe":
            rivals = [c for c in self.candidates if c.origin != "recipe" and c.verdict == "passed"]
            why = "the model's programs all failed"
            if any(round(c.agreement - chosen.agreement, 2) >= 0 for c in rivals):
                why = "those of the model that agree with it were tested on nothing else"
            elif rivals:
                why = "the model's programs disagreed"
            words += f", and it is the tested recipe itself, since {why}"
        if chosen.warnings:
            words += f" (warnings: {'; '.join(chosen.warnings)})"
        return words + "."


def _strange(candidate: CandidateRecord) -> list[str]:
    """What tells against a program that passed, its style aside."""
    return [warning for warning in candidate.warnings if not warning.startswith("ruff: ")]


def bind(recipe: Recipe, specification: Specification) -> str | None:
    """A module that meets the specification by calling the recipe; None where types differ.

    A recipe may give more than is wanted: then the outputs of the wanted types are picked.
    """
    picked = _pick(recipe.outputs, specification.outputs)
    if picked is None:
        return None
    free = {p.name: p for p in specification.inputs}
    bound = {
        p.name: p.name for p in recipe.inputs if p.name in free and free[p.name].type == p.type
    }
    for name in bound:
        del free[name]
    rest = [parameter for parameter in recipe.inputs if parameter.name not in bound]
    while rest:
        wanted = rest.pop(0)
        match = [p for p in free.values() if _may_be(wanted, p)]
        of_type = 1 + sum(other.type == wanted.type for other in rest)
        if len(match) == 1 or (len(match) == of_type and wanted.type in CONTAINERS):
            bound[wanted.name] = match[0].name
            del free[match[0].name]
        elif wanted.name not in recipe.optional:
            return None
    numpy, pandas = "np." in specification.signature, "pd." in specification.signature
    imports = "import numpy as np\n" * numpy + "import pandas as pd\n" * pandas
    function = recipe.name
    if function == specification.name:
        function = f"{recipe.name}_recipe"
        imports += f"from recipes.{recipe.name} import {recipe.name} as {function}\n"
    else:
        imports += f"from recipes.{recipe.name} import {recipe.name}\n"
    arguments = ", ".join(
        f"{name}={bound[name]}" for name in (p.name for p in recipe.inputs) if name in bound
    )
    call = f"{function}({arguments})"
    if picked == list(range(len(recipe.outputs))):
        body = f"    return {call}\n"
    else:
        body = f"    found = {call}\n    return {', '.join(f'found[{i}]' for i in picked)}\n"
    return f'{imports}\n\n{specification.signature}\n    """{recipe.summary}"""\n{body}'


def _pick(given: Sequence[Parameter], wanted: Sequence[Parameter]) -> list[int] | None:
    """Which given output stands for each wanted one; None where one is missing or in question."""
    if [output.type for output in given] == [output.type for output in wanted]:
        return list(range(len(given)))
    picked: list[int] = []
    for parameter in wanted:
        of_type = [i for i, output in enumerate(given) if output.type == parameter.type]
        akin = [i for i in of_type if _words(given[i]) & _words(parameter)]
        likest = akin if len(akin) == 1 else of_type[:1] if of_type[:1] == [0] else []
        if not likest or likest[0] in picked:
            return None
        picked += likest
    return picked


def _may_be(wanted: Parameter, given: Parameter) -> bool:
    """Whether an input under another name can be what a recipe wants; numbers must be akin."""
    if given.type != wanted.type:
        return False
    if given.type in CONTAINERS:
        return True
    return bool(_words(wanted) & _words(given))


def _words(parameter: Parameter) -> set[str]:
    text = f"{parameter.name.replace('_', ' ')} {parameter.meaning}".lower()
    return set(re.findall(r"[a-z]{4,}", text)) - {
        "number",
        "value",
        "which",
        "with",
        "from",
        "each",
    }


def lint(code: str) -> list[str]:
    """What ruff finds wrong (pyflakes and bugbear rules), one short line each."""
    done = ruff("check", code, "--select", "F,B,PLE", "--output-format", "json")
    try:
        findings = json.loads(done.stdout or "[]")
    except ValueError:
        return []
    return [f"{finding['code']} {finding['message']}" for finding in findings]

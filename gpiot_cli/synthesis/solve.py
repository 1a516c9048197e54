"""One specification to one program: generate, verify, repair, choose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gpiot_cli.engine.protocol import Prompt
from gpiot_cli.knowledge.recipe import Recipe
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.synthesis import retrieve
from gpiot_cli.synthesis.ask import Ask
from gpiot_cli.synthesis.examples import example_inputs
from gpiot_cli.synthesis.generate import generate, generate_plainly, generation_prompt
from gpiot_cli.synthesis.inline import inline
from gpiot_cli.synthesis.inputs import make_inputs
from gpiot_cli.synthesis.project_files.values import summarize
from gpiot_cli.synthesis.record import CandidateRecord
from gpiot_cli.synthesis.retrieve import Near
from gpiot_cli.synthesis.specification import Parameter, Specification
from gpiot_cli.synthesis.trial import Trials
from gpiot_cli.synthesis.verify import OnVerdict, Verifier, bind

REPAIR_ROUNDS = 2


@dataclass(frozen=True)
class Solution:
    """What was tried for a specification, and what was chosen."""

    candidates: list[CandidateRecord]
    chosen: int | None
    """Index into `candidates`; None when none survived."""
    reason: str
    outputs: dict[str, object] = field(default_factory=dict)
    """What the chosen program computed from the first inputs."""
    survivors: list[tuple[float, dict[str, object]]] = field(default_factory=list)
    """The vote of each program that passed, and what it computed from the first inputs."""

    @property
    def code(self) -> str | None:
        """The chosen program, which may import recipes."""
        return None if self.chosen is None else self.candidates[self.chosen].code

    @property
    def program(self) -> str | None:
        """The chosen program with the code of its recipes in it."""
        return None if self.code is None else inline(self.code)


def solve(
    specification: Specification,
    trials: Trials,
    *,
    task: str,
    data: Sequence[Parameter],
    shared: Sequence[Recipe],
    near: Near,
    n: int,
    ask: Ask,
    seed: int,
    on_verdict: OnVerdict = lambda _: None,
    out_of_time: Callable[[], bool] = lambda: False,
    made_inputs: bool = False,
    verify: bool = True,
) -> Solution:
    """Draw `n` programs, run them on the trials' inputs, repair if none survives, and choose.

    Where a specification is all there is, and no recipe does it, half of the programs are drawn for
    a plain request: what is shown beside the specification misleads a small model at times. In a
    project the steps are the model's own words, and what is shown is what mends them.

    `shared` are the recipes that all stages see, `near` what is known near this specification.
    Once `out_of_time` the model is not asked any more, and only recipes are tried. `made_inputs` says
    that the trials' inputs are no data but made for the specification. Without `verify` no recipe
    stands beside the programs and none is repaired; the one drawn of `n` = 1 is taken if it runs.
    """
    verifier = Verifier(specification, trials, on_verdict, made_inputs=made_inputs)
    fitting, others = recipes_for(specification, near)
    summaries = {name: summarize(value) for name, value in trials.inputs[0].items()}

    def prompt(failures: Sequence[str] = ()) -> Prompt:
        return generation_prompt(
            task,
            specification,
            data=data,
            recipes=shared,
            fitting=fitting,
            extra=others,
            values=summaries,
            made_values=made_inputs,
            context=near.passage,
            failures=failures,
        )

    if not out_of_time():
        plain = n // 2 if made_inputs and fitting is None else 0
        verifier.add(generate(prompt(), specification, n=n - plain, ask=ask, seed=seed), "model")
        if plain:
            verifier.add(generate_plainly(specification, n=plain, ask=ask, seed=seed), "model")
    if fitting and verify:
        verifier.add_recipe(fitting)
    rounds = REPAIR_ROUNDS if verify else 0
    for round_ in range(1, 1 + rounds):
        failures = verifier.failures()
        if not failures or out_of_time():
            break
        again = prompt(failures)
        repaired = generate(again, specification, stage="repair", n=n, ask=ask, seed=seed + round_)
        verifier.add(repaired, "repair")
    chosen, reason = verifier.choose()
    outputs = {} if chosen is None else verifier.outputs(chosen)
    return Solution(verifier.candidates, chosen, reason, outputs, verifier.survivors())


def recipes_for(specification: Specification, near: Near) -> tuple[Recipe | None, list[Recipe]]:
    """The recipe that does what the specification asks for, if any, and the others near it.

    Of several that do it, it is the nearest that can be called with the specification's inputs; the
    nearest where none can, which the model may make fit.
    """
    usable = [recipe for recipe in near.fitting if bind(recipe, specification)]
    fitting = next(iter([*usable, *near.fitting]), None)
    return fitting, [recipe for recipe in (*near.fitting, *near.extra) if recipe != fitting]


def solve_specification(
    specification: Specification,
    *,
    n: int,
    ask: Ask,
    seed: int,
    knowledge: Knowledge | None,
    inputs: Sequence[Mapping[str, object]] | None = None,
    on_verdict: OnVerdict = lambda _: None,
) -> Solution:
    """Solve a specification that stands alone.

    The programs are run on `inputs`, or on examples that the model writes and on inputs made from
    the specification by rules: the former have the sense, the latter the length of real ones.
    Without `knowledge` the model is given no recipes, and none stands beside its programs.
    """
    shared, near = [], Near()
    if knowledge is not None:
        shared = retrieve.for_task(knowledge, specification.target)
        near = retrieve.near(knowledge, specification.target)
    made = inputs is None
    if inputs is None:
        examples = example_inputs(specification, recipes=shared, ask=ask, seed=seed)
        inputs = [*examples, *make_inputs(specification, seed=seed)]
    with Trials.on(inputs) as trials:
        return solve(
            specification,
            trials,
            task=specification.target,
            data=specification.inputs,
            shared=shared,
            near=near,
            n=n,
            ask=ask,
            seed=seed,
            on_verdict=on_verdict,
            made_inputs=made,
        )

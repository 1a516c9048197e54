"""Example inputs in the model's own words, for programs that are written without any data.

What rules make of names and types (`inputs.py`) has the right form and often not the right sense: a
list of pairs, a status line, a table whose columns the text names. So the model that writes the
programs writes a few calls first, as in CodeT (Chen et al. 2022), which asks for whole tests. Only
inputs are asked for: what a small model expects to come out is seldom right.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from gpiot_cli.engine.grammar import literal
from gpiot_cli.engine.protocol import Request, Sampling
from gpiot_cli.knowledge.recipe import Recipe
from gpiot_cli.prompts import render
from gpiot_cli.sandbox.run import Limits, python, run
from gpiot_cli.synthesis.ask import Ask
from gpiot_cli.synthesis.generate import TEMPERATURE, parse_program
from gpiot_cli.synthesis.project_files import values
from gpiot_cli.synthesis.shapes import wrong_shape
from gpiot_cli.synthesis.specification import Parameter, Specification

COUNT = 3
MAX_TOKENS = 640
LONGEST_CASE = 400
"""Characters."""
LIMITS = Limits(seconds=20)
HARNESS = Path(__file__).with_name("example_harness.py")

EXAMPLES = Specification(
    name="examples",
    target="Example inputs.",
    inputs=(),
    outputs=(Parameter(name="cases", type="list", meaning="arguments of one call each"),),
)


def example_inputs(
    specification: Specification, *, recipes: Sequence[Recipe], ask: Ask, seed: int
) -> list[dict[str, object]]:
    """Up to COUNT sets of arguments that fit the specification; none where the model writes none.

    `recipes` is the block that all stages share.
    """
    prompt = render("examples", specification=specification, recipes=recipes, count=COUNT)
    request = Request(
        prompt,
        stage="examples",
        max_tokens=MAX_TOKENS,
        sampling=Sampling(temperature=TEMPERATURE, seed=seed),
        grammar=_grammar(specification),
    )
    program = parse_program(ask(request)[0], EXAMPLES)
    cases = [] if program.fault else _run(program.code)
    return [case for found in cases if (case := fitted(found, specification)) is not None]


def fitted(found: Mapping[str, object], wanted: Specification) -> dict[str, object] | None:
    """The arguments as the specified types and shapes; None where one is missing or cannot be one."""
    case = {}
    for parameter in wanted.inputs:
        value = _as_type(found.get(parameter.name), parameter)
        if values.type_name(value) != parameter.type:
            return None
        case[parameter.name] = value
    return None if wrong_shape(case, wanted.inputs, {}, ()) else case


def _grammar(specification: Specification) -> str:
    """A list of dictionaries, each on one line: small models otherwise explain and loop for long."""
    first = literal(f'        {{"{specification.inputs[0].name}": ')
    start = literal(
        "```python\nimport numpy as np\nimport pandas as pd\n\n\ndef examples() -> list:\n    return [\n"
    )
    return rf"""
root ::= {start} case{{2,{COUNT}}} "    ]\n```"
case ::= {first} [^\n#]{{1,{LONGEST_CASE}}} "}},\n"
"""


def _as_type(value: object, parameter: Parameter) -> object:
    """As `values.as_type`; a list becomes an array and an array a list, too."""
    if parameter.type == "numpy.ndarray" and isinstance(value, list):
        try:
            array = np.array(value)
        except ValueError:  # rows of different lengths
            return value
        return array if array.dtype.kind in "biufc" else value
    if parameter.type == "list" and isinstance(value, np.ndarray):
        return value.tolist()
    return values.as_type(value, parameter.type)


def _run(code: str) -> list[dict[str, object]]:
    """What `examples()` gives in the sandbox, as far as it can be read back."""
    with TemporaryDirectory(prefix="gpiot-examples-") as name:
        folder = Path(name)
        for source in (HARNESS, Path(values.__file__)):
            shutil.copy(source, folder / source.name)
        (folder / "step.py").write_text(code, encoding="utf-8")
        run([python(), HARNESS.name, str(COUNT)], folder, limits=LIMITS)
        found = []
        for number in range(COUNT):
            try:
                found.append(values.load_values(folder / "cases" / str(number)))
            except Exception:  # the program may have written anything in their place, or nothing
                continue
        return found

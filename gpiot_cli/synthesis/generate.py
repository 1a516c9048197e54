"""Stage 3, code generation: a specification becomes candidate programs (GPIoT, section 4.1.2)."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten

from gpiot_cli.engine.grammar import literal
from gpiot_cli.engine.protocol import Candidate, Prompt, Request, Sampling
from gpiot_cli.knowledge.recipe import Recipe, load_recipes
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.ask import Ask
from gpiot_cli.synthesis.inline import import_fault
from gpiot_cli.synthesis.modernize import modernize
from gpiot_cli.synthesis.specification import Parameter, Specification

MAX_TOKENS = 640
TEMPERATURE = 0.6
LONGEST_FAILURE = 200
"""Characters."""

FENCE = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:\n```|\Z)", re.DOTALL)
CLOSED = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)\n```", re.DOTALL)


@dataclass(frozen=True)
class Program:
    """A candidate's module; `fault` when it cannot be run."""

    code: str
    fault: str = ""


def generation_prompt(
    task: str,
    specification: Specification,
    *,
    data: Sequence[Parameter] = (),
    recipes: Sequence[Recipe] = (),
    fitting: Recipe | None = None,
    extra: Sequence[Recipe] = (),
    values: Mapping[str, str] | None = None,
    made_values: bool = False,
    context: str = "",
    failures: Sequence[str] = (),
) -> Prompt:
    """What the model is asked to write a program for a specification.

    `recipes` is the block that all stages share, `fitting` the one that does what the specification
    asks for, `extra` others near it, `values` one-line summaries of the inputs, which are real
    unless they are `made_values`, `failures` how earlier programs failed, in the words of what ran
    them. Those come last: the prompt before them is cached, and a small model that is shown a wrong
    program instead writes it again (of 40 corrections asked for in that way one passed).
    """
    return render(
        "generate",
        task=task,
        data=data,
        recipes=recipes,
        specification=specification,
        fitting=fitting,
        extra=extra,
        values=values or {},
        made_values=made_values,
        context=context,
        failures=[shorten(failure, LONGEST_FAILURE) for failure in failures],
    )


def generate(
    prompt: Prompt,
    specification: Specification,
    *,
    stage: str = "generate",
    n: int,
    ask: Ask,
    seed: int,
) -> list[Program]:
    """Draw `n` programs for a specification; `repair` is the stage of a prompt with failures."""
    return _draw(
        prompt, specification, code_grammar(specification), stage=stage, n=n, ask=ask, seed=seed
    )


def generate_plainly(specification: Specification, *, n: int, ask: Ask, seed: int) -> list[Program]:
    """Draw `n` programs for a plain request: the specification alone, and no sentence first.

    Other words make other mistakes: of 16 small specifications that are in no benchmark, four programs
    of either request (this one without its grammar) solved 8, and all eight together 10.
    """
    return _draw(
        render("direct", task=specification.markdown, signature=specification.signature),
        specification,
        module_grammar(specification),
        stage="generate",
        n=n,
        ask=ask,
        seed=seed,
    )


def direct(
    task: str, specification: Specification, *, n: int, ask: Ask, seed: int
) -> list[Program]:
    """The baseline: the model alone, asked for the function in one prompt."""
    return _draw(
        render("direct", task=task, signature=specification.signature),
        specification,
        None,
        stage="direct",
        n=n,
        ask=ask,
        seed=seed,
        temperature=0.8,
    )


def code_grammar(specification: Specification) -> str:
    """One sentence, then a module: imports, the specified signature, a docstring, a body."""
    return rf"""
root ::= approach "\n\n" head doc line{{1,70}} "```"
approach ::= [A-Z] [^\n`.]{{20,150}} "."
doc ::= "    \"\"\"" [A-Z] [^"\n]{{10,110}} "\"\"\"\n"
{_module_rules(specification)}"""


def module_grammar(specification: Specification) -> str:
    """A module alone: imports, the specified signature, a body."""
    return f'\nroot ::= head line{{1,70}} "```"\n{_module_rules(specification)}'


def _module_rules(specification: Specification) -> str:
    return rf"""head ::= "```python\n" import{{0,8}} "\n\n" {literal(specification.signature)} "\n"
import ::= ("import " | "from ") [a-z] [^\n]{{2,90}} "\n"
line ::= "    " [^\n]{{1,140}} "\n" | "\n"
"""


def parse_program(candidate: Candidate, specification: Specification) -> Program:
    """Read a reply; anything that is not the specified function is named in `fault`.

    What a reply that was cut off says behind the closed block is no part of the program.
    """
    cut_off = candidate.finish == "length"
    blocks = (CLOSED if cut_off else FENCE).findall(candidate.text)
    wanted = [block for block in blocks if f"def {specification.name}(" in block]
    if not wanted:
        return Program(
            "",
            f"the reply was cut off at {candidate.tokens} tokens"
            if cut_off
            else f"the reply holds no function {specification.name}",
        )
    code = wanted[0].rstrip() + "\n"
    try:
        code = modernize(with_imports(code))
    except SyntaxError as error:
        return Program(code, f"SyntaxError: {error.msg} (line {error.lineno})")
    return Program(code, import_fault(code))


ALIASES = {"np": "import numpy as np", "pd": "import pandas as pd"}


def with_imports(code: str) -> str:
    """Add the imports of numpy, pandas and recipes that a module uses and forgot.

    Small models forget them often, and an editor would add them too. Raises `SyntaxError`.
    """
    nodes = list(ast.walk(ast.parse(code)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {
        (alias.asname or alias.name).split(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    known = ALIASES | {name: f"from recipes.{name} import {name}" for name in load_recipes()}
    missing = [known[name] for name in sorted(used - bound) if name in known]
    return "\n".join([*missing, code]) if missing else code


def _draw(
    prompt: Prompt,
    specification: Specification,
    grammar: str | None,
    *,
    stage: str,
    n: int,
    ask: Ask,
    seed: int,
    temperature: float = TEMPERATURE,
) -> list[Program]:
    request = Request(
        prompt,
        stage=stage,
        n=n,
        max_tokens=MAX_TOKENS,
        sampling=Sampling(temperature=temperature, seed=seed),
        grammar=grammar,
    )
    return [parse_program(candidate, specification) for candidate in ask(request)]

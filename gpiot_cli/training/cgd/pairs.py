"""Makes the pairs of equations 4 to 6 of GPIoT from a documented object and what running it showed.

- D1, description: "Provide detailed descriptions of MODULE from PACKAGE." and its documentation.
- D2, implementation: "Write some Python code with comments and documentation to perform ... by using
  MODULE from PACKAGE." and a documented function; where none can be cut out of the examples, the
  examples as a script.
- D3, example: the structured specification of Fig. 10(c) and the function that meets it.

The code of D2 and D3 is what ran; comments and docstrings were added. Prompts are those of `gpiot`:
half of D3 is asked as `gpiot generate` asks, half as the model alone is asked (`direct`).
"""

import ast
import hashlib
from collections.abc import Sequence

from pydantic import ValidationError

from gpiot_cli.engine.protocol import Prompt
from gpiot_cli.prompts import render
from gpiot_cli.synthesis.generate import generation_prompt
from gpiot_cli.synthesis.specification import Parameter, Specification, parse_parameter
from gpiot_cli.training.cgd.documentation import Documentation, Field, sentence
from gpiot_cli.training.cgd.execute import Function, Given, Verdict
from gpiot_cli.training.cgd.mine import Documented
from gpiot_cli.training.cgd.packages import Package
from gpiot_cli.training.cgd.tasks import Catalog, docstring_line, function_name
from gpiot_cli.training.dataset import Example, Message

STUB = "runs on stub data"
DESCRIBED = "documentation"

LONGEST_CODE = 70
"""Lines: what a generated program may have."""
LONGEST_LINE = 200
LONGEST_DESCRIPTION = 3000
"""Characters of a D1 answer."""
APPROACH_LENGTH = 140


class Source:
    """An object with all that its pairs need."""

    def __init__(
        self,
        package: Package,
        version: str,
        documented: Documented,
        documentation: Documentation,
        catalog: Catalog,
    ) -> None:
        self.package = package
        self.documented = documented
        self.documentation = documentation
        self.catalog = catalog
        self.facts = {
            "package": package.name,
            "version": version,
            "licence": package.licence,
            "object": documented.path,
            "topic": package.topic_of(documented.path),
            "core": "yes" if package.is_core(documented.path) else "no",
            "origin": "written" if documented.written else "raw",
            "line": documented.line,
        }

    def example(self, prompt: Prompt, answer: str, /, **facts: str) -> Example:
        """One pair."""
        group = f"{self.package.name}:{self.documented.path}"
        text = f"{prompt.user}\n{answer}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        return Example(
            id=f"{facts['kind']}:{self.documented.path}:{digest}",
            group=group,
            messages=(
                Message(role="system", content=prompt.system),
                Message(role="user", content=prompt.user),
                Message(role="assistant", content=answer),
            ),
            source={**self.facts, **facts},
        )


def description_pair(source: Source) -> Example | None:
    """D1; None for an object of whose parameters nothing is said."""
    documentation = source.documentation
    if not documentation.summary or not any(p.meaning for p in documentation.parameters):
        return None
    documented = source.documented
    prompt = render("describe", module=documented.path, package=source.package.name)
    lines = [f"`{documented.path}{documented.signature or '(...)'}`", "", documentation.summary]
    if documentation.description:
        lines += ["", documentation.description.split("\n\n")[0]]
    for title, fields in (
        ("Parameters", documentation.parameters),
        ("Returns", documentation.returns),
    ):
        told = [field for field in fields if field.meaning or field.type]
        if told:
            lines += ["", f"## {title}", *map(_item, told)]
    answer = "\n".join(lines)
    if len(answer) > LONGEST_DESCRIPTION:
        return None
    return source.example(prompt, answer, kind="D1", strength=DESCRIBED, form="description")


def code_pairs(source: Source, verdict: Verdict, *, stub: bool) -> list[Example]:
    """D3 and D2 of an object whose examples ran."""
    strength = STUB if stub else verdict.verdict
    if verdict.function is None:
        script = None if stub else _script(verdict)
        if script is None or not source.documentation.summary:
            return []
        prompt = render("use_module", task=_wish(source))
        return [source.example(prompt, script, kind="D2", strength=strength, form="script")]

    function = verdict.function
    name = function_name(source.documentation.summary, source.documented.leaf)
    if not _is_short(function.commented):
        return []
    inputs = [_parameter(given, _meaning(given, source), given.name) for given in function.inputs]
    results = _results(function, source)
    pairs = []
    specification = _specification(name, function, source, inputs, results)
    if specification is not None:
        prompt, answer, asked = _third(specification, function.code, source)
        facts = {"kind": "D3", "strength": strength, "form": "function", "prompt": asked}
        pairs.append(source.example(prompt, answer, **facts))
    prompt = render("direct", task=_wish(source), signature=function.signature)
    answer = _fenced(_documented(function, source, inputs, results))
    facts = {"kind": "D2", "strength": strength, "form": "function", "prompt": "direct"}
    return [*pairs, source.example(prompt, answer, **facts)]


def _third(specification: Specification, code: str, source: Source) -> tuple[Prompt, str, str]:
    """Prompt and answer of D3, and which prompt it is."""
    does = sentence(source.documentation.summary, APPROACH_LENGTH - 40).rstrip(" .…")
    by = f"{source.documented.leaf} from the package {source.package.name}"
    approach = f"{does[:1].upper()}{does[1:]}, with {by}".replace("`", "").replace(".", "")
    approach = f"{approach[:APPROACH_LENGTH]}."
    return asked_for(specification, _fenced(code), approach, source.documented.path)


def asked_for(
    specification: Specification, block: str, approach: str, name: str
) -> tuple[Prompt, str, str]:
    """Prompt and answer of D3, and which prompt it is: by the hash of a name one of two.

    `block` is the program between its fences, `approach` the sentence before it.
    """
    if hashlib.sha256(name.encode()).digest()[0] % 2:
        prompt = render("direct", task=specification.markdown, signature=specification.signature)
        return prompt, block, "direct"
    prompt = generation_prompt(specification.target, specification)
    return prompt, f"{approach}\n\n{block}", "generate"


def _specification(
    name: str,
    function: Function,
    source: Source,
    inputs: Sequence[Parameter | None],
    results: Sequence[Parameter | None],
) -> Specification | None:
    """The specification; None where the documentation does not say what its parts mean, or the
    function does what nobody could know from it.
    """
    known = [item for item in inputs if item]
    given = [item for item in results if item]
    if len(known) != len(inputs) or len(given) != len(results):
        return None
    target = docstring_line(source.documentation.summary)
    if more := sentence(source.documentation.description):
        target += f" {more[:1].upper()}{more[1:]}."
    if function.options:
        settings = ", ".join(f"{key} = {value}" for key, value in function.options.items())
        target += f" Settings: {settings}."
    specification = Specification(
        name=name, target=target, inputs=tuple(known), outputs=tuple(given)
    )
    if specification.signature != function.signature or not _tells(target, function.code):
        return None
    return specification


def _tells(target: str, code: str) -> bool:
    """Whether a target names the numbers and texts of a program, so that it can be written from it.

    Numbers up to 2 are those of indices, axes and halves.
    """
    (function,) = [n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef)]
    constants = [
        node.value
        for statement in function.body[1:]  # after the docstring
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant)
    ]
    return all(
        repr(value) in target
        for value in constants
        if isinstance(value, str) or (isinstance(value, int | float) and value not in (0, 1, 2))
    )


def _results(function: Function, source: Source) -> list[Parameter | None]:
    """The results, named and explained as the documentation of what returns them does."""
    returns = source.documentation.returns
    if not source.documented.written:
        returns = _documentation_of(function.callee, source).returns if function.callee else ()
    single = len(function.outputs) == 1
    results = []
    for index, given in enumerate(function.outputs):
        named = next((field for field in returns if field.name == given.name), None)
        told = named or (returns[index] if len(returns) == len(function.outputs) else None)
        # A line without a name is taken for a type, whatever it says.
        meaning = sentence(told.meaning or told.type) if told else ""
        name = told.name if told and told.name and given.name.startswith("result") else given.name
        if not meaning and single:
            meaning = "the result"
        results.append(_parameter(given, meaning, name))
    return results


def _meaning(given: Given, source: Source) -> str:
    """What the documentation says of the parameter that an input is given to, or is called like."""
    documentation = _documentation_of(given.callee, source)
    names = [field.name for field in documentation.parameters]
    if given.callee == source.documented.leaf and source.documented.parameters:
        names = [argument.name for argument in source.documented.parameters]
    place = int(given.argument) if given.argument.isdigit() else len(names)
    called = names[place] if place < len(names) else given.argument
    meanings = [f.meaning for f in documentation.parameters if f.name == called]
    meanings += [f.meaning for f in source.documentation.parameters if f.name == given.name]
    return next((sentence(meaning) for meaning in meanings if meaning), "")


def _documentation_of(callee: str, source: Source) -> Documentation:
    """The documentation of a function or method by its last name, as seen from an object."""
    own = source.documented
    if callee == own.leaf:
        return source.documentation
    owner = own.path if own.kind == "class" else own.owner
    found = source.catalog.get(f"{owner}.{callee}")
    return found[1] if found else Documentation(summary="", description="")


def _parameter(given: Given, meaning: str, name: str) -> Parameter | None:
    """`name (type): meaning`; None where it has no meaning or is none."""
    if not meaning:
        return None
    form = f" ({given.form})" if given.form else ""
    try:
        return parse_parameter(f"{name} ({given.type}): {meaning}{form}")
    except (ValueError, ValidationError):
        return None


def _documented(
    function: Function,
    source: Source,
    inputs: Sequence[Parameter | None],
    results: Sequence[Parameter | None],
) -> str:
    """The commented code with its docstring extended by parameters and results."""
    summary = docstring_line(source.documentation.summary)
    lines = [summary]
    for title, items in (("Parameters", inputs), ("Returns", results)):
        told = [item for item in items if item]
        if told:
            lines += ["", f"    {title}", f"    {'-' * len(title)}"]
            for item in told:
                meaning = item.meaning.replace("\\", "").replace('"', "'")
                lines += [f"    {item.name} : {item.type}", f"        {meaning}"]
    if len(lines) == 1:
        return function.commented
    text = "\n".join([*lines, "    "])
    return function.commented.replace(f'"""{summary}"""', f'"""{text}"""', 1)


def _script(verdict: Verdict) -> str | None:
    """The example as it ran, with what the documentation says as comments."""
    lines: list[str] = []
    for prose, statement in verdict.statements:
        if prose and lines:
            lines.append("")
        if prose:
            lines.append(f"# {prose}")
        lines.append(statement)
    code = "\n".join(lines)
    return _fenced(code) if _is_short(code) else None


def _is_short(code: str) -> bool:
    lines = code.splitlines()
    return len(lines) <= LONGEST_CODE and max(map(len, lines), default=0) <= LONGEST_LINE


def _wish(source: Source) -> str:
    """The task of D2, in the paper's words."""
    target = sentence(source.documentation.summary)
    return (
        f'Write some Python code with comments and documentation to perform "{target}" by using '
        f"{source.documented.path} from {source.package.name}."
    )


def _item(field: Field) -> str:
    kind = f" ({field.type})" if field.type else ""
    name = f"`{field.name}`{kind}" if field.name else field.type or "result"
    return f"- {name}: {sentence(field.meaning, 300)}"


def _fenced(code: str) -> str:
    return f"```python\n{code.strip()}\n```"

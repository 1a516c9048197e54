"""The structured specification of a sub-task (GPIoT, Fig. 10(c)): target, inputs, outputs."""

import ast
import re
from keyword import iskeyword
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

TypeName = Literal[
    "numpy.ndarray", "float", "int", "bool", "str", "list", "dict", "pandas.DataFrame"
]
TYPE_NAMES: tuple[TypeName, ...] = get_args(TypeName)

RESERVED = {"np", "pd", "scipy", "recipes", "self", "_"}
"""Names that have a meaning of their own in a generated module, besides Python's."""

NAME = r"^[A-Za-z_]\w*$"
DEF = re.compile(r"^def \w+\(.*?\)\s*(?:->[^:]+)?:", re.MULTILINE | re.DOTALL)
ALIASES = {"np.ndarray": "numpy.ndarray", "pd.DataFrame": "pandas.DataFrame"}

ITEM = re.compile(
    r"^[-*]?\s*`?(?P<name>[A-Za-z_]\w*)`?\s*\((?P<type>[\w.]+)\)\s*:\s*(?P<meaning>.+?)\s*$"
)


class Parameter(BaseModel):
    """One input or output: `name (type): meaning`."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=NAME)
    type: TypeName
    meaning: str = Field(min_length=1)

    def __str__(self) -> str:
        return f"{self.name} ({self.type}): {self.meaning}"


class Specification(BaseModel):
    """What one step of a pipeline must do, as data and (`markdown`) as the paper's text."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=NAME)
    """The Python function that implements it."""
    target: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    given_signature: str = ""
    """The exact `def` line, where a person gave one."""

    @property
    def signature(self) -> str:
        """The Python `def` line; several outputs are returned as a tuple in their order."""
        if self.given_signature:
            return self.given_signature
        inputs = ", ".join(f"{p.name}: {annotation(p.type)}" for p in self.inputs)
        returns = ", ".join(annotation(p.type) for p in self.outputs)
        if len(self.outputs) != 1:
            returns = f"tuple[{returns}]"
        return f"def {self.name}({inputs}) -> {returns}:"

    @property
    def markdown(self) -> str:
        """The specification as the paper writes it."""
        lines = ["## Target", self.target, "", "## Inputs"]
        lines += [f"- {p}" for p in self.inputs]
        lines += ["", "## Outputs"]
        lines += [f"- {p}" for p in self.outputs]
        return "\n".join(lines) + "\n"

    @classmethod
    def from_markdown(cls, text: str, name: str = "solve") -> "Specification":
        """Read what `markdown` prints, as a person writes it.

        Before the target may stand the exact `def …:` line, fenced or not; without it the function
        is called `name`. Raises `ValueError` with a sentence about the first fault.
        """
        head, sections = _sections(text)
        for section in ("Target", "Inputs", "Outputs"):
            if not sections.get(section):
                raise ValueError(f"the section '## {section}' is missing or empty")
        inputs = tuple(parse_parameter(line) for line in _items(sections["Inputs"]))
        outputs = tuple(parse_parameter(line) for line in _items(sections["Outputs"]))
        found = DEF.search(head)
        if not found and (line := re.search(r"^[ \t]*def\b.*", head, re.MULTILINE)):
            raise ValueError(f"{line[0].strip()} is not of the form 'def name(arguments):'")
        signature = " ".join(found[0].split()) if found else ""
        if signature:
            name, arguments = _read_signature(signature)
            if sorted(arguments) != sorted(p.name for p in inputs):
                raise ValueError(f"the inputs are not the arguments of {signature}")
        for names in ([name], [p.name for p in inputs], [p.name for p in outputs]):
            for one in names:
                if has_meaning(one):
                    raise ValueError(f"{one} has a meaning of its own in the program")
                if names.count(one) > 1:
                    raise ValueError(f"{one} stands there twice")
        return cls(
            name=name,
            target=" ".join(" ".join(sections["Target"]).split()),
            inputs=inputs,
            outputs=outputs,
            given_signature=signature,
        )


def has_meaning(name: str) -> bool:
    """Whether a name cannot be given to a value of a generated module."""
    return iskeyword(name) or name in RESERVED


def _sections(text: str) -> tuple[str, dict[str, list[str]]]:
    """What stands before the first `##` heading, and the lines below each heading."""
    head: list[str] = []
    sections: dict[str, list[str]] = {}
    current = head
    for line in text.splitlines():
        heading = re.match(r"^##\s+(\w+)\s*:?\s*$", line)
        if heading:
            current = sections.setdefault(heading[1].capitalize(), [])
        elif line.strip():
            current.append(line)
    return "\n".join(head), sections


def _items(lines: list[str]) -> list[str]:
    """The items of a list; an indented line continues the one above."""
    items: list[str] = []
    for line in lines:
        if items and line[0].isspace() and not line.lstrip().startswith(("-", "*")):
            items[-1] += " " + line.strip()
        else:
            items.append(line)
    return items


def _read_signature(signature: str) -> tuple[str, list[str]]:
    try:
        function = ast.parse(f"{signature} ...").body[0]
    except SyntaxError as error:
        raise ValueError(f"{signature} is not Python: {error.msg}") from error
    assert isinstance(function, ast.FunctionDef)
    arguments = function.args
    return function.name, [a.arg for a in (*arguments.args, *arguments.kwonlyargs)]


def annotation(type_name: str) -> str:
    """The Python annotation of a specification type, as generated modules import it."""
    return {"numpy.ndarray": "np.ndarray", "pandas.DataFrame": "pd.DataFrame"}.get(
        type_name, type_name
    )


def parse_parameter(line: str) -> Parameter:
    """Read `name (type): meaning`; raises `ValueError` on anything else."""
    match = ITEM.match(line.strip())
    if match is None:
        raise ValueError(f"not of the form 'name (type): meaning': {line.strip()!r}")
    fields = match.groupdict()
    fields["type"] = ALIASES.get(fields["type"], fields["type"])
    if fields["type"] not in TYPE_NAMES:
        raise ValueError(f"{fields['type']} is not one of the types {', '.join(TYPE_NAMES)}")
    return Parameter.model_validate(fields)

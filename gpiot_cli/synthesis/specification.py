"""The structured specification of a sub-task (GPIoT, Fig. 10(c)): target, inputs, outputs."""

import re
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

TypeName = Literal[
    "numpy.ndarray", "float", "int", "bool", "str", "list", "dict", "pandas.DataFrame"
]
TYPE_NAMES: tuple[TypeName, ...] = get_args(TypeName)

ITEM = re.compile(
    r"^[-*]?\s*`?(?P<name>[A-Za-z_]\w*)`?\s*\((?P<type>[\w.]+)\)\s*:\s*(?P<meaning>.+?)\s*$"
)


class Parameter(BaseModel):
    """One input or output: `name (type): meaning`."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=r"^[A-Za-z_]\w*$")
    type: TypeName
    meaning: str = Field(min_length=1)

    def __str__(self) -> str:
        return f"{self.name} ({self.type}): {self.meaning}"


class Specification(BaseModel):
    """What one step of a pipeline must do, as data and (`markdown`) as the paper's text."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=r"^[a-z_][a-z0-9_]*$")
    """The Python function that implements it."""
    target: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]

    @property
    def signature(self) -> str:
        """The Python `def` line; several outputs are returned as a tuple in their order."""
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
    return Parameter.model_validate(match.groupdict())

"""Prompts are Jinja files with a `system` and a `user` block; a missing variable is an error."""

from functools import cache

import jinja2

from gpiot_cli.engine.protocol import Prompt
from gpiot_cli.paths import shipped


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(shipped("prompts")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


def render(name: str, /, **variables: object) -> Prompt:
    """Render `prompts/<name>.j2`; raises `jinja2.UndefinedError` when a variable is missing."""
    template = _environment().get_template(f"{name}.j2")
    context = template.new_context(variables)
    blocks = {
        block: "".join(template.blocks[block](context)).strip() for block in ("system", "user")
    }
    return Prompt(**blocks)

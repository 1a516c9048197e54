"""Writes docs/cli.md from the live `--help` of every command: `make docs`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from gpiot_cli.cli.devpiolt import app as devpiolt
from gpiot_cli.cli.gpiot import app as gpiot

PAGE = Path(__file__).with_name("cli.md")
WIDTH = 98

HEADER = """# Command lines

Written by `make docs` from the programs' own `--help`; do not edit.

Exit codes: 0 done, 1 you can mend it (one sentence says what is wrong and what to do), 2 unexpected,
130 interrupted. The product is on stdout, messages and progress are on stderr. Set GPIOT_DEBUG=1 for
the traceback of an unexpected error.
"""


def helps(app: typer.Typer, name: str) -> dict[str, str]:
    """The help of a program and all its commands, by what is typed ("gpiot model pull")."""
    command = get_command(app)
    context = command.context_class(command, info_name=name, terminal_width=WIDTH)
    return dict(_walk(command, context))


def _walk(command: Any, context: Any) -> Iterator[tuple[str, str]]:
    yield context.command_path, command.get_help(context)
    if not hasattr(command, "list_commands"):
        return
    for name in command.list_commands(context):
        _, below, _ = command.resolve_command(context, [name])
        yield from _walk(
            below,
            below.context_class(below, info_name=name, parent=context, terminal_width=WIDTH),
        )


def page() -> str:
    """The whole page."""
    found = helps(gpiot, "gpiot") | helps(devpiolt, "devpiolt")
    sections = []
    for typed, text in found.items():
        level = "##" if " " not in typed else "###"
        sections.append(f"{level} {typed}\n\n```text\n{text.strip()}\n```\n")
    return "\n".join([HEADER, *sections])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

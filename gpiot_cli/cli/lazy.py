"""Command groups that import a command's module only when that command runs.

A registry maps each command to where it lives and the one line that help shows for it:

    {"model": ("gpiot_cli.cli.model:app", "Fetch and list language models.")}

The object is a function with typer annotations (one command) or a `typer.Typer` (a group).
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from gpiot_cli import __version__

Registry = Mapping[str, tuple[str, str]]


def program(name: str, registry: Registry, about: str) -> typer.Typer:
    """The root of the command line `name`: the registry's commands and `--version`; help is `about`."""
    app = typer.Typer(
        cls=lazy_group(registry),
        help=about,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,  # rich would cost `--help` half of its time
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            print(f"{name} {__version__}")
            raise typer.Exit

    @app.callback()
    def root(
        version: Annotated[
            bool,
            typer.Option(
                "--version", callback=show_version, is_eager=True, help="Show the version."
            ),
        ] = False,
    ) -> None:
        pass

    return app


def lazy_group(registry: Registry) -> type[TyperGroup]:
    """A group class for `typer.Typer(cls=...)` that offers the registry's commands."""

    class LazyGroup(TyperGroup):
        """Stands in for every command by its name and line until one is called."""

        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            for name, (_, line) in registry.items():
                self.add_command(TyperCommand(name, help=line, rich_markup_mode=None))

        def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
            name, stand_in, rest = super().resolve_command(ctx, args)
            return name, load(name, registry[name][0]) if name else stand_in, rest

    return LazyGroup


def load(name: str, path: str) -> Any:
    """The click command behind `path` ("package.module:object")."""
    module, _, attribute = path.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return get_command(found)
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name)(found)
    return get_command(app)

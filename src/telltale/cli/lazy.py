"""A command group that imports a command's module when the command is used.

`telltale --help` must not wait for SQLAlchemy, and a command that cannot be imported must not
take the others with it.
"""

from importlib import import_module

import click
import msgspec


class Lazy(msgspec.Struct, frozen=True):
    """A command that is not imported yet."""

    module: str
    name: str
    """Of the command within the module."""
    help: str
    """One line for the list of commands."""


class LazyGroup(click.Group):
    """Commands by name, imported on use."""

    def __init__(self, *args: object, lazy: dict[str, Lazy], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        lazy = self.lazy.get(cmd_name)
        return None if lazy is None else getattr(import_module(lazy.module), lazy.name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in self.lazy.items()])

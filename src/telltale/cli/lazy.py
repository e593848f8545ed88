"""A command group that imports a command's module when the command is used.

`telltale --help` must not wait for SQLAlchemy, and a command that cannot be imported must not
take the others with it.
"""

from importlib import import_module

import click
import msgspec

from telltale.nouns.nearest import nearest


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named, or say which may be meant."""
        given = args[0]
        if given not in self.lazy and not given.startswith("-"):
            near = nearest(given, self.lazy)
            meant = f"did you mean {' or '.join(map(repr, near))}?"
            there = f"there are {', '.join(self.lazy)}"
            ctx.fail(f"there is no command {given!r}; {meant if near else there}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in self.lazy.items()])

"""Which home a command works on."""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import Any

import click
import msgspec

from telltale.nouns.errors import BadInput, NotFound, TelltaleError
from telltale.nouns.remedies import start_server
from telltale.server.home import Tenant, tenant_of
from telltale.tracing.settings import default_home, programs_home, temporary_home

_INSTEAD = "give another one with --home or TELLTALE_HOME"


def home_option(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--home`; whether there is such a folder is for the command to say.

    Args:
        what: The help's first sentence, as each command uses the home for something else.
    """
    return click.option(
        "--home",
        type=click.Path(readable=False, path_type=Path),
        help=f"{what}  [default: $TELLTALE_HOME, else ~/.telltale]",
    )


class SameHome(msgspec.Struct, frozen=True):
    """Commands for the home that this one works on, as a person has to type them."""

    given: Path | None = None
    """With `--home`; None where it was not, and need not be the next time."""

    def command(self, words: str) -> str:
        """`` `telltale flush --home x` ``, in backticks."""
        return f"`telltale {words}{self._option}`"

    def start_server(self, address: str) -> str:
        """How there comes to be a server at an address, for this home."""
        return start_server(address, self._option)

    @property
    def _option(self) -> str:
        return "" if self.given is None else f" --home {quote(str(self.given))}"


def holder_of(home: Path) -> Tenant | None:
    """The server that lives in a home now; None where none does, or nobody can tell."""
    try:
        return tenant_of(home)
    except OSError:
        return None


def why_closed(folder: Path) -> str:
    """Why this user cannot read and write in a folder, as the end of a sentence; else empty."""
    if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        # After an error of its disk a file system may let itself be read alone, and not say so.
        return "lies on a file system that takes no writes now" if _takes_no_writes(folder) else ""
    # Where that cannot be asked, it is not this which is in the way.
    with contextlib.suppress(OSError):
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return "lies on a file system that is mounted read-only"
    return f"may not be read and written by user {os.geteuid()}"


def _takes_no_writes(folder: Path) -> bool:
    """Tried with a file that has no name, and is gone when it is closed."""
    if not hasattr(os, "O_TMPFILE"):
        return False
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except OSError as error:
        return error.errno == errno.EROFS
    return False


def chosen_home(given: Path | None) -> Path:
    """The home that is meant, whether or not it is there.

    Args:
        given: With `--home`; None where it was not.

    Raises:
        BadInput: If it is in the folder of a user whose folder nobody knows, as where a container
            runs as a user of its own.
    """
    try:
        return (given or default_home()).expanduser().absolute()
    except RuntimeError as error:
        named = os.environ.get("TELLTALE_HOME", "") if given is None else str(given)
        raise BadInput(
            f"home {named or '~/.telltale'!r}: no such user's folder is known here ({error}); set "
            f"TELLTALE_HOME to a path that begins with /. Meanwhile programs keep their spans in "
            f"{temporary_home()}",
            given=named,
            expected="a path",
        ) from error


def home_there(given: Path | None) -> Path:
    """The home that is meant, which has to be there: by default that of programs.

    Args:
        given: With `--home`; None where it was not.

    Raises:
        NotFound: If nothing is there.
        BadInput: If it is not a folder.
        TelltaleError: If this user may not look into it.
    """
    programs = programs_home().path
    home = programs if given is None and programs.is_dir() else chosen_home(given)
    try:
        is_folder, is_there = home.is_dir(), home.exists()
    except OSError as error:
        raise TelltaleError(
            f"home {str(home)!r} cannot be reached: {error.strerror}; {_INSTEAD}"
        ) from error
    if not is_there:
        raise NotFound(
            f"home {str(home)!r}: there is no such folder; {_INSTEAD}",
            given=str(home),
        )
    if not is_folder:
        raise BadInput(
            f"home {str(home)!r} is not a folder; {_INSTEAD}",
            given=str(home),
            expected="a folder",
        )
    if not os.access(home, os.R_OK | os.X_OK):
        raise TelltaleError(
            f"home {str(home)!r} may not be read by user {os.geteuid()}; run this as the user that "
            f"it belongs to, or {_INSTEAD}"
        )
    return home

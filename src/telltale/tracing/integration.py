"""An integration is a value: what to patch in one framework, and whose calls it speaks for."""

import importlib.util
import sys
from collections.abc import Callable

import msgspec

from telltale.tracing.calls import Target, patch_for
from telltale.tracing.guard import aloud, is_users, say_once, talkative_lock
from telltale.tracing.live import current
from telltale.tracing.patching import Patch, Patches


class Integration(msgspec.Struct, frozen=True, kw_only=True):
    """How one framework is observed."""

    name: str
    package: str
    """What the user imports."""
    versions: str
    """Version specifier that the integration is tested with."""
    targets: tuple[Target, ...] = ()
    """Functions whose calls are spans."""
    patches: tuple[Patch, ...] = ()
    """Other places to listen at, for a framework that reports by events."""
    joins: frozenset[str] = frozenset()
    """Names of integrations whose calls add their facts to our span of the same kind."""
    on_uninstall: Callable[[], None] | None = None


class _Installed:
    """The patches of one integration, and who asked for them."""

    def __init__(self, integration: Integration) -> None:
        self.by_name = False
        """Asked for by the user: every call is traced."""
        self.for_others: set[str] = set()
        """Integrations that asked: only calls under a span are traced."""
        self.patches = Patches(
            [patch_for(target, integration.name, self._is_wanted) for target in integration.targets]
            + list(integration.patches)
        )

    def _is_wanted(self) -> bool:
        return self.by_name or (bool(self.for_others) and current.get() is not None)

    def is_idle(self) -> bool:
        return not self.by_name and not self.for_others


_installed: dict[str, _Installed] = {}
"""By name. A function is patched once, whoever asks for it."""
_switching = talkative_lock()


def switch(
    integration: Integration, inner: tuple[Integration, ...] = (), *, disable: bool = False
) -> None:
    """Begin to trace a framework, or stop: afterwards its functions are the identical objects.

    May be called before the framework is imported, and more than once.

    Args:
        inner: Integrations of what the framework calls in turn: traced along with it, but only
            where a span is open already.
    """
    move = _release if disable else _install
    if not disable and not _is_installed(integration.package):
        _say_missing(integration.package)
    with aloud, _switching:
        move(integration, None)
        for other in inner:
            move(other, integration.name)


def _is_installed(package: str) -> bool:
    """Whether it can be imported, as far as that can be told without importing any of it."""
    try:
        return importlib.util.find_spec(package.partition(".")[0]) is not None
    except Exception as error:
        # Finders are the program's own; what they raise is no answer.
        if is_users(error):
            raise
        return True


def _say_missing(package: str) -> None:
    say_once(
        f"{package} is not installed",
        "Telltale: %s is not installed for %s: nothing of it is traced unless that changes while "
        "this program runs. Run the program with the Python that has it, or install it for this "
        "one: `%s -m pip install %s`",
        package.partition(".")[0],
        sys.executable,
        sys.executable,
        package.replace(".", "-"),
    )


def _install(integration: Integration, asked_by: str | None) -> None:
    entry = _installed.get(integration.name)
    if entry is None:
        entry = _installed[integration.name] = _Installed(integration)
        entry.patches.put_on()
    if asked_by is None:
        entry.by_name = True
    else:
        entry.for_others.add(asked_by)


def _release(integration: Integration, asked_by: str | None) -> None:
    entry = _installed.get(integration.name)
    if entry is None:
        return
    if asked_by is None:
        entry.by_name = False
    else:
        entry.for_others.discard(asked_by)
    if entry.is_idle():
        entry.patches.take_off()
        del _installed[integration.name]
        if integration.on_uninstall is not None:
            integration.on_uninstall()

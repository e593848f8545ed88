"""The one thing that this process traces with: settings, provider, journal, shipper.

Nothing is opened before the first span. Home and provider are fixed by it, unless the program
becomes another user; the destination and everything else may change later.
"""

import atexit
import errno
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import NoOpTracer, Tracer

from telltale.nouns.errors import SettingFixed
from telltale.nouns.version import installed_version
from telltale.tracing.guard import aloud, fault, may_say_again, ours, say_once, talkative_lock
from telltale.tracing.journal import Journal
from telltale.tracing.post import is_telltale
from telltale.tracing.provider import make_provider, process_resource
from telltale.tracing.recorder import Recorder
from telltale.tracing.secrets import KnownSecrets
from telltale.tracing.settings import (
    TRACKING_URI,
    Destination,
    Settings,
    named_destination,
    programs_home,
    settled_destination,
    temporary_home,
)
from telltale.tracing.shipper import Shipper

SCOPE = "telltale"
"""Name of the instrumentation scope of all spans that this SDK makes."""
EXIT_TIMEOUT_S = 2.0
"""How long the end of the user's program may wait for a server that does not answer."""
_TRIES = 3
RETRY_S = 1.0
"""Where the journal could not be opened: disk or table of open files may have been full."""
_AFTER_ALL_OTHERS = -1000
_FIXED_AT_FIRST_SPAN = ("home", "ignore_otel_disabled")


class Tracing:
    """Settings, provider, journal and shipper of one process."""

    def __init__(self) -> None:
        self._starting = talkative_lock()
        self._is_starting = False
        self._next_try_s = 0.0
        self._settings: Settings | None = None
        self._tracer: Tracer | None = None
        self._journal: Journal | None = None
        self._shipper: Shipper | None = None
        self.secrets = KnownSecrets()

    @property
    def settings(self) -> Settings:
        """What holds now."""
        if self._settings is None:
            self._settings = _settings_from_environment()
        return self._settings

    def change(self, **changes: Any) -> None:
        """Replace settings.

        Raises:
            SettingFixed: If the change comes too late.
        """
        before = self.settings
        after = msgspec.structs.replace(before, **changes)
        if self._tracer is not None:
            for name in _FIXED_AT_FIRST_SPAN:
                if getattr(before, name) != getattr(after, name):
                    raise SettingFixed(
                        f"{name}={getattr(after, name)!r}: it is fixed once the first span has "
                        f"started, as {getattr(before, name)!r}; set it earlier in the program"
                    )
        self._settings = after
        if self._journal is not None and after.destination != before.destination:
            self._journal.redirect(after.destination)

    def tracer(self) -> Tracer:
        """OpenTelemetry's tracer, made at the first call."""
        return self._tracer or self._start()

    def flush(self, timeout_s: float) -> bool:
        """Ship what was written; True once the server has it, and if there was nothing."""
        return self._shipper is None or self._shipper.flush(timeout_s)

    def after_fork(self) -> None:
        """A forked child leaves the parent's journal alone and starts its own when needed.

        Its descriptors the child has let go of already: see `handles`.
        """
        self._is_starting = False
        self._next_try_s = 0.0
        self._tracer = self._journal = self._shipper = None

    def _record(self, record: bytes) -> None:
        """Append to the journal of this process; a span that a fork inherited began in another."""
        for _ in range(_TRIES):
            journal = self._journal
            if journal is None:
                self.tracer()
                journal = self._journal
            # A journal that is being closed takes no more; what follows begins another.
            if journal is None or journal.write(record):
                return
            self._leave(journal)

    def _leave(self, journal: Journal) -> None:
        """Go on in a home that can be written: this program has become another user."""
        with aloud, self._starting:
            if journal is not self._journal:
                return  # It has been left: at the end of the program, or by another thread.
            home = temporary_home()
            self._settings = msgspec.structs.replace(self.settings, home=home)
            if self._shipper is not None:
                self._shipper.give_up()
            self._tracer = self._journal = self._shipper = None
        say_once(
            "another user",
            "Telltale: this program runs as user %d now, who may not enter %s: spans go on in %s. "
            "What is left in either after this program's end is brought by `telltale flush` by "
            "somebody who may enter the first, and by `telltale flush --home %s`. Begin to trace "
            "after the change of user, or name in TELLTALE_HOME a folder of that user's.",
            os.geteuid(),
            journal.folder,
            home,
            home,
        )

    def at_exit(self) -> None:
        """Ship the rest. What does not arrive waits in the journal.

        What ends still later, in another exit handler, begins a journal of its own.
        """
        shipper = self._shipper
        self._tracer = self._journal = self._shipper = None
        try:
            if shipper is not None:
                shipper.finish(EXIT_TIMEOUT_S)
        except Exception as error:  # noqa: BLE001  the program's exit code is the user's
            fault("shipping at exit", error)

    def _start(self) -> Tracer:
        with aloud, self._starting:
            if self._tracer is None:
                # What we log while we start is handled by a function that is itself traced.
                if self._is_starting or time.monotonic() < self._next_try_s:
                    return NoOpTracer()
                self._is_starting = True
                try:
                    self._tracer = self._started()
                finally:
                    self._is_starting = False
                if self._tracer is None:
                    self._next_try_s = time.monotonic() + RETRY_S
            return self._tracer or NoOpTracer()

    def _started(self) -> Tracer | None:
        """None where there is no journal to write to."""
        self._leave_strangers_alone()
        settings, sdk_version = self.settings, installed_version()
        resource = process_resource(sdk_version)
        recorder = Recorder(self._record, self.secrets, lambda: self.settings.redact)
        tracer = make_provider(
            recorder, resource, ignore_otel_disabled=settings.ignore_otel_disabled
        ).get_tracer(SCOPE, sdk_version)
        if isinstance(tracer, NoOpTracer):
            return tracer  # Switched off: nothing is written, and nobody is asked.
        self.secrets.refresh()
        # Both may be there, where an interrupt has ended an earlier start.
        if self._journal is None:
            self._journal = self._opened(settings, resource)
            if self._journal is None:
                return None
        if self.settings.destination != settings.destination:
            # Somebody has named another while this one was opened, and saw no journal to tell.
            self._journal.redirect(self.settings.destination)
        if self._shipper is None:
            self._shipper = Shipper(self._journal)
        self._shipper.start()
        _at_the_end_of_a_worker(self.at_exit)
        return tracer

    def _opened(self, settings: Settings, resource: Resource) -> Journal | None:
        """None where it cannot be, which is said."""
        try:
            journal = Journal(
                settings.home / "journal",
                settings.destination,
                self.secrets.mask_attributes(resource.attributes),
                installed_version(),
            )
        except ours(OSError) as error:
            say_once(
                "journal",
                "Telltale: the journal folder %s cannot be used (%s); nothing is traced until it "
                "can. %s.",
                settings.home / "journal",
                error,
                "Raise the limit on open files, `ulimit -n`, or close some"
                if error.errno in (errno.EMFILE, errno.ENFILE)
                else "Set TELLTALE_HOME to a folder that this user can write, with space left, on "
                "a file system with locks",
            )
            return None
        may_say_again("journal")
        return journal

    def _leave_strangers_alone(self) -> None:
        """`MLFLOW_TRACKING_URI` may name somebody else's server: it must answer as Telltale."""
        named = Destination(self.settings.destination, self.settings.destination_origin)
        settled = settled_destination(named, is_telltale)
        if settled != named:
            say_once(
                named.origin,
                "Telltale: %s=%s does not answer as a Telltale server, so it is ignored and spans "
                "go to %s. Say %s to mean it.",
                named.origin,
                named.address,
                settled.address,
                TRACKING_URI,
            )
            self._settings = msgspec.structs.replace(
                self.settings, destination=settled.address, destination_origin=settled.origin
            )


def _settings_from_environment() -> Settings:
    """What holds before the program says anything; what is odd about it is said."""
    home, named = programs_home(), named_destination(os.environ)
    if home.problem:
        say_once(
            "home",
            "Telltale: no home is known (%s), so spans are kept in %s until they have arrived. Set "
            "TELLTALE_HOME to a path that begins with /.",
            home.problem,
            home.path,
        )
    if named.problem:
        say_once(TRACKING_URI, "Telltale: %s is not used: %s", TRACKING_URI, named.problem)
    return Settings(
        home=home.path,
        destination=named.address,
        destination_origin=named.origin,
        experiment=os.environ.get("TELLTALE_EXPERIMENT_NAME", "")
        or os.environ.get("MLFLOW_EXPERIMENT_NAME", ""),
    )


def _at_the_end_of_a_worker(ship: Callable[[], None]) -> None:
    """Workers of multiprocessing run its own exit handlers, and none of Python's."""
    process = sys.modules.get("multiprocessing.process")
    util = sys.modules.get("multiprocessing.util")
    if process is None or util is None:
        return

    def note(_: object) -> None:
        util.Finalize(None, ship, exitpriority=_AFTER_ALL_OTHERS)

    if process.parent_process() is not None:
        note(None)
    elif getattr(process.current_process(), "_inheriting", False):
        # It imports its main module. What it is told of its end now it forgets before it works.
        util.register_after_fork(TRACING, note)


TRACING = Tracing()
atexit.register(lambda: TRACING.at_exit())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: TRACING.after_fork())

"""What a running server holds open, handed to every route."""

import time
from collections.abc import Callable

import msgspec

from telltale.ingest.awaited import Awaited
from telltale.server.counts import Counts
from telltale.server.intake import Intake
from telltale.server.live import Live
from telltale.server.liveness import Liveness
from telltale.server.page import Page
from telltale.server.programs import Programs
from telltale.server.settings import Settings
from telltale.server.trouble import Trouble
from telltale.store.metadata import Metadata
from telltale.store.questions import TraceStore


def gather(
    settings: Settings,
    metadata: Metadata,
    store: TraceStore,
    page: Page,
    clock: Callable[[], float] = time.monotonic,
) -> "Resources":
    """What is opened, with what the server keeps of its own beside it."""
    counts, live = Counts(), Live()
    liveness = Liveness(store, counts, live.ring, clock)
    return Resources(
        settings=settings,
        metadata=metadata,
        store=store,
        page=page,
        counts=counts,
        live=live,
        liveness=liveness,
        programs=Programs(counts),
        intake=Intake(counts, pace_s=settings.patience.pace_s),
        trouble=Trouble(clock),
        awaited=Awaited(clock),
    )


class Resources(msgspec.Struct, frozen=True):
    """Opened once, in the order of its fields; closed in the other."""

    settings: Settings
    metadata: Metadata
    store: TraceStore
    page: Page
    counts: Counts
    live: Live
    liveness: Liveness
    programs: Programs
    intake: Intake
    trouble: Trouble
    awaited: Awaited

"""What a running server holds open, handed to every route."""

import msgspec

from telltale.server.counts import Counts
from telltale.server.live import Live
from telltale.server.page import Page
from telltale.server.settings import Settings
from telltale.store.metadata import Metadata
from telltale.store.questions import TraceStore


class Resources(msgspec.Struct, frozen=True):
    """Opened once, in the order of its fields; closed in the other."""

    settings: Settings
    metadata: Metadata
    store: TraceStore
    page: Page
    counts: Counts
    live: Live

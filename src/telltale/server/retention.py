"""Experiments whose traces are kept for some time, or within some room, and then go.

The oldest first, a few hundred at a time; what still runs stays. Whoever looks at them is told.
"""

import time
from collections.abc import Callable
from itertools import takewhile

from msgspec.structs import replace

from telltale.nouns.ids import parse_trace_id
from telltale.nouns.span import State
from telltale.nouns.trace import Experiment, Trace
from telltale.server.counts import Count, Counts
from telltale.server.live import Live
from telltale.server.rounds import Rounds
from telltale.store.metadata import Metadata
from telltale.store.questions import FindTraces, TraceStore, Weigh

LOOK_EVERY_S = 60.0
_A_PAGE = 500
_DAY_US = 86_400 * 10**6


class Retention:
    """Deletes what is older, or more, than its experiment keeps."""

    def __init__(
        self,
        metadata: Metadata,
        store: TraceStore,
        counts: Counts,
        live: Live,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self._metadata = metadata
        self._store = store
        self._counts = counts
        self._live = live
        self._now_us = now_us
        looks = {"traces that are kept no longer could not be deleted": self.look}
        self._rounds = Rounds(
            "telltale-retention", LOOK_EVERY_S, looks, counts, Count.RETENTION_RETRIES
        )

    def start(self) -> None:
        """Begin to look."""
        self._rounds.start()

    def stop(self) -> None:
        """Look no more."""
        self._rounds.stop()

    def look(self) -> None:
        """Delete what is to go by now."""
        for experiment in self._metadata.experiments():
            if experiment.keep_days is not None:
                self._hold_since(experiment, self._now_us() - experiment.keep_days * _DAY_US)
            if experiment.keep_bytes is not None:
                self._hold_to(experiment, experiment.keep_bytes)

    def _hold_since(self, experiment: Experiment, since_us: int) -> None:
        self._delete_oldest(experiment, lambda trace: trace.start_us < since_us)

    def _hold_to(self, experiment: Experiment, most: int) -> None:
        weight = self._store.read(Weigh(experiment.id))
        if weight is None or weight.bytes <= most:
            return
        # Rounded up: who may have nothing has nothing.
        left = -(-weight.spans * (weight.bytes - most) // weight.bytes)

        def is_to_go(trace: Trace) -> bool:
            nonlocal left
            left -= trace.spans
            return left + trace.spans > 0

        self._delete_oldest(experiment, is_to_go)

    def _delete_oldest(self, experiment: Experiment, is_to_go: Callable[[Trace], bool]) -> None:
        """Delete traces, the oldest first, for as long as they are to go."""
        asked = FindTraces(experiment_id=experiment.id, smallest_first=True, limit=_A_PAGE)
        while not self._rounds.is_ending:
            page = self._store.read(asked)
            oldest = list(takewhile(is_to_go, page.traces))
            self._delete([one.trace_id for one in oldest if one.state is not State.RUNNING])
            if page.next is None or len(oldest) < len(page.traces):
                return
            asked = replace(asked, cursor=page.next)

    def _delete(self, trace_ids: list[str]) -> None:
        count = self._store.delete([parse_trace_id(one) for one in trace_ids])
        if count:
            self._counts.add(Count.RETIRED, count)
            self._live.say_gone(trace_ids)

"""The thread that looks after a journal outlives whatever goes wrong with one look."""

from telltale.tracing.keeper import Keeper
from telltale.tracing.records import read_segment
from telltale.tracing.watch import BEAT_S, Traffic, Watchman
from testbed.waiting import wait_until


class OddTraffic:
    """Cannot be told the first time, for a reason that nobody has thought of."""

    def __init__(self) -> None:
        self.was_asked = False

    def __call__(self) -> Traffic:
        if not self.was_asked:
            self.was_asked = True
            raise NotImplementedError("effective_ids unavailable on this platform")
        return Traffic(retries=0, waiting_bytes=0)


def test_a_look_that_fails_in_a_way_unheard_of_is_said_and_the_next_beat_comes(
    journal, clock, caplog
):
    traffic = OddTraffic()
    watchman = Watchman(journal, Keeper(journal.folder), traffic, print, clock)
    watchman.start()
    clock.now += BEAT_S
    wait_until(lambda: traffic.was_asked)
    clock.now += BEAT_S

    wait_until(lambda: read_segment(journal.segment_path(0).read_bytes()).beats)
    assert [line for line in caplog.messages if "effective_ids unavailable" in line]
    watchman.stop(1)

"""A trace whose process fell silent says so where it is read, not only under a mouse."""

import pytest
from playwright.sync_api import expect
from uifakes.crew import Line
from uifakes.scenes import TRIP_ID
from uifakes.stored import Stored
from uifakes.windows import NARROW

from telltale.nouns.span import Kind, State

pytestmark = pytest.mark.browser
SHORT = {
    "en": "Its process fell silent before it ended",
    "zh": "其进程在结束前失去了响应",
}
REASONS = {"en": "killed, crashed, or cannot reach this server", "zh": "被终止、已崩溃，或无法连接"}


@pytest.fixture
def lost(server):
    """A crew that was never heard of again in the middle of a call."""
    trace = Stored(TRIP_ID, 1_700_000_000_000_000)
    trace.add([Line(0, Kind.CREW, "Crew", "", 0, 900)], server.next_seq(), State.LOST)
    trace.add([Line(1, Kind.TOOL, "search", "", 10, 20)], server.next_seq())
    trace.add([Line(1, Kind.LLM, "→ answer", "", 40, 100)], server.next_seq(), State.LOST)
    return server.store(trace)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_head_of_a_lost_trace_says_why_also_on_a_phone(lost, open_page, language):
    page = open_page(f"/traces/{TRIP_ID}", size=NARROW, language=language, has_touch=True)

    note = page.locator(".trace-head").get_by_text(SHORT[language])
    expect(note).to_be_visible()
    assert note.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_lost_span_says_why_nothing_came_out_of_it(lost, open_page, language):
    page = open_page(f"/traces/{TRIP_ID}", size=NARROW, language=language, has_touch=True)
    page.locator(".row", has_text="answer").tap()

    expect(page.locator(".detail").get_by_text(REASONS[language])).to_be_visible()
    page.go_back()
    page.locator(".row", has_text="search").tap()
    expect(page.locator(".detail-title h2")).to_have_text("search")
    expect(page.locator(".facts")).to_be_visible()
    expect(page.locator(".detail").get_by_text(REASONS[language])).to_have_count(0)


def test_a_process_that_is_heard_of_again_takes_the_note_away(lost, server, open_page):
    page = open_page(f"/traces/{TRIP_ID}")
    expect(page.locator(".trace-head").get_by_text(SHORT["en"])).to_be_visible()

    lost.end(0, server.next_seq(), 5_000)
    server.ring()

    expect(page.locator(".trace-head").get_by_text(SHORT["en"])).to_have_count(0)
    expect(page.locator(".detail").get_by_text(REASONS["en"])).to_have_count(0)


def test_when_a_process_was_last_heard_of_is_said_where_it_is_known(idle_page):
    said = idle_page.evaluate(
        """async () => {
            const base = document.querySelector('script[src]').src.replace('main.js', 'core/');
            const { lastHeard } = await import(base + 'outcome.js');
            return [
                lastHeard('lost', 1000, 230), lastHeard('lost', 1000, null),
                lastHeard('ended', 1000, 230),
            ];
        }"""
    )
    assert said == [1230, None, None]

"""While the server is away the page shows what it knows, and counts nothing on."""

import pytest
from playwright.sync_api import Page, expect
from uifakes.scenes import running_trip, trip

pytestmark = pytest.mark.browser
LIVE = "/api/v1/live"


def wait_for_attempts(page: Page, server, attempts: int) -> None:
    """Until the page has asked so many times in vain for its stream."""
    before = asked(server)
    while asked(server) < before + attempts:
        page.wait_for_event("request", lambda request: LIVE in request.url)


def asked(server) -> int:
    """How often somebody wanted the stream."""
    return sum(path.startswith(LIVE) for path in server.asked)


def test_the_list_has_what_the_page_of_a_trace_has_learnt(server, open_page):
    running = running_trip(server)
    page = open_page("/")
    row = page.locator(".trace-row")
    expect(row).to_contain_text("Running")
    row.click()
    page.wait_for_selector(".trace-head")
    running.end(0, server.next_seq(), 7_520)
    server.ring()
    expect(page.locator(".trace-head")).to_contain_text("7.52 s")

    server.broken.add(LIVE)
    page.get_by_role("link", name="Traces").click()

    expect(page.locator(".offline")).to_be_visible()
    expect(row).to_contain_text("OK")
    expect(row).to_contain_text("7.52 s")


def test_what_a_trace_says_when_it_is_opened_reaches_the_list_too(server, open_page):
    running = running_trip(server)
    page = open_page("/")
    row = page.locator(".trace-row")
    expect(row).to_contain_text("Running")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, writable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    running.end(0, server.next_seq(), 7_520)
    server.broken.add(LIVE)
    page.evaluate("document.hidden = false")
    row.click()
    expect(page.locator(".trace-head")).to_contain_text("7.52 s")

    page.go_back()

    expect(row).to_contain_text("7.52 s")


def test_nothing_counts_on_while_the_server_is_away(server, open_page):
    running = running_trip(server)
    page = open_page(f"/traces/{running.trace_id}")
    page.wait_for_selector(".row")
    trip(server)
    server.broken.add(LIVE)
    page.get_by_role("link", name="Traces").click()
    expect(page.locator(".offline")).to_be_visible()
    duration = page.locator(".trace-row", has_text="Running").locator(".cell-duration .number")
    said = duration.inner_text()
    wait_for_attempts(page, server, 2)
    assert duration.inner_text() == said

    server.broken.clear()

    expect(page.locator(".offline")).to_have_count(0, timeout=15_000)
    expect(duration).not_to_have_text(said)


def test_on_the_way_back_to_the_list_the_page_still_knows_that_the_server_is_away(
    server, open_page
):
    running_trip(server)
    server.broken.add(LIVE)
    page = open_page("/")
    expect(page.locator(".offline")).to_be_visible()
    page.locator(".trace-row").click()
    page.wait_for_selector(".trace-head")
    expect(page.locator(".offline")).to_be_visible()
    page.evaluate(
        """() => {
            window.gone = 0;
            new MutationObserver(() => (window.gone += document.querySelector('.offline') ? 0 : 1))
                .observe(document.querySelector('.topbar-room'), { childList: true });
        }"""
    )

    page.get_by_role("link", name="Traces").click()
    page.wait_for_selector(".trace-row")
    wait_for_attempts(page, server, 1)

    assert page.evaluate("window.gone") == 0

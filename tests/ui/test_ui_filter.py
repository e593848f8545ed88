"""The line that says which traces are listed."""

import math
import time

import pytest
from playwright.sync_api import Page, expect
from rest import rest
from uifakes.crew import Line
from uifakes.scenes import many, now_us, running_trip, trip
from uifakes.stored import Stored
from uifakes.windows import NARROW

from telltale.nouns.span import Kind

pytestmark = pytest.mark.browser
TRIPS = "/traces?filter=crew:tripcrew"


def line(page: Page):
    """The filter's field."""
    return page.get_by_role("combobox", name="Filter traces")


def count(page: Page, said: str):
    """What the head says of how many there are."""
    return page.locator(".list-head").get_by_text(said, exact=True)


def pages_asked(server) -> list[str]:
    """Questions for pages of traces, so far."""
    return [path for path in server.asked if path.startswith("/api/v1/traces?")]


def crew(server, name: str, number: int, ago_s: float) -> Stored:
    """A crew that did nothing much."""
    trace = Stored(f"{number:032x}", now_us() - round(ago_s * 1e6))
    trace.add([Line(0, Kind.CREW, name, "", 0, 500)], server.next_seq())
    return server.store(trace)


def test_slash_goes_to_it_enter_applies_it_and_the_address_holds_it(server, open_page):
    many(server, 30)
    page = open_page("/")
    expect(count(page, "30 traces")).to_be_visible()

    page.keyboard.press("/")
    expect(line(page)).to_be_focused()
    page.keyboard.type("crew:TripCrew")
    expect(count(page, "30 traces")).to_be_visible()
    page.keyboard.press("Enter")

    expect(count(page, "6 traces")).to_be_visible()
    assert page.url.endswith("/traces?filter=crew:TripCrew")
    assert page.title() == "crew:TripCrew · Traces – Telltale"
    expect(line(page)).to_be_focused()
    page.go_back()
    expect(count(page, "30 traces")).to_be_visible()
    expect(line(page)).to_have_value("")
    page.go_forward()
    expect(count(page, "6 traces")).to_be_visible()
    expect(line(page)).to_have_value("crew:TripCrew")
    page.reload()
    expect(count(page, "6 traces")).to_be_visible()
    expect(line(page)).to_have_value("crew:TripCrew")


def test_escape_leaves_it_as_it_was_and_the_keys_walk_the_list_again(server, open_page):
    many(server, 30)
    page = open_page(TRIPS)
    page.wait_for_selector(".trace-row")
    page.keyboard.press("/")
    page.keyboard.type("something else")
    line(page).dispatch_event("keydown", {"key": "Escape", "isComposing": True})
    expect(line(page)).to_have_value("something else")

    page.keyboard.press("Escape")

    expect(line(page)).to_have_value("crew:tripcrew")
    page.keyboard.press("j")
    expect(page.locator(".trace-row.chosen")).to_have_count(1)


def test_a_button_clears_it(server, open_page):
    many(server, 30)
    page = open_page(TRIPS)
    expect(count(page, "6 traces")).to_be_visible()

    page.get_by_role("button", name="Clear filter").click()

    expect(count(page, "30 traces")).to_be_visible()
    expect(line(page)).to_have_value("")
    expect(line(page)).to_be_focused()
    assert page.url.endswith("/traces")


def test_who_types_with_the_mouse_at_hand_applies_it_by_a_button(server, open_page):
    many(server, 30)
    page = open_page("/")
    line(page).fill("crew:tripcrew")
    page.get_by_role("button", name="Apply filter").click()
    expect(count(page, "6 traces")).to_be_visible()
    expect(page.get_by_role("button", name="Apply filter")).to_have_count(0)


@pytest.mark.parametrize("way", ["link", "Escape"])
def test_the_way_back_from_a_trace_keeps_it(server, open_page, way):
    many(server, 30)
    page = open_page(TRIPS + "&experiment=0")
    expect(count(page, "3 traces")).to_be_visible()
    page.locator(".trace-row").first.click()
    page.wait_for_selector(".row")
    asked = len(pages_asked(server))

    if way == "link":
        page.get_by_role("link", name="Traces").click()
    else:
        page.keyboard.press("Escape")

    expect(count(page, "3 traces")).to_be_visible()
    assert page.url.endswith("/traces?experiment=0&filter=crew:tripcrew")
    assert len(pages_asked(server)) == asked


def test_the_switch_of_experiments_keeps_it(server, open_page):
    many(server, 30)
    page = open_page(TRIPS)
    expect(count(page, "6 traces")).to_be_visible()
    page.get_by_label("Experiment").select_option(label="Holiday planning (15)")
    expect(count(page, "3 traces")).to_be_visible()
    assert page.url.endswith("/traces?experiment=1&filter=crew:tripcrew")


def test_a_long_search_goes_on_by_itself_and_says_so(server, open_page):
    many(server, 60)
    crew(server, "Needle", 1, ago_s=1e6)
    server.patience = 20
    server.goes_on.clear()
    page = open_page("/")
    page.wait_for_selector(".trace-row")
    line(page).fill("crew:needle")

    line(page).press("Enter")

    searching = page.get_by_role("status").get_by_text("Searching… 0 so far")
    expect(searching).to_be_visible()
    expect(page.locator(".trace-row")).to_have_count(0)
    expect(page.get_by_text("No trace matches")).to_have_count(0)
    server.goes_on.set()
    expect(count(page, "1 trace")).to_be_visible()
    expect(page.locator(".trace-row")).to_contain_text("Needle")
    expect(searching).to_have_count(0)


def test_a_search_rests_once_the_view_is_full(server, open_page):
    many(server, 300)
    server.patience = 5
    page = open_page("/traces?filter=crew:*")
    page.wait_for_selector(".trace-row")
    rest(page)
    assert page.locator(".trace-row").count() > 30
    assert len(pages_asked(server)) < 15
    page.keyboard.press("End")
    rest(page)
    assert len(pages_asked(server)) < 30


def test_a_search_that_breaks_off_can_be_taken_up_again(server, open_page):
    many(server, 60)
    server.patience = 20
    page = open_page("/")
    page.wait_for_selector(".trace-row")
    page.route("**/api/v1/traces?*cursor*", lambda route: route.abort())
    line(page).fill("nothing like it")
    line(page).press("Enter")
    more = page.get_by_role("button", name="Load more")
    expect(more).to_be_enabled()
    expect(page.get_by_text("Searching")).to_have_count(0)
    page.unroute_all()

    more.click()

    expect(page.get_by_role("heading", name="No trace matches this filter")).to_be_visible()


def test_no_match_is_said_and_what_comes_to_match_appears(server, open_page):
    many(server, 10)
    page = open_page("/traces?filter=crew:needle")
    expect(page.get_by_role("heading", name="No trace matches this filter")).to_be_visible()
    for key in ("j", "Enter", "End"):
        page.keyboard.press(key)

    crew(server, "Needle", 1, ago_s=0)

    expect(page.locator(".trace-row")).to_contain_text("Needle")
    expect(page.get_by_text("No trace matches")).to_have_count(0)


def test_where_nothing_matches_one_can_clear_it(server, open_page):
    many(server, 10)
    page = open_page("/traces?filter=crew:needle")
    page.locator(".nothing").get_by_role("button", name="Clear filter").click()
    expect(count(page, "10 traces")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".trace-row.chosen")).to_have_count(1)


def test_news_is_what_matches_and_is_asked_for_once_a_second_at_most(server, open_page):
    running = running_trip(server)
    page = open_page("/traces?filter=crew:tripcrew")
    calls = page.locator(".trace-row .cell-llm")
    calls.wait_for()
    crew(server, "Other", 1, ago_s=0)
    asked, began = len(pages_asked(server)), time.monotonic()
    had = int(calls.inner_text())
    for i in range(40):
        running.add([Line(1, Kind.LLM, "call", "", 10, 10)], server.next_seq())
        server.ring()
        expect(calls).to_have_text(str(had + 1 + i))
    assert len(pages_asked(server)) - asked <= 2 + math.ceil(time.monotonic() - began)

    trip(server, "a" * 32, ago_s=0)

    expect(page.locator(".trace-row").first).to_have_attribute("id", "trace-" + "a" * 32)
    expect(page.locator(".trace-row")).to_have_count(2)


def test_news_that_matches_is_only_counted_further_down(server, open_page):
    many(server, 230)
    page = open_page(TRIPS)
    # What a search finds first may be too little to scroll.
    page.wait_for_function("""() => {
        const grid = document.querySelector('.grid');
        return grid && grid.scrollHeight - grid.clientHeight >= 300;
    }""")
    page.locator(".grid").evaluate("grid => grid.scrollTop = 300")
    expect(page.locator("#trace-" + f"{0x69220000:08x}" + "0" * 24)).to_have_count(0)
    crew(server, "Other", 1, ago_s=0)
    trip(server, "a" * 32, ago_s=0)
    page.get_by_role("button", name="1 new trace").click()
    expect(page.locator("#trace-" + "a" * 32)).to_be_visible()


def test_a_fault_of_the_server_is_told_and_the_filter_stays(server, open_page):
    many(server, 10)
    page = open_page("/")
    page.wait_for_selector(".trace-row")
    server.broken.add("/api/v1/traces")
    line(page).fill("crew:tripcrew")
    line(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("the disk is full")
    server.broken.clear()
    page.get_by_role("button", name="Try again").click()
    expect(count(page, "2 traces")).to_be_visible()
    expect(line(page)).to_have_value("crew:tripcrew")


@pytest.mark.parametrize("width", [NARROW[0], 768, 1024])
def test_on_a_narrow_screen_it_has_the_whole_width(server, open_page, width):
    many(server)
    for wanted in ("crew:*", "x " * 200 + "latncy:" + "y" * 300, "crew:needle"):
        page = open_page(f"/traces?filter={wanted}", size=(width, 844))
        line(page).wait_for()
        rest(page)
        wide = page.evaluate("""() => [...document.querySelectorAll(
                'html, main, .list-head, .filter, .filter-box, .refusal, .refusal *, .grid')]
            .filter((e) => e.scrollWidth > e.clientWidth && e.clientWidth > 0)
            .map((e) => e.className || e.tagName)""")
        assert wide == []
        if width < 900:
            assert page.locator(".filter-box").bounding_box()["width"] == width - 24

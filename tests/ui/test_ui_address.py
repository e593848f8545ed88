"""The address names the span that is looked at, by its id, and opens it again."""

import re

import pytest
from playwright.sync_api import expect
from rest import rest
from uifakes.scenes import TRIP_ID, trip
from uifakes.windows import NARROW

pytestmark = pytest.mark.browser
SPAN_OR_NOTHING = re.compile(r"/traces/[0-9a-f]{32}(#span=[0-9a-f]{16})?$")


@pytest.fixture
def stored(server):
    """The trip crew."""
    return trip(server)


def test_what_is_folded_away_hands_the_selection_to_its_nearest_ancestor(stored, open_page):
    page = open_page(f"/traces/{TRIP_ID}#span={stored.span_id(18)}")
    page.wait_for_selector(".row.selected")

    page.get_by_role("button", name="Fold all", exact=True).click()

    expect(page.locator(".row.selected .name")).to_have_text("TripCrew")
    expect(page.locator(".detail-title h2")).to_have_text("TripCrew")
    page.wait_for_url(f"**#span={stored.span_id(0)}")


def test_folding_one_row_takes_the_selection_out_of_it(stored, open_page):
    page = open_page(f"/traces/{TRIP_ID}#span={stored.span_id(18)}")
    page.wait_for_selector(".row.selected")

    page.locator(".row", has_text="Task 1").locator(".twisty").click()

    expect(page.locator(".row.selected .name")).to_have_text("Task 1")


def test_on_a_phone_the_address_never_holds_a_row_number(stored, open_page):
    page = open_page("/", size=NARROW, has_touch=True)
    page.locator(".trace-row").tap()
    page.locator(".row").nth(11).tap()
    page.wait_for_url(f"**#span={stored.span_id(11)}")
    name = page.locator(".detail-title h2").inner_text()

    page.go_back()

    expect(page.locator(".detail")).to_have_count(0)
    rest(page)
    assert SPAN_OR_NOTHING.search(page.url)
    assert page.locator(".row.selected .name").inner_text() == name
    page.go_forward()
    expect(page.locator(".detail-title h2")).to_have_text(name)
    assert page.url.endswith(f"#span={stored.span_id(11)}")


def test_on_a_phone_an_address_with_a_span_opens_its_sheet(stored, open_page):
    page = open_page(f"/traces/{TRIP_ID}#span={stored.span_id(1)}", size=NARROW, has_touch=True)
    expect(page.locator(".detail-title h2")).to_have_text("knowledge ingest")
    page.wait_for_url(f"**#span={stored.span_id(1)}")

    page.reload()
    expect(page.locator(".detail-title h2")).to_have_text("knowledge ingest")
    page.get_by_role("button", name="Close").tap()

    expect(page.locator(".detail")).to_have_count(0)
    assert page.locator(".row.selected .name").inner_text() == "knowledge ingest"
    page.reload()
    page.wait_for_selector(".row")
    rest(page)
    expect(page.locator(".detail")).to_have_count(0)


def test_on_a_phone_an_address_without_a_span_or_with_a_strange_one_opens_no_sheet(
    stored, open_page
):
    for end in ("", "#span=11", "#span=" + "e" * 16):
        page = open_page(f"/traces/{TRIP_ID}{end}", size=NARROW)
        page.wait_for_selector(".row.selected")
        rest(page)
        expect(page.locator(".detail")).to_have_count(0)
        assert SPAN_OR_NOTHING.search(page.url)

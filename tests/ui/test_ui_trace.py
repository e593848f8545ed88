"""The page of one trace, as somebody uses it."""

import re

import msgspec
import pytest
from playwright.sync_api import Page, expect
from rest import rest
from uifakes.crew import trip_lines
from uifakes.scenes import TRIP_ID, large, running_trip, trip
from uifakes.windows import NARROW

from telltale.nouns.span import Status

pytestmark = pytest.mark.browser


@pytest.fixture
def trip_page(server, open_page) -> Page:
    """The trip crew's page."""
    trip(server)
    page = open_page(f"/traces/{TRIP_ID}")
    page.wait_for_selector(".row")
    return page


def selected(page: Page) -> str:
    """Name of the selected row."""
    return page.locator(".row.selected .name").inner_text()


def press(page: Page, keys: str) -> None:
    """Several keys, apart by blanks."""
    for key in keys.split():
        page.keyboard.press(key)


def test_the_head_has_the_figures(trip_page):
    head = " ".join(trip_page.locator(".trace-head").inner_text().split())
    for figure in (
        "TripCrew",
        "OK",
        "1 error",
        "27.6 s",
        "LLM calls 14",
        "Tool calls 2",
        "14.5k",
        "3.57k cached",
        "≥ $0.00578",
        "holiday-2026",
        "mara",
        "version: 3f2a",
        TRIP_ID,
    ):
        assert figure in head
    assert trip_page.title() == "TripCrew · OK – Telltale"


def test_errors_are_counted_in_one_way_wherever_they_are(server, open_page):
    trace = trip(server)
    trace.spans = [
        msgspec.structs.replace(span, status=Status.ERROR) if i in (0, 1, 4) else span
        for i, span in enumerate(trace.spans)
    ]
    failed = sum(span.status is Status.ERROR for span in trace.spans)
    page = open_page("/")
    expect(page.locator(".trace-row .outcome")).to_have_text(f"Failed{failed} errors")
    page.locator(".trace-row").click()

    expect(page.locator(".trace-head .outcome")).to_have_text(f"Failed{failed} errors")
    expect(page.locator(".error-count")).to_have_text(f"{failed} errors")


def test_the_outline_is_the_crews_structure(trip_page):
    rows = trip_page.locator(".row")
    assert rows.first.get_attribute("aria-level") == "1"
    assert rows.first.bounding_box()["height"] == 26
    names = trip_page.locator(".row[aria-level='2'] .name").all_inner_texts()
    assert names[:5] == ["knowledge ingest"] * 4 + ["Task 1"]
    task = trip_page.locator(".row", has_text="Task 1")
    expect(task).to_contain_text("City Selection Expert")
    expect(rows.first).to_contain_text("1 error inside")


def test_keys_walk_fold_and_unfold(trip_page):
    assert selected(trip_page) == "TripCrew"
    press(trip_page, "j j")
    assert selected(trip_page) == "embed"
    press(trip_page, "h")
    assert selected(trip_page) == "knowledge ingest"
    before = trip_page.locator(".row").count()
    press(trip_page, "ArrowLeft")
    expect(trip_page.locator(".row.selected")).to_have_attribute("aria-expanded", "false")
    press(trip_page, "l l")
    assert selected(trip_page) == "embed"
    press(trip_page, "k k")
    assert selected(trip_page) == "TripCrew"
    press(trip_page, "Shift+ArrowLeft")
    expect(trip_page.locator(".row")).to_have_count(1)
    press(trip_page, "Shift+ArrowRight")
    assert trip_page.locator(".row").count() >= before
    press(trip_page, "End")
    expect(trip_page.locator(".row.selected")).to_be_in_viewport(ratio=0.9)


def test_the_next_error_is_one_key_away(trip_page):
    press(trip_page, "Shift+ArrowLeft n")
    assert selected(trip_page) == "search_in_a_specific_website"
    failure = trip_page.locator(".failure")
    expect(failure).to_contain_text("ConnectionError")
    expect(failure).to_contain_text("Max retries exceeded")
    failure.get_by_text("Stack trace").click()
    expect(failure).to_contain_text("Traceback (most recent call last)")


def test_the_selected_span_stands_in_the_address_and_is_found_again(trip_page, server, open_page):
    press(trip_page, "j j j j j j j j j j")
    trip_page.wait_for_url("**#span=*")
    span_id = server.stored[TRIP_ID].span_id(10)
    trip_page.wait_for_url(f"**#span={span_id}")
    name = selected(trip_page)

    again = open_page(f"/traces/{TRIP_ID}#span={span_id}")
    again.wait_for_selector(".row.selected")

    assert selected(again) == name
    again.evaluate(f"location.hash = 'span={server.stored[TRIP_ID].span_id(1)}'")
    expect(again.locator(".row.selected .name")).to_have_text("knowledge ingest")


def test_a_call_reads_as_a_conversation(trip_page):
    trip_page.locator(".row", has_text="final answer").first.click()
    panel = trip_page.get_by_role("tabpanel")
    expect(panel.locator(".role-name")).to_have_text(["system", "user", "assistant", "assistant"])
    expect(panel.locator(".call")).to_contain_text("Emperor's Cup")
    expect(panel.locator(".answer strong")).to_have_text("best choice")
    expect(panel.get_by_text("<context>")).to_be_visible()
    panel.get_by_role("button", name=re.compile(r"Show all [\d.]+ KB")).click()
    expect(panel.get_by_text("Note 59: more context.")).to_be_attached()


def test_the_detail_says_what_was_asked_answered_and_paid(trip_page):
    trip_page.locator(".row", has_text="final answer").first.click()
    facts = trip_page.locator(".facts")
    for fact in (
        "gpt-4.1-mini-2025-04-14",
        "asked for gpt-4.1-mini",
        "2,944 in · 1,280 cached · 412 out",
        "$0.00145",
        "genai-prices 2026-11-02 openai/gpt-4.1-mini",
        "stop",
    ):
        expect(facts).to_contain_text(fact)


def test_an_unknown_cost_says_so(trip_page, server):
    press(trip_page, "n k")
    expect(trip_page.locator(".row.selected .tree-cost")).to_have_text("–")
    expect(trip_page.locator(".fact-cost")).to_contain_text("not known")


def test_only_tabs_with_content_are_there(trip_page):
    expect(trip_page.get_by_role("tab")).to_have_text(["Input / Output", "Attributes"])
    trip_page.locator(".row", has_text="final answer").first.click()
    expect(trip_page.get_by_role("tab")).to_have_text(["Messages", "Attributes"])
    trip_page.get_by_role("tab", name="Attributes").click()
    expect(trip_page.get_by_role("rowheader", name="telltale.kind")).to_be_visible()


def test_a_linked_trace_is_a_link(trip_page, server):
    trip(server, "b" * 32)
    link = trip_page.get_by_role("link", name="linked trace: knowledge ingestion")
    link.click()
    expect(trip_page.locator(".trace-id")).to_contain_text("b" * 32)


def test_a_running_trace_grows_span_by_span(server, open_page):
    running = running_trip(server)
    page = open_page(f"/traces/{running.trace_id}")
    expect(page.locator(".row")).to_have_count(13)
    expect(page.locator(".row-running")).to_have_count(3)

    running.end(12, server.next_seq(), 1_000)
    running.add(list(trip_lines())[13:15], server.next_seq())
    server.ring()

    expect(page.locator(".row")).to_have_count(15)
    expect(page.locator(".row-running")).to_have_count(2)
    asked = [path for path in server.asked if "skeleton?since=" in path]
    assert asked
    running.end(0, server.next_seq(), 9_000)
    server.ring()
    expect(page.locator(".trace-head")).to_contain_text("9.00 s")


def test_the_keys_sheet_shows_what_there_is_and_escape_closes_only_it(trip_page):
    press(trip_page, "?")
    expect(trip_page.get_by_role("dialog")).to_contain_text("Next error")
    press(trip_page, "Escape")
    expect(trip_page.get_by_role("dialog")).to_have_count(0)
    assert "/traces/" in trip_page.url
    press(trip_page, "Escape")
    trip_page.wait_for_url("**/traces")


def test_the_split_is_moved_by_keys_and_by_hand_and_kept(trip_page):
    splitter = trip_page.get_by_role("separator")
    outline = trip_page.locator(".outline")
    before = outline.bounding_box()["width"]
    splitter.focus()
    press(trip_page, "ArrowRight ArrowRight")
    assert outline.bounding_box()["width"] > before + 40
    box = splitter.bounding_box()
    trip_page.mouse.move(box["x"], 500)
    trip_page.mouse.down()
    trip_page.mouse.move(500, 500)
    trip_page.mouse.up()
    assert abs(outline.bounding_box()["width"] - 500) < 3
    trip_page.reload()
    trip_page.wait_for_selector(".row")
    assert abs(outline.bounding_box()["width"] - 500) < 3


def test_on_a_phone_the_detail_is_a_sheet_that_the_back_button_closes(server, open_page):
    trip(server)
    page = open_page(f"/traces/{TRIP_ID}", size=NARROW, has_touch=True)
    row = page.locator(".row").nth(2)
    assert row.bounding_box()["height"] == 44
    expect(page.locator(".detail")).to_have_count(0)
    row.tap()
    expect(page.get_by_role("dialog", name="Details")).to_be_visible()
    page.go_back()
    expect(page.locator(".detail")).to_have_count(0)
    assert selected(page) == "embed"
    row.tap()
    page.get_by_role("button", name="Close").tap()
    expect(page.locator(".detail")).to_have_count(0)


def test_ten_thousand_spans_are_few_nodes(server, open_page):
    trace = large(server)
    page = open_page(f"/traces/{trace.trace_id}")
    page.wait_for_selector(".row")
    press(page, "Shift+ArrowRight")
    expect(page.locator(".tree")).to_have_attribute("aria-rowcount", re.compile(r"^\d{5}$"))
    rest(page)
    count = "document.querySelectorAll('*').length"
    assert page.evaluate(count) <= 3000
    press(page, "End")
    expect(page.locator(".row.selected")).to_be_in_viewport(ratio=0.9)
    assert page.evaluate(count) <= 3000


def test_what_models_wrote_cannot_run(server, open_page):
    stored = trip(server)
    bad = (
        '<img src=x onerror="window.bad=1"> <script>window.bad=1</script> '
        "[x](javascript:window.bad=1) ![p](https://example.com/p.png)"
    )
    stored.spans[0] = msgspec.structs.replace(stored.spans[0], inputs=bad, outputs=None)
    page = open_page(f"/traces/{TRIP_ID}")
    text = page.locator(".markdown").first
    expect(text).to_contain_text("<script>window.bad=1</script>")
    assert text.locator("img, script").count() == 0
    assert text.locator("a[href^='javascript']").count() == 0
    assert page.evaluate("window.bad") is None

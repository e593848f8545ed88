"""The list of traces, as somebody uses it."""

import re

import pytest
from playwright.sync_api import expect
from rest import rest
from uifakes.scenes import TRIP_ID, many, running_trip, trip
from uifakes.windows import NARROW

pytestmark = pytest.mark.browser


def test_a_trace_is_one_line_with_its_figures(server, open_page):
    trip(server)
    page = open_page("/")
    row = page.locator(".trace-row")

    expect(row).to_have_count(1)
    cells = [text.strip() for text in row.get_by_role("gridcell").all_inner_texts()]
    assert re.sub(r"\s+", " ", cells[0]) == "OK 1 error"
    assert cells[1:3] == [
        "TripCrew",
        "origin: California, cities: Tokyo, interests: sports, date_range: Dec 12 – Dec 20",
    ]
    assert cells[-5:] == ["27.6 s", "14", "2", "14.5k", "≥ $0.00578"]
    assert row.bounding_box()["height"] == 28


def test_the_waiting_screen_turns_into_the_list_by_itself(server, open_page):
    page = open_page("/", permissions=["clipboard-read", "clipboard-write"])
    expect(page.get_by_role("heading", name="Waiting for the first trace")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[:2] == ["import telltale", "telltale.crewai.autolog()"]

    trip(server)

    expect(page.locator(".trace-row")).to_have_count(1)


def test_news_slides_in_at_the_top_and_is_only_counted_further_down(server, open_page):
    many(server)
    page = open_page("/")
    trip(server, "a" * 32, ago_s=1)
    expect(page.locator(".trace-row").first).to_have_attribute("id", "trace-" + "a" * 32)

    page.locator(".grid").evaluate("grid => grid.scrollTop = 600")
    # The page has noticed it: what is out of view is in the document no more.
    expect(page.locator("#trace-" + "a" * 32)).to_have_count(0)
    trip(server, "b" * 32, ago_s=0)
    trip(server, "c" * 32, ago_s=0)
    pill = page.get_by_role("button", name="2 new traces")
    expect(pill).to_be_visible()
    assert page.locator("#trace-" + "b" * 32).count() == 0
    pill.click()
    expect(page.locator("#trace-" + "b" * 32)).to_be_visible()


def test_a_running_trace_grows_until_it_ends(server, open_page):
    running = running_trip(server)
    page = open_page("/")
    row = page.locator(".trace-row")
    expect(row).to_contain_text("Running")
    first = row.locator(".cell-duration").inner_text()
    expect(row.locator(".cell-duration")).not_to_have_text(first)

    running.end(0, server.next_seq(), 5_000)
    server.ring()

    expect(row).to_contain_text("OK")
    expect(row).to_contain_text("5.00 s")


def test_keys_walk_the_list_and_the_way_back_keeps_the_place(server, open_page):
    many(server)
    page = open_page("/")
    page.wait_for_selector(".trace-row")
    for _ in range(45):
        page.keyboard.press("j")
    chosen = page.locator(".trace-row.chosen")
    expect(chosen).to_be_in_viewport(ratio=0.9)
    name = chosen.get_attribute("id")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".trace-head")
    assert page.url.endswith("/traces/" + name.removeprefix("trace-")) or "#span=" in page.url

    page.keyboard.press("Escape")

    expect(page.locator(".trace-row.chosen")).to_have_attribute("id", name)
    expect(page.locator(".trace-row.chosen")).to_be_in_viewport(ratio=0.9)


def test_an_experiment_is_chosen_and_stands_in_the_address(server, open_page):
    many(server, 20)
    page = open_page("/")
    page.wait_for_selector(".trace-row")
    page.get_by_label("Experiment").select_option(label="Holiday planning (10)")
    expect(page.get_by_text("10 traces")).to_be_visible()
    assert page.url.endswith("/traces?experiment=1")


def test_pages_follow_as_one_scrolls(server, open_page):
    many(server, 230)
    page = open_page("/")
    for count in ("100+ traces", "200+ traces", "230 traces"):
        # Keys that come while a page is being loaded ask for no other.
        expect(page.get_by_text(count, exact=True)).to_be_visible()
        page.keyboard.press("End")
    assert page.locator(".trace-row").count() < 80


def test_language_and_colours_are_kept(server, open_page):
    page = open_page("/")
    page.get_by_title("Switch to Chinese").click()
    expect(page.get_by_role("heading", name="正在等待第一条追踪")).to_be_visible()
    page.get_by_label("切换为深色").click()
    page.reload()
    expect(page.get_by_role("heading", name="正在等待第一条追踪")).to_be_visible()
    state = page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]")
    assert state == ["zh-CN", "dark"]


def test_a_fault_is_told_with_what_to_do(server, open_page):
    server.broken.add("/api/v1/traces")
    page = open_page("/")
    expect(page.get_by_role("alert")).to_contain_text("the disk is full")
    server.broken.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Waiting for the first trace")).to_be_visible()


@pytest.mark.parametrize("width", [NARROW[0], 768, 1024])
def test_nothing_scrolls_sideways(server, open_page, width):
    many(server)
    trip(server)
    for path in ("/", f"/traces/{TRIP_ID}"):
        page = open_page(path, size=(width, 844))
        page.wait_for_selector(".trace-row, .row")
        rest(page)
        wide = page.evaluate("""() =>
            [...document.querySelectorAll('html, main, .grid, .tree, .detail-scroll')]
            .filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.className || e.tagName)""")
        assert wide == []

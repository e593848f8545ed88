"""The list in another order: asked for by its columns, and quiet while it is read."""

import pytest
from playwright.sync_api import Page, expect
from rest import rest
from uifakes.crew import Line
from uifakes.scenes import many, now_us, running_trip, trip
from uifakes.stored import Stored
from uifakes.windows import NARROW

from telltale.nouns.span import Kind, State

pytestmark = pytest.mark.browser
LONGEST = "/traces?sort=duration"


def head(page: Page, name: str):
    """A column's head."""
    return page.get_by_role("columnheader", name=name)


def names(page: Page) -> list[str]:
    """The names of all rows that are drawn, by where they stand."""
    return page.locator(".trace-row").evaluate_all(
        """rows => rows.map((row) => [row.getBoundingClientRect().top, row])
            .sort((a, b) => a[0] - b[0]).map(([, row]) => row.querySelector('a').textContent)"""
    )


def crew(server, name: str, length_ms: float, ago_s: float = 1000, **more: object) -> Stored:
    """A crew that took so long."""
    trace = Stored(f"{len(server.stored) + 1:032x}", now_us() - round(ago_s * 1e6), **more)
    trace.add([Line(0, Kind.CREW, name, "", 0, length_ms)], server.next_seq())
    return server.store(trace)


@pytest.fixture
def three(server) -> None:
    """Three crews; by their age in another order than by their length."""
    crew(server, "middle", 2_000, ago_s=300)
    crew(server, "long", 3_000, ago_s=200)
    crew(server, "short", 1_000, ago_s=100)


def test_a_columns_head_orders_the_list_and_the_address_holds_it(server, three, open_page):
    page = open_page("/")
    expect(page.locator(".trace-row")).to_have_count(3)
    assert names(page) == ["short", "long", "middle"]
    expect(head(page, "Started")).to_have_attribute("aria-sort", "descending")
    expect(head(page, "Duration")).to_have_attribute("aria-sort", "none")

    page.get_by_role("button", name="Duration").click()
    page.wait_for_url("**/traces?sort=duration")
    rest(page)
    assert names(page) == ["long", "middle", "short"]
    expect(head(page, "Duration")).to_have_attribute("aria-sort", "descending")
    expect(head(page, "Started")).to_have_attribute("aria-sort", "none")
    expect(page.get_by_role("grid", name="Traces – Longest first")).to_be_visible()

    page.get_by_role("button", name="Duration").press("Enter")
    page.wait_for_url("**/traces?sort=duration&order=asc")
    rest(page)
    assert names(page) == ["short", "middle", "long"]
    expect(page.get_by_role("button", name="Duration")).to_be_focused()
    page.reload()
    page.wait_for_selector(".trace-row")
    assert names(page) == ["short", "middle", "long"]
    page.go_back()
    rest(page)
    assert names(page) == ["long", "middle", "short"]
    page.get_by_role("button", name="Started").click()
    rest(page)
    assert names(page) == ["short", "long", "middle"]
    assert page.url.endswith("/traces")


@pytest.mark.parametrize("order", ["desc", "asc"])
@pytest.mark.parametrize("sort", ["cost", "tokens"])
def test_pages_follow_in_the_order(server, open_page, sort, order):
    many(server, 230)
    page = open_page(f"/traces?sort={sort}&order={order}")
    for count in ("100+ traces", "200+ traces", "230 traces"):
        expect(page.get_by_text(count, exact=True)).to_be_visible()
        page.keyboard.press("End")
    page.evaluate(
        """() => {
            window.seen = new Map();
            const grid = document.querySelector('.grid');
            const note = () => document.querySelectorAll('.trace-row').forEach((row) =>
                seen.set(Number(row.getAttribute('aria-rowindex')), row.id.replace('trace-', '')));
            new MutationObserver(note).observe(grid, { subtree: true, childList: true });
            grid.scrollTop = 0;
            note();
        }"""
    )
    for top in range(0, 230 * 28, 400):
        page.locator(".grid").evaluate("(grid, top) => (grid.scrollTop = top)", top)
        rest(page)
    seen = page.evaluate("[...seen].sort((a, b) => a[0] - b[0]).map(([, id]) => id)")

    assert len(set(seen)) == 230
    rows = [server.stored[trace_id].row() for trace_id in seen]
    figures = [
        float(row.cost_usd or -1) if sort == "cost" else row.usage.input_tokens + 80 * row.llm_calls
        for row in rows
    ]
    assert figures == sorted(figures, reverse=order == "desc")


def test_news_is_counted_and_comes_to_its_place_when_asked_for(server, three, open_page):
    page = open_page(LONGEST)
    expect(page.locator(".trace-row")).to_have_count(3)
    crew(server, "new", 1_500, ago_s=0)
    crew(server, "newest", 500, ago_s=0)

    pill = page.get_by_role("button", name="2 new traces")
    expect(pill).to_be_visible()
    assert names(page) == ["long", "middle", "short"]
    pill.click()

    expect(pill).to_have_count(0)
    rest(page)
    assert names(page) == ["long", "middle", "new", "short", "newest"]
    # From the first of them the keys go on.
    expect(page.locator(".trace-row.chosen")).to_contain_text("new")
    page.keyboard.press("k")
    expect(page.locator(".trace-row.chosen")).to_contain_text("middle")


def test_what_was_asked_for_is_brought_into_view(server, open_page):
    many(server, 90)
    page = open_page("/traces?order=asc")
    page.wait_for_selector(".trace-row")
    crew(server, "The newest", 10, ago_s=0)
    page.get_by_role("button", name="1 new trace").click()
    expect(page.locator(".trace-row.chosen")).to_contain_text("The newest")
    expect(page.locator(".trace-row.chosen")).to_be_in_viewport(ratio=0.9)


def test_news_behind_all_that_is_loaded_is_not_counted(server, open_page):
    for i in range(120):
        crew(server, f"crew {i}", 1_000 + i)
    page = open_page(LONGEST)
    expect(page.get_by_text("100+ traces", exact=True)).to_be_visible()

    crew(server, "short", 5, ago_s=0)
    crew(server, "long", 9_000, ago_s=0)

    expect(page.get_by_role("button", name="1 new trace")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("121 traces", exact=True)).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator(".trace-row.chosen")).to_contain_text("short")
    expect(page.get_by_role("button", name="1 new trace")).to_be_visible()


def test_a_running_trace_grows_where_it_stands(server, open_page):
    many(server, 8)
    running = running_trip(server, spans=3)
    page = open_page("/traces?sort=tokens")
    row = page.locator(f"#trace-{running.trace_id}")
    expect(row).to_contain_text("Running")
    where = row.bounding_box()["y"]

    more = [Line(1, Kind.LLM, "call", "", 10, 10, {"tokens": (900_000, 0, 10)})]
    running.add(more, server.next_seq())
    server.ring()

    expect(row.locator(".cell-tokens")).to_have_text("900k")
    assert row.bounding_box()["y"] == where
    crew(server, "other", 5)
    page.get_by_role("button", name="1 new trace").click()
    rest(page)
    assert page.locator(".grid").get_by_role("row").nth(1).bounding_box()["y"] < where
    assert row.bounding_box()["y"] < where


def test_the_way_back_from_a_trace_keeps_the_order_and_the_place(server, open_page):
    many(server, 60)
    page = open_page(LONGEST)
    page.wait_for_selector(".trace-row")
    for _ in range(40):
        page.keyboard.press("j")
    chosen = page.locator(".trace-row.chosen").get_attribute("id")
    asked = sum(path.startswith("/api/v1/traces?") for path in server.asked)
    page.keyboard.press("Enter")
    page.wait_for_selector(".row")
    assert "sort=duration" in page.url

    page.keyboard.press("Escape")

    expect(page.locator(".trace-row.chosen")).to_have_attribute("id", chosen)
    expect(page.locator(".trace-row.chosen")).to_be_in_viewport(ratio=0.9)
    assert page.url.endswith(LONGEST)
    assert sum(path.startswith("/api/v1/traces?") for path in server.asked) == asked


def test_a_filter_and_an_order_go_together(server, open_page):
    many(server, 30)
    page = open_page(LONGEST)
    page.wait_for_selector(".trace-row")
    line = page.get_by_role("combobox", name="Filter traces")
    line.fill("crew:tripcrew")
    line.press("Enter")
    page.wait_for_url("**/traces?filter=crew:tripcrew&sort=duration")
    expect(page.locator(".trace-row")).to_have_count(6)

    crew(server, "Other", 10, ago_s=0)
    late = trip(server, "a" * 32, ago_s=0)
    page.get_by_role("button", name="1 new trace").click()

    expect(page.locator(".trace-row")).to_have_count(7)
    assert page.locator(".trace-row.chosen").get_attribute("id") == f"trace-{late.trace_id}"
    longest = sorted(
        (one.row().duration_us or -1 for one in server.stored.values() if "Trip" in one.row().name),
        reverse=True,
    )
    at = longest.index(late.row().duration_us)
    expect(page.locator(".trace-row.chosen")).to_have_attribute("aria-rowindex", str(at + 2))
    page.get_by_label("Experiment").select_option(label="Holiday planning (15)")
    page.wait_for_url("**/traces?experiment=1&filter=crew:tripcrew&sort=duration")


def test_what_comes_to_match_late_is_found_wherever_it_stands(server, open_page):
    many(server, 250)
    running = Stored("b" * 32, now_us() - 10**11)
    running.add([Line(0, Kind.CREW, "old", "", 0, 0)], server.next_seq(), State.RUNNING)
    server.store(running)
    server.patience = 20
    page = open_page("/traces?filter=-status:running&sort=duration")
    page.wait_for_selector(".trace-row")

    running.end(0, server.next_seq(), 10**9)
    server.ring()

    page.get_by_role("button", name="1 new trace").click()
    expect(page.locator(".trace-row").first).to_contain_text("old")


def test_of_a_filter_as_long_as_filters_can_be_news_is_found_too(server, open_page):
    many(server, 10)
    page = open_page("/traces?filter=" + "+".join(["tripcrew"] * 180))
    expect(page.locator(".trace-row")).to_have_count(2)
    trip(server, "a" * 32, ago_s=0)
    expect(page.locator(".trace-row")).to_have_count(3)


@pytest.mark.parametrize(("language", "said"), [("en", "Cheapest first"), ("zh", "费用最低的在前")])
def test_where_rows_are_cards_the_order_is_a_choice(server, three, open_page, language, said):
    page = open_page(LONGEST, size=NARROW, language=language)
    expect(page.locator(".trace-row")).to_have_count(3)
    choice = page.locator(".sort-choice select")
    expect(choice).to_have_value("2")

    choice.select_option(label=said)

    page.wait_for_url("**/traces?sort=cost&order=asc")
    page.go_back()
    expect(choice).to_have_value("2")
    rest(page)
    assert names(page) == ["long", "middle", "short"]

"""Deep trees: however far down a span lies, it keeps room for its name, and to its own column."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect
from uifakes.crew import Line
from uifakes.scenes import TRIP_ID, trip
from uifakes.stored import Stored

from telltale.nouns.span import Kind

pytestmark = pytest.mark.browser

CELLS = """(rows) => rows.map((row) => {
    const box = (of) => row.querySelector(of).getBoundingClientRect();
    const last = [...row.querySelectorAll('.tree-name > *')].at(-1).getBoundingClientRect();
    return {
        depth: Number(row.getAttribute('aria-level')), name: box('.name').width,
        icon: box('.kind').left, right: last.right, duration: box('.tree-duration').left,
    };
})"""


def nested(server, levels: int) -> Stored:
    """Spans within spans, each with a failure at the bottom to be told of."""
    trace = Stored(TRIP_ID, 1_700_000_000_000_000)
    lines = [Line(n, Kind.CHAIN, f"recursive step {n}", "0, go on", n, 900) for n in range(levels)]
    lines.append(Line(levels, Kind.TOOL, "search", "", levels, 1, {"error": ("Timeout", "late")}))
    trace.add(lines, server.next_seq())
    return server.store(trace)


def cells(page: Page) -> list[dict[str, float]]:
    """Of the rows that are drawn: where their names and their icons are, and what is next."""
    page.wait_for_selector(".row")
    return page.locator(".row").evaluate_all(CELLS)


@pytest.mark.parametrize("levels", [26, 140])
@pytest.mark.parametrize("size", [(1280, 800), (1920, 1000), (390, 844)])
def test_the_deepest_name_keeps_its_room_and_its_column(server, open_page, size, levels):
    nested(server, levels)
    page = open_page(f"/traces/{TRIP_ID}", size=size)
    rows = cells(page)
    page.locator(".tree").focus()
    page.keyboard.press("End")
    expect(page.locator(f".row[aria-level='{levels + 1}']")).to_be_in_viewport()
    if size[0] < 900:
        expect(page.locator(".row.selected")).to_have_attribute("aria-level", str(levels + 1))
    rows += cells(page)

    assert max(row["depth"] for row in rows) == levels + 1
    assert [row["depth"] for row in rows if row["right"] > row["duration"]] == []
    assert [row["depth"] for row in rows if row["name"] < 36] == []


@pytest.mark.parametrize(
    ("size", "split"), [((1280, 800), 48), ((1280, 800), 25), ((920, 800), 25), ((390, 844), 48)]
)
def test_a_deep_group_of_a_long_name_keeps_to_its_column(server, open_page, size, split):
    trace = nested(server, 20)
    name = "search_in_a_specific_website_of_a_long_name"
    error = {"error": ("Timeout", "late")}
    trace.add(
        [Line(20, Kind.TOOL, name, "", 30 + n, 1, error) for n in range(6)], server.next_seq()
    )
    page = open_page("/", size=size)
    page.evaluate("(split) => localStorage.setItem('telltale.split', split)", split)
    page.goto(f"{server.url}/traces/{TRIP_ID}")
    page.wait_for_selector(".row")
    page.locator(".tree").focus()
    page.keyboard.press("End")
    expect(page.locator(".row-group")).to_be_in_viewport()
    rows = cells(page)

    assert [row["depth"] for row in rows if row["right"] > row["duration"]] == []
    assert [row["depth"] for row in rows if row["name"] < 36] == []
    expect(page.locator(".row-group .times")).to_have_text("×6")


def test_a_deeper_row_stands_further_in_than_its_parent(server, open_page):
    nested(server, 26)
    page = open_page(f"/traces/{TRIP_ID}", size=(1280, 1200))
    rows = cells(page)

    assert len(rows) == 27
    steps = [below["icon"] - above["icon"] for above, below in pairwise(rows)]
    assert min(steps) > 1


def test_the_indent_of_a_crew_is_what_it_was(server, open_page):
    trip(server)
    rows = cells(open_page(f"/traces/{TRIP_ID}", size=(1280, 800)))

    assert {row["icon"] - rows[0]["icon"] - 16 * (row["depth"] - 1) for row in rows} == {0}

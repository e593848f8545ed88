"""The columns of the list share its width by what stands in them, and the count is the whole."""

import pytest
from playwright.sync_api import Page, expect
from uifakes.crew import Line
from uifakes.scenes import many
from uifakes.stored import Stored

from telltale.nouns.span import Kind

pytestmark = pytest.mark.browser
CLIPPED = "e => e.scrollWidth > e.clientWidth"
LEFTS = "all => all.map((e) => [e.className.split(' ')[0], e.getBoundingClientRect().left])"


def traces(server, names: list[str], **facts: object) -> None:
    """One of each name; what is said of it is said of the first alone."""
    for i, name in enumerate(names):
        trace = Stored(
            f"{i:032x}", 1_700_000_000_000_000 - i * 1_000_000, **(facts if i == 0 else {})
        )
        line = Line(0, Kind.CREW, name, "", 0, 900, {"inputs": "What is it about? " * 9})
        trace.add([line], server.next_seq())
        server.store(trace)


def opened(open_page, width: int, language: str = "en") -> Page:
    """The list, drawn."""
    page = open_page("/", size=(width, 800), language=language)
    page.wait_for_selector(".trace-row")
    return page


def test_a_name_is_not_cut_beside_columns_that_are_nearly_empty(server, open_page):
    traces(server, ["TripCrew", "knowledge ingest"], session="s-7", user="mara", tags={"v": "1"})
    page = opened(open_page, 1280)

    assert not page.locator(".cell-name a", has_text="knowledge").evaluate(CLIPPED)
    for cell in ("session", "user", "tags"):
        first = page.locator(f".trace-row .cell-{cell}").first
        assert not first.evaluate(CLIPPED), cell
        assert not page.locator(f".grid-head .cell-{cell}").evaluate(CLIPPED), cell


@pytest.mark.parametrize("width", [1000, 1280])
def test_without_optional_columns_the_cells_stand_under_their_heads(server, open_page, width):
    traces(server, ["TripCrew"])
    page = opened(open_page, width)

    assert page.locator(".grid-head-row").bounding_box()["height"] == 30
    heads = page.locator(".grid-head [role=columnheader]").evaluate_all(LEFTS)
    assert heads == page.locator(".trace-row [role=gridcell]").evaluate_all(LEFTS)
    assert page.locator(".trace-row").inner_text().split().count("0") == 3
    page.locator(".trace-row").click()
    expect(page.locator(".trace-head")).to_contain_text("TripCrew")


@pytest.mark.parametrize(
    ("width", "language"), [(900, "zh"), (1000, "en"), (1200, "en"), (1280, "zh"), (1920, "en")]
)
@pytest.mark.parametrize("name", ["T", "市场调研团队" * 9, "A crew of a very long name " * 9])
def test_however_long_the_words_are_all_columns_have_room(server, open_page, width, language, name):
    traces(server, [name, "b"], session="x" * 70, user="w" * 50, tags={"version": "f" * 40})
    page = opened(open_page, width, language)

    assert not page.locator(".grid").evaluate(CLIPPED)
    lefts = [
        page.locator(where).evaluate_all(LEFTS)
        for where in (
            ".grid-head [role=columnheader]",
            ".trace-row:first-child [role=gridcell]",
            ".trace-row:last-child [role=gridcell]",
        )
    ]
    assert lefts[0] == lefts[1] == lefts[2]
    assert page.locator(".trace-row .cell-input").first.bounding_box()["width"] >= 90


def test_the_count_says_of_how_many_the_experiment_has(server, open_page):
    many(server, 230)
    page = open_page("/?experiment=1")
    expect(page.get_by_text("100 of 115 traces")).to_be_visible()
    page.locator(".trace-row").first.wait_for()

    page.get_by_role("button", name="Load more").click()

    expect(page.get_by_text("115 traces", exact=True)).to_be_visible()


def test_the_count_is_a_bound_where_the_whole_is_not_known(server, open_page):
    many(server, 230)
    server.broken.add("/api/v1/experiments")
    page = open_page("/?experiment=1")

    expect(page.get_by_text("100+ traces")).to_be_visible()

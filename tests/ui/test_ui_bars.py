"""Bars of the list: the column says what a full one stands for; a longer one is drawn broken."""

import pytest
from playwright.sync_api import Page, expect
from uifakes.crew import Line
from uifakes.stored import Stored

from telltale.nouns.span import Kind

pytestmark = pytest.mark.browser


def traces(server, *seconds: float) -> None:
    """One of each length, the first on top."""
    for i, length in enumerate(seconds):
        trace = Stored(f"{i:032x}", 1_700_000_000_000_000 - i * 1_000_000)
        trace.add([Line(0, Kind.CREW, f"Crew {i}", "", 0, length * 1000)], server.next_seq())
        server.store(trace)


def shares(page: Page) -> list[float]:
    """How much of its room each bar takes, in percent."""
    page.wait_for_selector(".trace-row")
    found = page.locator(".meter").evaluate_all(
        "all => all.map((e) => 100 * e.firstElementChild.getBoundingClientRect().width"
        " / e.getBoundingClientRect().width)"
    )
    return [round(share) for share in found]


def test_bars_are_parts_of_the_length_that_the_column_names(server, open_page):
    traces(server, 15.5, 31, 62)
    page = open_page("/", size=(1280, 800))

    assert shares(page) == [13, 26, 52]
    scale = page.locator(".grid-head .meter-scale")
    expect(scale).to_have_text("2 min")
    expect(scale).to_have_attribute("title", "A full bar stands for 2 min")
    ends = [
        page.locator(where).first.evaluate("e => e.getBoundingClientRect().right")
        for where in (".grid-head .meter-scale", ".trace-row .meter")
    ]
    assert abs(ends[0] - ends[1]) < 1


def test_what_is_longer_than_a_full_bar_is_drawn_broken(server, open_page):
    traces(server, 3600, *[16] * 30, 20)
    page = open_page("/", size=(1280, 800))

    expect(page.locator(".grid-head .meter-scale")).to_have_text("20 s")
    assert shares(page)[:2] == [100, 80]
    broken = page.locator(".meter.beyond")
    expect(broken).to_have_count(1)
    expect(broken).to_have_attribute("title", "Longer than a full bar (20 s)")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [1200, 1280, 1920])
def test_the_scale_has_room_beside_the_columns_name(server, open_page, language, width):
    traces(server, 5_300)
    page = open_page("/", size=(width, 800), language=language)
    page.wait_for_selector(".trace-row")
    cell = page.locator(".grid-head .cell-duration")

    assert cell.evaluate("e => e.scrollWidth <= e.clientWidth")
    boxes = cell.locator(":scope > *").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).map((b) => [b.left, b.right])"
    )
    assert boxes[0][1] <= boxes[1][0]


def test_where_there_are_no_bars_there_is_no_scale(server, open_page):
    traces(server, 5)
    page = open_page("/", size=(1000, 800))
    page.wait_for_selector(".trace-row")

    expect(page.locator(".meter-scale")).to_be_hidden()


@pytest.mark.parametrize(
    ("seconds", "full_s"),
    [
        ([], 1e-6),
        ([0], 1e-6),
        ([0.00075], 0.001),
        ([0.9], 1),
        ([1.2, None], 2),
        ([1.5] * 30 + [5.9], 10),
        ([1.5] * 30 + [6.1], 2),
        ([59.9], 60),
        ([61], 120),
        ([3_601], 7_200),
        ([200_000], 259_200),
    ],
)
def test_a_full_bar_is_a_round_length_that_few_exceed(idle_page, seconds, full_s):
    found = idle_page.evaluate(
        """async (durations) => {
            const base = document.querySelector('script[src]').src.replace('main.js', 'core/');
            return (await import(base + 'axis.js')).fullBar(durations);
        }""",
        [None if s is None else s * 1e6 for s in seconds],
    )
    assert found == pytest.approx(full_s * 1e6)

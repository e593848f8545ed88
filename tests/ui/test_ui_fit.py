"""Words keep to the room they have: nothing is drawn over its neighbour or cut without a sign."""

from itertools import pairwise

import msgspec
import pytest
from playwright.sync_api import expect
from uifakes.crew import Line
from uifakes.scenes import TRIP_ID, trip
from uifakes.stored import Stored

from telltale.nouns.span import Kind, Status

pytestmark = pytest.mark.browser

COLLISIONS = """() => {
    const box = (of) => of.getBoundingClientRect();
    const column = box(document.querySelector('.tree-head .tree-bar'));
    const ticks = [...document.querySelectorAll('.tick')].filter((tick) => tick.textContent);
    const rights = ticks.map((tick) => box(tick).right);
    return ticks.flatMap((tick, i) => {
        const { left, right } = box(tick);
        const free = (i === 0 || rights[i - 1] + 2 <= left) && left >= column.left - 1;
        return free && right <= column.right + 1 ? [] : [tick.textContent];
    });
}"""

FRAMES = """async () => {
    for (let i = 0; i < 6; i++) await new Promise((done) => requestAnimationFrame(done));
}"""


@pytest.mark.parametrize(
    "length_ms", [0.06, 0.9, 12, 1_100, 1_500, 27_620, 61_000, 260_000, 301_000, 5_400_000, 9e7]
)
def test_labels_of_the_time_axis_touch_nothing(server, open_page, length_ms):
    trace = Stored(TRIP_ID, 1_700_000_000_000_000)
    trace.add([Line(0, Kind.CREW, "Crew", "", 0, length_ms)], server.next_seq())
    server.store(trace)
    page = open_page(f"/traces/{TRIP_ID}", size=(1920, 900))
    page.wait_for_selector(".tree-head")
    for width in (1920, 1366, 1000, 700, 520):
        page.set_viewport_size({"width": width, "height": 900})
        # The column is measured anew a frame after the window has changed.
        page.evaluate(FRAMES)
        assert page.evaluate(COLLISIONS) == []
    page.set_viewport_size({"width": 1366, "height": 900})
    expect(page.locator(".tick:not(:empty)").nth(1)).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [1366, 1000])
def test_the_status_of_a_trace_is_read_in_full_or_has_an_ellipsis(
    server, open_page, language, width
):
    trace = trip(server)
    trace.spans = [
        msgspec.structs.replace(span, status=Status.ERROR) if i < 13 else span
        for i, span in enumerate(trace.spans)
    ]
    page = open_page("/", size=(width, 768), language=language)
    page.wait_for_selector(".trace-row")
    clipped = "e => e.scrollWidth > e.clientWidth"

    assert not page.locator(".trace-row .cell-status").evaluate(clipped)
    inner = page.locator(".outcome-errors")
    assert not inner.evaluate(clipped)
    inner.evaluate("e => e.textContent = '123,456,789 errors'")
    assert not page.locator(".trace-row .cell-status").evaluate(clipped)
    assert inner.evaluate(clipped)


@pytest.mark.parametrize("width", [1366, 1000, 390])
def test_a_long_name_leaves_the_outcome_and_the_id_alone(server, open_page, width):
    trace = trip(server)
    trace.spans[0] = msgspec.structs.replace(trace.spans[0], name="A crew of a very long name " * 9)
    page = open_page(f"/traces/{TRIP_ID}", size=(width, 844))
    page.wait_for_selector(".trace-title")
    parts = page.locator(".trace-title > *").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).filter((b) => b.width)"
        ".map((b) => [b.left, b.right])"
    )

    assert all(left[1] <= right[0] for left, right in pairwise(parts))
    assert parts[-1][1] <= width
    outcome = page.locator(".trace-title .outcome")
    assert outcome.evaluate("e => e.scrollWidth <= e.clientWidth")
    name = page.locator(".trace-title h1 span")
    assert name.evaluate("e => e.scrollWidth > e.clientWidth && e.clientWidth > 80")


@pytest.mark.parametrize(("language", "said"), [("en", "(unnamed)"), ("zh", "（未命名）")])
def test_what_has_no_name_is_said_to_have_none(server, open_page, language, said):
    trace = trip(server)
    trace.spans[0] = msgspec.structs.replace(trace.spans[0], name="")
    page = open_page("/", language=language)
    expect(page.locator(".trace-row .cell-name a")).to_have_text(said)
    page.locator(".trace-row").click()

    expect(page.locator(".trace-title h1 span")).to_have_text(said)
    expect(page.locator(".row .name").first).to_have_text(said)
    expect(page.locator(".detail-title h2")).to_have_text(said)
    assert page.title().startswith(said)


def test_the_detail_has_the_whole_label_where_there_is_room(server, open_page):
    trace = trip(server)
    whole = "Choose one city for a winter trip from Lisbon by its weather and its sports"
    trace.spans[0] = msgspec.structs.replace(
        trace.spans[0], label="Choose one city for a winter trip from Lisbon b…", inputs=whole
    )
    page = open_page(f"/traces/{TRIP_ID}", size=(1920, 900))
    label = page.locator(".detail-title .label")

    expect(label).to_have_text(whole)
    assert label.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize(
    ("label", "texts", "said"),
    [
        ("Find the", ["Find the best"], "Find the"),
        ("Find the…", ["something", "Please find. Find  the\nbest"], "Find the best"),
        ("Tokyo, 0.9, ea…", ['{"a": ["Tokyo", 0.9], "b": "early"}'], "Tokyo, 0.9, early"),
        ("Find the…", ["nothing like it"], "Find the…"),
    ],
)
def test_a_cut_label_is_completed_by_the_text_that_has_it(idle_page, label, texts, said):
    found = idle_page.evaluate(
        """async ([label, texts]) => {
            const base = document.querySelector('script[src]').src.replace('main.js', 'core/');
            return (await import(base + 'preview.js')).wholeLabel(label, texts);
        }""",
        [label, texts],
    )
    assert found == said


def test_tokens_that_nobody_reported_are_not_shown_as_none(server, open_page):
    trace = trip(server)
    trace.spans = [msgspec.structs.replace(span, usage=None, cost=None) for span in trace.spans]
    page = open_page("/")
    cell = page.locator(".trace-row .cell-tokens")
    expect(cell).to_have_text("–")
    expect(cell).to_have_attribute("title", "Not known: no token counts were reported")
    page.locator(".trace-row").click()

    expect(page.locator(".figure-tokens dd")).to_have_text("–")
    expect(page.locator(".row .tree-tokens").first).to_have_text("–")
    expect(page.locator(".row", has_text="search_in_a").first.locator(".tree-tokens")).to_have_text(
        "–"
    )
    expect(page.locator(".row", has_text="→ search(…)").first.locator(".tree-tokens")).to_have_text(
        "–"
    )

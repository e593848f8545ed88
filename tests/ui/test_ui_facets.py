"""What the listed traces have in common, beside the list."""

import re
import time

import pytest
from playwright.sync_api import Page, expect
from rest import rest
from uifakes.scenes import many, trip
from uifakes.windows import NARROW

from telltale.nouns.span import Standing, standing

pytestmark = pytest.mark.browser
FACETS = "/api/v1/facets"


def group(page: Page, name: str):
    """The values of a field."""
    return page.locator(".facet-group").filter(has=page.get_by_role("heading", name=name))


def value(page: Page, name: str, text: str):
    """The button of a value."""
    return group(page, name).locator(".facet-value").filter(has_text=text)


def said(page: Page, name: str) -> list[str]:
    """Values with counts, as they stand there."""
    return [text.replace("\n", " ") for text in group(page, name).locator("li").all_inner_texts()]


@pytest.fixture
def page(server, open_page) -> Page:
    """Thirty traces and one more, with what they have in common."""
    many(server, 30)
    trip(server)
    page = open_page("/")
    page.wait_for_selector(".facet")
    return page


def test_values_stand_there_with_their_counts(page):
    assert said(page, "Status") == ["Failed 3", "Lost 2", "OK 26"]
    assert said(page, "Crew") == [
        "TripCrew 7",
        "ResearchCrew 6",
        "nightly-summary 6",
        "市场调研团队 6",
    ]
    assert said(page, "Tag version") == ["3f2a 1"]


def test_a_click_adds_a_value_to_the_filter_and_another_takes_it_away(page):
    value(page, "Crew", "TripCrew").click()
    page.wait_for_url("**/traces?filter=crew:TripCrew")
    expect(value(page, "Crew", "TripCrew")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".trace-row")).to_have_count(7)
    expect(page.locator(".filter-input")).to_have_value("crew:TripCrew")
    expect(group(page, "Crew").locator("li")).to_have_count(1)
    expect(value(page, "Status", "OK")).to_have_text("OK7")

    value(page, "Status", "OK").click()
    page.wait_for_url("**/traces?filter=crew:TripCrew+status:ok")
    value(page, "Crew", "TripCrew").press("Enter")
    page.wait_for_url("**/traces?filter=status:ok")
    expect(value(page, "Status", "OK")).to_have_text("OK26")
    expect(page.locator(".trace-row")).to_have_count(26)
    page.go_back()
    expect(value(page, "Crew", "TripCrew")).to_have_attribute("aria-pressed", "true")


def test_a_value_can_be_left_out_and_taken_in_again(page):
    value(page, "Crew", "TripCrew").click(modifiers=["Alt"])
    page.wait_for_url("**/traces?filter=-crew:TripCrew")
    expect(page.locator(".list-head").get_by_text("24 traces")).to_be_visible()
    expect(group(page, "Crew").locator("li").first).to_have_text("TripCrew")
    group(page, "Error").get_by_role("button", name="Exclude Timeout").press("Enter")
    page.wait_for_url("**/traces?filter=-crew:TripCrew+-error:Timeout")
    out = group(page, "Error").get_by_role("button", name="Exclude Timeout")
    expect(out).to_have_attribute("aria-pressed", "true")

    group(page, "Crew").get_by_role("button", name="Exclude TripCrew").click()
    page.wait_for_url("**/traces?filter=-error:Timeout")
    value(page, "Error", "Timeout").click()

    page.wait_for_url("**/traces?filter=error:Timeout")
    expect(value(page, "Error", "Timeout")).to_have_attribute("aria-pressed", "true")


def test_what_is_chosen_stays_though_no_trace_has_it(server, open_page):
    many(server, 10)
    page = open_page("/traces?filter=user:nobody")
    expect(page.get_by_role("heading", name="No trace matches")).to_be_visible()
    value(page, "User", "nobody").click()
    expect(page.locator(".list-head").get_by_text("10 traces")).to_be_visible()


def test_counts_follow_what_comes_in(page, server):
    trip(server, "a" * 32, ago_s=0)
    expect(value(page, "Crew", "TripCrew")).to_have_text("TripCrew8")
    asked, began = sum(path.startswith(FACETS) for path in server.asked), time.monotonic()
    for number in "bcdef":
        trip(server, number * 32, ago_s=0)
        expect(page.locator(f"#trace-{number * 32}")).to_be_visible()
    # They are counted anew every few seconds, however much comes.
    counts = sum(path.startswith(FACETS) for path in server.asked) - asked
    assert counts <= 1 + (time.monotonic() - began) / 5
    expect(value(page, "Crew", "TripCrew")).to_have_text("TripCrew13")


def test_they_tell_how_many_traces_a_filter_finds(server, open_page):
    many(server, 250)
    page = open_page("/traces?filter=status:ok")
    roots = [one.spans[0] for one in server.stored.values()]
    found = len([one for one in roots if standing(one.state, one.status) is Standing.OK])
    expect(page.locator(".list-head")).to_contain_text(re.compile(rf"\d+ of {found} traces"))


def test_of_many_values_the_first_are_shown(server, open_page):
    many(server, 5)
    for i in range(9):
        trip(server, f"{i:032x}").user = f"user-{i}"
    page = open_page("/")
    users = group(page, "User").locator("li")
    expect(users).to_have_count(6)
    more = group(page, "User").get_by_role("button", name="3 more")
    more.click()
    expect(users).to_have_count(9)
    group(page, "User").get_by_role("button", name="Show less").click()
    expect(users).to_have_count(6)


def test_who_wants_none_has_none_and_they_are_not_counted(page, server):
    page.keyboard.press("f")
    expect(page.locator(".facets")).to_have_count(0)
    expect(page.get_by_role("button", name="Facets")).to_have_attribute("aria-expanded", "false")
    asked = sum(path.startswith(FACETS) for path in server.asked)
    page.reload()
    page.wait_for_selector(".trace-row")
    rest(page)
    assert sum(path.startswith(FACETS) for path in server.asked) == asked

    page.get_by_role("button", name="Facets").click()

    expect(value(page, "Crew", "TripCrew")).to_be_visible()


def test_a_fault_leaves_the_list_alone(server, open_page):
    many(server, 10)
    server.broken.add(FACETS)
    page = open_page("/")
    expect(page.locator(".trace-row")).to_have_count(10)
    failed = page.locator(".facets").get_by_role("alert")
    expect(failed).to_contain_text("The counts could not be had.")
    server.broken.clear()
    failed.get_by_role("button", name="Try again").click()
    expect(value(page, "Crew", "TripCrew")).to_be_visible()
    expect(failed).to_have_count(0)


def test_where_not_all_were_counted_it_is_said(server, open_page):
    many(server, 10)
    server.counts_at_most = 8
    page = open_page("/")
    expect(page.locator(".facets")).to_contain_text("Counted among the newest 8 of them")
    expect(value(page, "Crew", "TripCrew")).to_have_text("TripCrew2+")


@pytest.mark.parametrize(("width", "language"), [(1024, "en"), (NARROW[0], "zh")])
def test_on_a_narrow_screen_they_are_a_drawer(server, open_page, width, language):
    many(server, 30)
    page = open_page("/", size=(width, 800), language=language, has_touch=width < 900)
    page.wait_for_selector(".trace-row")
    expect(page.locator(".facets")).to_have_count(0)
    assert not any(path.startswith(FACETS) for path in server.asked)
    name = {"en": "Facets", "zh": "分面"}[language]
    page.get_by_role("button", name=name).click()
    drawer = page.get_by_role("dialog", name=name)
    drawer.locator(".facet-value").filter(has_text="TripCrew").click()
    page.wait_for_url("**/traces?filter=crew:TripCrew")
    expect(drawer.locator(".facet.in")).to_contain_text("TripCrew6")
    assert drawer.bounding_box()["width"] <= width * 0.87

    page.keyboard.press("Escape")

    expect(drawer).to_have_count(0)
    expect(page.get_by_role("button", name=name)).to_be_focused()
    expect(page.locator(".trace-row")).to_have_count(6)
    page.get_by_role("button", name=name).click()
    expect(drawer).to_be_visible()
    page.mouse.click(width - 10, 700)
    expect(drawer).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [1200, 1440])
def test_the_list_beside_them_keeps_its_columns(server, open_page, width, language):
    many(server, 30)
    trip(server)
    page = open_page("/", size=(width, 800), language=language)
    page.wait_for_selector(".trace-row")
    if width < 1400:
        page.keyboard.press("f")
    page.wait_for_selector(".facet")
    lefts = "all => all.map((e) => [e.className.split(' ')[0], e.getBoundingClientRect().left])"
    heads = page.locator(".grid-head [role=columnheader]").evaluate_all(lefts)
    first = page.locator(".trace-row").first.locator("[role=gridcell]")
    assert heads == first.evaluate_all(lefts)
    wide = "e => e.scrollWidth > e.clientWidth"
    assert not page.locator(".grid").evaluate(wide)
    assert not page.locator(".facets").evaluate(wide)
    assert page.locator("html").evaluate("e => e.scrollWidth") == width

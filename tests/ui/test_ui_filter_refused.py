"""A filter that is none: what is wrong is said where it was typed, and nothing is lost."""

import pytest
from playwright.sync_api import Page, expect
from uifakes.scenes import many, trip

pytestmark = pytest.mark.browser


def line(page: Page):
    """The filter's field."""
    return page.locator(".filter-input")


def enter(page: Page, text: str) -> None:
    """Type a filter and apply it."""
    line(page).fill(text)
    line(page).press("Enter")


@pytest.fixture
def page(server, open_page) -> Page:
    """The list of ten traces, unfiltered."""
    many(server, 10)
    page = open_page("/")
    page.wait_for_selector(".trace-row")
    return page


def test_it_is_told_with_its_place_and_the_list_stays(page, server):
    enter(page, "東京 😀 status:eror crew:x")

    said = page.get_by_role("alert")
    expect(said).to_contain_text("This filter cannot be read at character 13")
    expect(said).to_contain_text("'eror' is no value of 'status'")
    expect(said).to_contain_text("Expected: one of running, lost, ok, error")
    expect(said).to_contain_text("The list has not changed.")
    expect(said.locator("mark")).to_have_text("eror")
    expect(line(page)).to_be_focused()
    expect(line(page)).to_have_attribute("aria-invalid", "true")
    described = line(page).get_attribute("aria-describedby")
    assert page.locator(f"#{described}").get_by_text("eror", exact=True).count() == 1
    expect(page.locator(".trace-row")).to_have_count(10)
    trip(server, "a" * 32, ago_s=0)
    expect(page.locator(".trace-row")).to_have_count(11)


def test_a_suggestion_replaces_the_word_and_is_applied(page):
    enter(page, "statsu:ok crew:tripcrew")

    page.get_by_role("alert").get_by_role("button", name="status", exact=True).click()

    expect(page.locator(".list-head").get_by_text("2 traces")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_empty()
    expect(line(page)).to_have_value("status:ok crew:tripcrew")
    expect(line(page)).to_have_attribute("aria-invalid", "false")
    expect(line(page)).to_be_focused()


def test_once_it_is_mended_no_step_back_leads_to_it(page):
    enter(page, "(late OR")
    expect(page.get_by_role("alert")).to_contain_text("at character 9")
    expect(page.locator("mark")).to_have_text("")
    enter(page, "crew:tripcrew")
    expect(page.locator(".trace-row")).to_have_count(2)

    page.go_back()

    expect(page.locator(".trace-row")).to_have_count(10)
    expect(line(page)).to_have_value("")


def test_the_way_back_leaves_it(page):
    enter(page, "crew:tripcrew")
    expect(page.locator(".trace-row")).to_have_count(2)
    enter(page, "latncy:>5s")
    expect(page.get_by_role("alert")).not_to_be_empty()

    page.go_back()

    expect(page.get_by_role("alert")).to_be_empty()
    expect(line(page)).to_have_value("crew:tripcrew")
    expect(page.locator(".trace-row")).to_have_count(2)


def test_one_may_look_at_a_trace_meanwhile(page):
    enter(page, "latncy:>5s")
    expect(page.get_by_role("alert")).not_to_be_empty()
    page.locator(".trace-row").first.click()
    page.wait_for_selector(".row")
    page.keyboard.press("Escape")
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page.locator(".trace-row")).to_have_count(10)


def test_an_address_may_hold_one(server, open_page):
    many(server, 10)
    page = open_page("/traces?filter=latncy:>5s")
    expect(page.get_by_role("alert")).to_contain_text("There is no field 'latncy'")
    expect(page.get_by_role("alert")).not_to_contain_text("The list has not changed.")
    expect(page.locator(".trace-row")).to_have_count(0)

    line(page).click()
    enter(page, "crew:tripcrew")

    expect(page.locator(".trace-row")).to_have_count(2)
    expect(line(page)).to_be_focused()


def test_the_head_of_the_list_stays_as_it_is_beside_what_is_said(page):
    rows = "e => { const box = e.getBoundingClientRect(); return [box.top, box.bottom]; }"
    button, title = page.locator(".facets-button"), page.get_by_role("heading", level=1)
    before = button.evaluate(rows), title.evaluate(rows)

    enter(page, "latncy:>5s")
    expect(page.get_by_role("alert")).not_to_be_empty()

    assert (button.evaluate(rows), title.evaluate(rows)) == before
    (above, below), (top, bottom) = before
    assert abs((above + below) - (top + bottom)) <= 4


def test_no_facet_is_chosen_that_the_list_does_not_have(page):
    enter(page, "crew:tripcrew")
    expect(page.locator(".facet.in")).to_have_text(["TripCrew2"])

    enter(page, "crew:tripcrew status:eror tool:search")
    expect(page.get_by_role("alert")).not_to_be_empty()

    expect(page.locator(".facet.in")).to_have_text(["TripCrew2"])
    page.locator(".facet.in .facet-value").click()
    expect(page.get_by_role("alert")).to_be_empty()
    expect(line(page)).to_have_value("")


def test_the_frame_of_it_is_in_chinese_too(server, open_page):
    many(server, 10)
    page = open_page("/traces?filter=status:eror", language="zh")
    said = page.get_by_role("alert")
    expect(said).to_contain_text("无法识别这个筛选条件：第 8 个字符")
    expect(said).to_contain_text("应为：one of running")
    expect(said).to_contain_text("您是不是想要")

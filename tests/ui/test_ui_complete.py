"""What may be written next is offered under the filter's field, and never pushed on anyone."""

import time

import pytest
from playwright.sync_api import Page, expect
from rest import rest
from uifakes.scenes import many, trip
from uifakes.windows import NARROW

pytestmark = pytest.mark.browser
COMPLETE = "/api/v1/filter/complete"


def line(page: Page):
    """The filter's field."""
    return page.get_by_role("combobox", name="Filter traces")


def choices(page: Page):
    """What is offered."""
    return page.get_by_role("listbox").get_by_role("option")


def asked(server) -> int:
    """How often the page wanted to know."""
    return sum(path.startswith(COMPLETE) for path in server.asked)


@pytest.fixture
def page(server, open_page) -> Page:
    """The list of thirty traces and one more, unfiltered."""
    many(server, 30)
    trip(server)
    page = open_page("/")
    page.wait_for_selector(".trace-row")
    return page


def test_a_filter_can_be_written_with_the_arrows_and_enter_alone(page):
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    expect(choices(page).first).to_have_text("status:how it went, or goes")
    expect(line(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    active = line(page).get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(line(page)).to_have_value("status:")

    # Values come with the number of traces that have them.
    expect(choices(page).filter(has_text="lost")).to_have_text("lost2")
    page.keyboard.press("ArrowUp")
    expect(choices(page).filter(has_text="error")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(line(page)).to_have_value("status:error ")
    expect(choices(page)).to_have_count(0)
    page.keyboard.press("Enter")

    page.wait_for_url("**/traces?filter=status:error")
    expect(page.locator(".list-head").get_by_text("3 traces")).to_be_visible()
    expect(line(page)).to_be_focused()


def test_enter_is_left_to_who_has_not_chosen_anything(page):
    page.keyboard.press("/")
    page.keyboard.type("crew:trip")
    expect(choices(page)).to_have_text(["TripCrew7"])

    page.keyboard.press("Enter")

    page.wait_for_url("**/traces?filter=crew:trip")
    expect(choices(page)).to_have_count(0)
    expect(line(page)).to_have_value("crew:trip")


def test_an_answer_that_comes_after_enter_opens_nothing(page):
    held = []
    page.route("**/filter/complete?*", lambda route: held.append(route))
    page.keyboard.press("/")
    with page.expect_request("**/filter/complete?*"):
        page.keyboard.type("crew:T")
    page.keyboard.press("Enter")
    page.wait_for_url("**/traces?filter=crew:T")
    for route in held:
        route.continue_()
    rest(page)
    expect(choices(page)).to_have_count(0)


def test_tab_completes_what_was_begun_and_else_moves_on(page):
    page.keyboard.press("/")
    page.keyboard.type("-cr")
    expect(choices(page)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(line(page)).to_have_value("-crew:")
    expect(choices(page)).to_have_count(4)
    page.keyboard.type("市")
    expect(choices(page)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(line(page)).to_have_value("-crew:市场调研团队 ")
    expect(line(page)).to_be_focused()

    page.keyboard.press("Tab")

    expect(line(page)).not_to_be_focused()


def test_escape_closes_the_list_first_and_then_leaves_the_field(page):
    page.keyboard.press("/")
    page.keyboard.type("cr")
    expect(choices(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(choices(page)).to_have_count(0)
    expect(line(page)).to_have_value("cr")
    expect(line(page)).to_be_focused()

    page.keyboard.press("Escape")

    expect(line(page)).to_have_value("")
    expect(line(page)).not_to_be_focused()


def test_the_arrows_go_round_by_way_of_the_field(page):
    page.keyboard.press("/")
    page.keyboard.type("crew:")
    expect(choices(page)).to_have_count(4)
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(0)
    assert line(page).get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    expect(choices(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.type("R")
    expect(choices(page)).to_have_text(["ResearchCrew6"])
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(0)


def test_an_arrow_pressed_the_moment_the_list_is_there_chooses(page):
    # The page's effects run a frame later than a reader may see the list.
    page.evaluate(
        """() => new MutationObserver((_, observer) => {
            if (document.querySelector('[role=option]') === null) return;
            observer.disconnect();
            const arrow = new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true });
            document.activeElement.dispatchEvent(arrow);
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    line(page).fill("crew:")
    expect(choices(page)).to_have_count(4)
    rest(page)
    expect(choices(page).first).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize(
    ("arrows", "chosen", "is_offered_still", "written"),
    [(2, "ResearchCrew", True, "crew:ResearchCrew "), (1, "TripCrew", False, "crew:R")],
)
def test_what_the_arrows_chose_is_chosen_until_it_is_offered_no_more(
    page, arrows, chosen, is_offered_still, written
):
    held = []
    page.keyboard.press("/")
    page.keyboard.type("crew:")
    expect(choices(page)).to_have_count(4)
    page.route("**/filter/complete?*", lambda route: held.append(route))
    with page.expect_request("**/filter/complete?*"):
        page.keyboard.type("R")
    for _ in range(arrows):
        page.keyboard.press("ArrowDown")
    option = choices(page).filter(has_text=chosen)
    expect(option).to_have_attribute("aria-selected", "true")

    for route in held:
        route.continue_()
    expect(choices(page)).to_have_text(["ResearchCrew6"])
    rest(page)

    is_chosen = choices(page).get_attribute("aria-selected")
    assert is_chosen == ("true" if is_offered_still else "false")
    page.keyboard.press("Enter")
    expect(line(page)).to_have_value(written)


def test_who_writes_on_has_chosen_nothing(page):
    page.keyboard.press("/")
    page.keyboard.type("crew:")
    expect(choices(page)).to_have_count(4)
    page.keyboard.press("ArrowDown")
    expect(choices(page).first).to_have_attribute("aria-selected", "true")
    page.route("**/filter/complete?*", lambda route: None)
    page.keyboard.type("R")

    page.keyboard.press("Enter")

    page.wait_for_url("**/traces?filter=crew:R")


def test_the_mouse_chooses_too_and_the_word_at_the_cursor_is_replaced(page):
    line(page).fill("x cre:Trip y")
    line(page).evaluate("field => field.setSelectionRange(4, 4)")
    page.keyboard.press("ArrowDown")

    choices(page).filter(has_text="crew:").click()

    expect(line(page)).to_have_value("x crew:Trip y")
    expect(line(page)).to_be_focused()
    assert line(page).evaluate("field => field.selectionStart") == 7


def test_how_a_number_is_written_is_said(page):
    page.keyboard.press("/")
    page.keyboard.type("cost:")
    hint = page.get_by_text("Expected: US dollars, such as 0.02 or 5")
    expect(hint).to_be_visible()
    expect(line(page)).to_have_attribute("aria-expanded", "false")
    assert page.locator(f"#{line(page).get_attribute('aria-describedby')}").inner_text() == (
        hint.inner_text()
    )
    page.keyboard.type(">0.01")
    page.keyboard.press("Enter")
    expect(hint).to_have_count(0)


def test_within_a_span_only_what_a_span_has_is_offered(page):
    page.keyboard.press("/")
    page.keyboard.type("-span(kind:tool ")
    expect(choices(page)).to_have_count(18)
    expect(choices(page).filter(has_text="user:")).to_have_count(0)
    page.keyboard.type(") ")
    expect(choices(page)).to_have_count(29)


def test_a_stale_answer_is_dropped(page):
    held = []
    page.route("**/filter/complete?text=user*", lambda route: held.append(route))
    page.keyboard.press("/")
    with page.expect_request("**/filter/complete?text=user*"):
        page.keyboard.type("user")
    line(page).fill("crew:")
    expect(choices(page)).to_have_count(4)

    for route in held:
        route.continue_()
    rest(page)

    expect(choices(page)).to_have_count(4)


def test_fast_typing_asks_once(page, server):
    page.keyboard.press("/")
    began = time.monotonic()
    page.keyboard.type("crew:TripCr")
    took = time.monotonic() - began
    expect(choices(page)).to_have_text(["TripCrew7"])
    # A machine that is busy may type as slowly as a person.
    assert asked(server) <= 1 + took / 0.12


def test_while_words_are_composed_the_keys_are_the_composers(page, server):
    page.keyboard.press("/")
    page.keyboard.type("crew:")
    expect(choices(page)).to_have_count(4)
    page.keyboard.press("ArrowDown")
    before = asked(server)
    client = page.context.new_cdp_session(page)
    client.send("Input.imeSetComposition", {"text": "shi", "selectionStart": 3, "selectionEnd": 3})
    expect(line(page)).to_have_value("crew:shi")
    for key in ("Enter", "ArrowDown", "Tab"):
        line(page).dispatch_event("keydown", {"key": key, "isComposing": True})
    expect(line(page)).to_have_value("crew:shi")
    assert asked(server) == before

    client.send("Input.insertText", {"text": "市"})

    expect(choices(page)).to_have_text(["市场调研团队6"])


def test_without_an_answer_a_filter_is_written_all_the_same(page, server):
    server.broken.add(COMPLETE)
    page.keyboard.press("/")
    with page.expect_response(lambda answer: COMPLETE in answer.url):
        page.keyboard.type("crew:tripcrew")
    page.keyboard.press("Enter")
    expect(page.locator(".list-head").get_by_text("7 traces")).to_be_visible()
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_a_finger_opens_it_in_an_empty_field_and_it_stays_within_the_screen(server, open_page):
    many(server, 30)
    page = open_page("/", size=NARROW, has_touch=True, language="zh")
    page.locator(".filter-input").tap()
    expect(choices(page)).to_have_count(29)
    box = page.locator(".choices").bounding_box()
    assert (box["x"], box["width"]) == (12, NARROW[0] - 24)
    assert box["y"] + box["height"] < NARROW[1]
    expect(choices(page).first).to_have_text("status:结果或当前状态")
    assert choices(page).first.bounding_box()["height"] >= 40
    choices(page).filter(has_text="crew:").tap()
    choices(page).filter(has_text="TripCrew").tap()
    expect(page.locator(".filter-input")).to_have_value("crew:TripCrew ")


def test_a_click_elsewhere_closes_it(page):
    line(page).click()
    expect(choices(page)).to_have_count(29)
    page.get_by_role("heading", name="Traces").click()
    expect(choices(page)).to_have_count(0)

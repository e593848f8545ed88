"""What goes wrong is said in the reader's language."""

import pytest
from playwright.sync_api import expect
from uifakes.scenes import many


@pytest.mark.parametrize(("language", "title"), [("en", "Not stored here"), ("zh", "这里没有保存")])
def test_a_trace_that_is_not_stored_is_said_in_the_pages_language(open_page, language, title):
    page = open_page(f"/traces/{'0' * 31}1", language=language)

    page.get_by_role("heading", name=title).wait_for()


@pytest.mark.parametrize("trace_id", [f"{'0' * 31}1", "nonsense", "elsewhere/far"])
def test_from_a_trace_that_cannot_be_shown_a_link_leads_to_the_list(server, open_page, trace_id):
    many(server, 3)
    page = open_page(f"/traces/{trace_id}")

    page.get_by_role("link", name="Back to the list").click()

    expect(page.locator(".trace-row")).to_have_count(3)

"""What goes wrong is said in the reader's language."""

import pytest


@pytest.mark.parametrize(("language", "title"), [("en", "Not stored here"), ("zh", "这里没有保存")])
def test_a_trace_that_is_not_stored_is_said_in_the_pages_language(open_page, language, title):
    page = open_page(f"/traces/{'0' * 31}1", language=language)

    page.get_by_role("heading", name=title).wait_for()

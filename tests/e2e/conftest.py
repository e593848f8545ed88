"""A real browser for the tests of the whole path."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from browsers import chromium

# What is expected comes at once, or never.
expect.set_options(timeout=20_000)


@pytest.fixture
def page() -> Iterator[Page]:
    """A page at a desk's size. A fault in the page fails the test."""
    faults: list[str] = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        yield page
    assert faults == []

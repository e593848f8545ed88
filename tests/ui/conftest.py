"""A browser, a server and pages for the tests of the page."""

from collections.abc import Callable, Iterator

import pytest
from core_modules import exports
from playwright.sync_api import Browser, Page, expect
from uifakes.server import FakeServer
from uifakes.windows import WIDE

from browsers import chromium

# What is expected comes at once, or never.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def idle_page(browser: Browser) -> Iterator[Page]:
    """A page that shows nothing much, to call the page's own functions in."""
    server = FakeServer()
    page = browser.new_page(locale="en-GB", timezone_id="Europe/Berlin")
    page.goto(server.url)
    page.wait_for_selector("main")
    yield page
    page.close()
    server.close()


@pytest.fixture
def core(idle_page: Page) -> Callable[..., object]:
    """`core("format", "duration(1e6)")`: an expression over the exports of a module."""
    # Whoever loads a module by its address gets the very one that the page runs.
    base = idle_page.evaluate(
        "document.querySelector('script[src]').src.replace('main.js', 'core/')"
    )

    def run(module: str, expression: str, **given: object) -> object:
        names = ", ".join(given)
        return idle_page.evaluate(
            f"async (given) => {{ const core = await import('{base}{module}.js'); "
            f"const {{ {names} }} = given; const {{ {exports(module)} }} = core; "
            f"return {expression}; }}",
            given,
        )

    return run


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """An empty server."""
    server = FakeServer(("Default", "Holiday planning"))
    yield server
    server.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, server: FakeServer) -> Iterator[OpenPage]:
    """Open an address of the server. A fault in the page or a word from the CSP fails the test."""
    contexts = []
    faults: list[str] = []

    def open_(
        path: str = "/",
        size: tuple[int, int] = WIDE,
        dark: bool = False,
        language: str = "en",
        **more: object,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            timezone_id="Europe/Berlin",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on(
            "console",
            lambda said: (
                faults.append(said.text)
                if said.type == "error" and "Failed to load resource" not in said.text
                else None
            ),
        )
        page.goto(server.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []

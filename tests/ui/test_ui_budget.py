"""What the page may weigh, whom it may ask, and that everyone can use it."""

import gzip
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from rest import rest
from uifakes.scenes import TRIP_ID, many, trip
from uifakes.windows import NARROW, WIDE

pytestmark = pytest.mark.browser
FIRST_LOAD_BYTES = 150_000


@pytest.mark.parametrize("path", ["/", f"/traces/{TRIP_ID}"])
def test_the_first_load_is_light_and_asks_nobody_else(server, open_page, path):
    many(server)
    trip(server)
    page = open_page("/api/v1/experiments")
    bodies, hosts = {}, set()
    page.on("response", lambda answer: bodies.update({answer.url: answer}))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(server.url + path)
    page.wait_for_selector(".trace-row, .detail-scroll")
    assets = {url: answer.body() for url, answer in list(bodies.items()) if "/api/" not in url}

    assert hosts == {urlsplit(server.url).netloc}
    assert sum(len(gzip.compress(body)) for body in assets.values()) <= FIRST_LOAD_BYTES
    assert all(answer.ok for answer in list(bodies.values()))


def test_the_policy_allows_no_inline_code_but_the_import_map(server):
    policy = server.page.policy
    assert "'unsafe-inline'" not in policy and "'unsafe-eval'" not in policy
    assert policy.count("'sha256-") == 1


SCREENS = {
    "list": ("/", ".trace-row", None),
    "trace": (f"/traces/{TRIP_ID}", ".detail-scroll, .row", None),
    "messages": (f"/traces/{TRIP_ID}", ".row", "final answer"),
    "failure": (f"/traces/{TRIP_ID}", ".row", "n"),
    "attributes": (f"/traces/{TRIP_ID}", ".row", "attributes"),
    "keys": (f"/traces/{TRIP_ID}", ".row", "?"),
    "filtered": ("/traces?filter=crew:tripcrew", ".trace-row", None),
    "refused": ("/traces?filter=(late+statsu:eror", ".refusal", None),
    "completion": ("/", ".trace-row", "completion"),
    "facets": ("/traces?filter=-crew:tripcrew+status:ok", ".trace-row", "facets"),
    "no match": ("/traces?filter=crew:needle", ".nothing", None),
    "missing": ("/traces/" + "0" * 32, "[role=alert]", None),
    "waiting": ("/", ".waiting", None),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_no_violation(server, open_page, size, dark, language):
    page = open_page("/", size=size, dark=dark, language=language)
    page.wait_for_selector("main")
    found = {}
    for screen, (path, ready, act) in reversed(SCREENS.items()):
        if screen == "missing":
            many(server)
            trip(server)
        page.goto("about:blank")
        page.goto(server.url + path)
        page.wait_for_selector(ready)
        show(page, act, size)
        # Axe measures colours as they are now: nothing may be half faded in.
        rest(page)
        result = Axe().run(page)
        if result.violations_count:
            found[screen] = result.generate_report()
    assert found == {}


def show(page, act, size):
    """Bring the screen into the state that is to be judged."""
    if act == "final answer":
        page.locator(".tree").evaluate(
            "(tree, top) => tree.scrollTop = top", 300 if size == NARROW else 0
        )
        rest(page)
        page.locator(".row", has_text="final answer").first.click()
        page.wait_for_selector(".turn")
    elif act == "attributes":
        page.locator(".row").nth(1).click()
        page.wait_for_selector("[role=tab]")
        page.get_by_role("tab").last.click()
    elif act == "facets":
        if page.locator(".facets").count() == 0:
            page.keyboard.press("f")
        page.wait_for_selector(".facet.out")
    elif act == "completion":
        page.locator(".filter-input").click()
        page.locator(".choice", has_text="model:").wait_for()
        page.keyboard.press("ArrowDown")
    elif act is not None:
        page.keyboard.press(act)
        if act == "n" and size == NARROW:
            page.keyboard.press("Enter")

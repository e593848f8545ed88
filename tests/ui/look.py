"""Take pictures of every screen for a person to look at: `python tests/ui/look.py [filter]`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page
from uifakes.scenes import TRIP_ID, large, many, running_trip, trip
from uifakes.server import FakeServer
from uifakes.windows import NARROW, WIDE

from browsers import chromium

OUT = Path(__file__).parents[1] / ".screenshots"


def click_row(text: str):
    """Select the first outline row with this text."""
    return lambda page: (
        page.locator(".tree").evaluate(
            "(e, far) => e.scrollTop = far", 300 if page.viewport_size["width"] < 480 else 0
        ),
        page.wait_for_timeout(150),
        page.locator(".row", has_text=text).first.click(),
        page.wait_for_selector(".detail-scroll"),
        page.wait_for_timeout(250),
    )


def scroll_detail(page: Page) -> None:
    """Down to the end of the detail."""
    page.locator(".detail-scroll").evaluate("e => e.scrollTop = 99999")


def facets(page: Page) -> None:
    """The column of facets, or the drawer that it is on a narrow screen."""
    if page.locator(".facets").count() == 0:
        page.locator(".facets-button").click()
    page.wait_for_selector(".facet")


def proposals(page: Page) -> None:
    """Values with their counts under the filter's field."""
    page.locator(".filter-input").click()
    page.keyboard.type("crew:")
    page.locator(".choice .number").first.wait_for()
    page.keyboard.press("ArrowDown")


SHOTS = {
    "list": ("/", lambda page: None),
    "filtered": ("/traces?filter=crew:tripcrew", lambda page: None),
    "refused": (
        "/traces?filter=crew:tripcrew",
        lambda page: (
            page.locator(".filter-input").fill('crew:Research "late train" statsu:error'),
            page.locator(".filter-input").press("Enter"),
            page.wait_for_selector(".refusal"),
        ),
    ),
    "gap": ("/traces?filter=(late+OR", lambda page: None),
    "nothing": ("/traces?filter=crew:needle", lambda page: None),
    "facets": ("/traces?filter=crew:TripCrew+-status:error", facets),
    "fields": ("/", lambda page: page.locator(".filter-input").click()),
    "proposals": ("/", proposals),
    "ordered": ("/traces?sort=cost", lambda page: None),
    "typed": ("/", lambda page: page.locator(".filter-input").fill("crew:Research")),
    "trace": (f"/traces/{TRIP_ID}", lambda page: page.wait_for_timeout(300)),
    "llm": (f"/traces/{TRIP_ID}", click_row("final answer")),
    "call": (f"/traces/{TRIP_ID}", click_row("search(…)")),
    "end": (
        f"/traces/{TRIP_ID}",
        lambda page: (click_row("final answer")(page), scroll_detail(page)),
    ),
    "json": (f"/traces/{TRIP_ID}", click_row("recall")),
    "raw": (
        f"/traces/{TRIP_ID}",
        lambda page: (click_row("final answer")(page), page.get_by_role("tab").last.click()),
    ),
    "error": (
        f"/traces/{TRIP_ID}",
        lambda page: (page.keyboard.press("n"), page.wait_for_timeout(400)),
    ),
    "running": ("/traces/6922c1ff" + "aa" * 12, lambda page: page.wait_for_timeout(600)),
    "large": ("/traces/" + "f" * 32, lambda page: page.wait_for_timeout(600)),
    "keys": (f"/traces/{TRIP_ID}", lambda page: page.keyboard.press("?")),
    "missing": ("/traces/" + "0" * 32, lambda page: None),
    "empty": ("/", lambda page: None),
}


def main(wanted: str) -> None:
    """Every shot whose name contains the filter, wide and narrow, light and dark."""
    OUT.mkdir(parents=True, exist_ok=True)
    full, empty = FakeServer(("Default", "Holiday planning")), FakeServer()
    many(full)
    trip(full)
    running_trip(full)
    large(full)
    with chromium() as browser:
        for size, scheme, language in (
            (WIDE, "light", "en-GB"),
            (WIDE, "dark", "zh-CN"),
            (NARROW, "light", "zh-CN"),
            (NARROW, "dark", "en-GB"),
        ):
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale=language
            )
            for name, (path, act) in SHOTS.items():
                shot = f"{name}-{size[0]}-{scheme}"
                if wanted and wanted not in shot:
                    continue
                page = context.new_page()
                page.on(
                    "console",
                    lambda said: (
                        print("console:", said.text) if said.type in ("error", "warning") else None
                    ),
                )
                page.on("pageerror", lambda fault: print("fault:", fault))
                page.goto((empty if name == "empty" else full).url + path)
                page.wait_for_selector("main")
                page.wait_for_timeout(300)
                try:
                    act(page)
                except Exception as fault:  # noqa: BLE001 - the picture shows what is wrong
                    print(shot, fault)
                page.screenshot(path=OUT / f"{shot}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")

"""Completion, facets and orders over a real server: written, counted and sorted by the store."""

import time

import httpx2
import pytest
from playwright.sync_api import Page, expect

from journals import crew, llm_call, piece
from telltale.nouns.span import Status
from testbed.servers import RunningServer

pytestmark = pytest.mark.browser


def test_a_reader_narrows_the_list_without_knowing_the_language(page: Page, tmp_path):
    with RunningServer(tmp_path) as server:
        http = httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30)

        def ran(name: str, seconds: int, **fields: object) -> None:
            now = time.time_ns()
            root = crew(name=name, start_ns=now - seconds * 10**9, end_ns=now, **fields)
            assert http.post("/api/v1/journal", content=piece([root, llm_call(root)])).is_success

        ran("Research", 30, status=Status.ERROR)
        ran("Research", 20)
        ran("Trip plan", 10)
        page.goto(server.base_url)
        rows, facets = page.locator(".trace-row"), page.locator(".facets")
        expect(rows).to_have_count(3)
        crews = facets.locator(".facet-group").filter(has=page.get_by_role("heading", name="Crew"))
        expect(crews.locator("li")).to_have_text(["Research2", "Trip plan1"])

        page.keyboard.press("/")
        page.keyboard.type("crew:tr")
        options = page.get_by_role("listbox").get_by_role("option")
        expect(options).to_have_text(['"Trip plan"1'])
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(rows).to_have_count(1)
        expect(crews.locator("li")).to_have_text(["Trip plan1"])
        crews.get_by_role("button", name="Exclude").click()
        expect(rows).to_have_count(2)
        expect(crews.locator("li")).to_have_text(["Trip plan", "Research2"])

        page.get_by_role("button", name="Duration").click()
        page.get_by_role("button", name="Duration").click()
        durations = page.locator(".trace-row .cell-duration .number")
        expect(durations).to_have_text(["20.0 s", "30.0 s"])
        ran("Trip plan", 1)
        ran("Research", 25)
        page.get_by_role("button", name="1 new trace").click()
        expect(rows).to_have_count(3)
        assert sorted(durations.all_inner_texts()) == ["20.0 s", "25.0 s", "30.0 s"]
        expect(page.locator(".trace-row.chosen")).to_contain_text("25.0 s")
        expect(page.locator(".trace-row.chosen")).to_have_attribute("aria-rowindex", "3")
        expect(crews.locator("li")).to_have_text(["Trip plan", "Research3"])

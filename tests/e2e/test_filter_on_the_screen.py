"""The filter line over a real server: found, refused, mended, and followed live."""

from urllib.parse import unquote_plus

import httpx2
import pytest
from playwright.sync_api import Page, expect

from journals import crew, llm_call, piece
from telltale.nouns.span import Status
from testbed.servers import RunningServer

pytestmark = pytest.mark.browser


def test_a_reader_asks_for_some_traces_and_sees_new_ones_of_them(page: Page, tmp_path):
    with RunningServer(tmp_path) as server:
        http = httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30)

        def ran(name: str, **fields: object) -> None:
            root = crew(name=name, **fields)
            assert http.post("/api/v1/journal", content=piece([root, llm_call(root)])).is_success

        ran("Research", status=Status.ERROR)
        ran("Research")
        ran("Trip plan")
        page.goto(server.base_url)
        rows = page.locator(".trace-row")
        expect(rows).to_have_count(3)

        page.keyboard.press("/")
        page.keyboard.type('crew:research statsu:error "東京"')
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_role("button", name="status", exact=True).click()
        expect(page.get_by_role("heading", name="No trace matches this filter")).to_be_visible()
        line = page.get_by_role("combobox", name="Filter traces")
        line.fill('crew:research status:error "东京"')
        line.press("Enter")
        expect(rows).to_have_count(1)
        assert unquote_plus(page.url).endswith('/traces?filter=crew:research status:error "东京"')

        ran("Trip plan", status=Status.ERROR)
        ran("Research", status=Status.ERROR)
        expect(rows).to_have_count(2)
        expect(rows.filter(has_text="Research")).to_have_count(2)

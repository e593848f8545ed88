"""A trace that is deleted leaves the screen of whoever looks at it."""

import httpx2
import pytest
from playwright.sync_api import Page, expect

from journals import crew, piece
from testbed.servers import RunningServer

pytestmark = pytest.mark.browser


def test_it_leaves_the_list_and_its_own_page(page: Page, tmp_path):
    with RunningServer(tmp_path) as server:
        http = httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30)
        roots = [crew(name=name) for name in ("Stays", "Goes", "Goes too")]
        assert http.post("/api/v1/journal", content=piece(roots)).is_success
        page.goto(server.base_url)
        expect(page.locator(".trace-row")).to_have_count(3)
        expect(page.locator(".facets")).to_contain_text("Goes1")

        assert http.delete(f"/api/v1/traces/{roots[1].trace_id.hex()}").json() == {"traces": 1}

        expect(page.locator(".trace-row")).to_have_count(2)
        expect(page.locator(".facets")).not_to_contain_text("Goes1")
        page.goto(f"{server.base_url}/traces/{roots[2].trace_id.hex()}")
        expect(page.get_by_role("heading", name="Goes too", exact=True)).to_be_visible()
        assert http.post("/api/v1/traces/delete", json={"filter": "crew:Goes*"}).is_success
        expect(page.get_by_role("heading", name="Not stored here")).to_be_visible()

"""One load of the page in a real browser, and everything that is counted about it."""

from urllib.parse import urlsplit

import msgspec
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Playwright

from benchmarks.machine import chromium, wait_for_quiet

LIST, OUTLINE = ".trace-row", ".tree .row"
"""What is drawn for a trace of the list, and for a span of a trace."""
_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_SIZE = {"width": 1440, "height": 900}
_WAIT_MS = 30_000
_SETTLE_MS = 300
"""For what comes after the first row: the rest of the frame, the first span's body."""
# The clock is read in the task behind the frame that first holds such a row: by then it is drawn.
_WATCH = """
const benchmark = (window.benchmark = {});
const watch = (row, from) => {
  benchmark.row = row;
  benchmark.drawn = new Promise((resolve) => {
    benchmark.found = () => requestAnimationFrame(() => {
      const behind = new MessageChannel();
      behind.port1.onmessage = () => resolve(performance.now() - from);
      behind.port2.postMessage(0);
    });
  });
};
new MutationObserver(() => {
  if (benchmark.row === null || !document.querySelector(benchmark.row)) return;
  benchmark.row = null;
  benchmark.found();
}).observe(document, { childList: true, subtree: true });
addEventListener("click", () => watch(CLICKED, performance.now()), true);
watch(WANTED, 0);
"""


class Loaded(msgspec.Struct, frozen=True):
    """What one load cost."""

    bytes: int
    """All that came over the wire, headers included, as it was compressed."""
    data_bytes: int
    """Of those, answers of the API."""
    requests: int
    outside: int
    """Requests to anywhere but the server."""
    cpu_ms: float
    """Of the page's main thread."""
    nodes: int
    heap_mb: float
    """After a garbage collection."""


def start(playwright: Playwright) -> Browser:
    """The system's Chromium.

    Raises:
        SystemExit: If there is none.
    """
    found = chromium()
    if found is None:
        raise SystemExit("page: no Chromium here; on Debian: apt-get install chromium")
    return playwright.chromium.launch(executable_path=found, args=list(_ARGS))


def seconds_to_row(
    browser: Browser, address: str, path: str, wanted: str, click: str | None = None
) -> float:
    """From the navigation, with an empty cache, to the frame that shows the first row.

    Args:
        wanted: Selector of a row.
        click: What to click then; the time is that from the click to the first row of the
            outline, in a page that is warm.
    """
    with browser.new_context(viewport=_SIZE) as context:
        page = _watched(context, wanted)
        wait_for_quiet()
        page.goto(address + path)
        if click is None:
            return _drawn_s(page)
        _drawn_s(page)
        page.wait_for_timeout(_SETTLE_MS)
        wait_for_quiet()
        page.click(click)
        return _drawn_s(page)


def count_load(browser: Browser, address: str, path: str, wanted: str) -> Loaded:
    """The same load with all instruments on, which take time of their own."""
    with browser.new_context(viewport=_SIZE) as context:
        page = _watched(context, wanted)
        tools = context.new_cdp_session(page)
        traffic = _Traffic(tools, address)
        tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(address + path)
        _drawn_s(page)
        page.wait_for_timeout(_SETTLE_MS)
        cpu_ms = _metrics(tools)["TaskDuration"] * 1000
        tools.send("HeapProfiler.collectGarbage")
        return Loaded(
            sum(traffic.arrived.values()),
            sum(size for of, size in traffic.arrived.items() if of in traffic.data),
            traffic.requests,
            traffic.outside,
            cpu_ms,
            page.evaluate("document.querySelectorAll('*').length"),
            _metrics(tools)["JSHeapUsedSize"] / 1e6,
        )


class _Traffic:
    """What the network saw."""

    def __init__(self, tools: CDPSession, address: str) -> None:
        self.requests = self.outside = 0
        self.arrived: dict[str, int] = {}
        """Bytes by request."""
        self.data: set[str] = set()
        """Requests to the API."""
        self._host = urlsplit(address).netloc
        tools.on("Network.requestWillBeSent", self._sent)
        tools.on("Network.loadingFinished", self._finished)
        tools.send("Network.enable")

    def _sent(self, event: dict) -> None:
        url = urlsplit(event["request"]["url"])
        if url.scheme == "data":
            return
        self.requests += 1
        self.outside += url.netloc != self._host
        if url.path.startswith("/api/"):
            self.data.add(event["requestId"])

    def _finished(self, event: dict) -> None:
        self.arrived[event["requestId"]] = int(event["encodedDataLength"])


def _watched(context: BrowserContext, wanted: str) -> Page:
    page = context.new_page()
    page.add_init_script(_WATCH.replace("WANTED", repr(wanted)).replace("CLICKED", repr(OUTLINE)))
    return page


def _drawn_s(page: Page) -> float:
    # Awaited in the page: its policy forbids what Playwright's own waiting evaluates there.
    late = f"new Promise((_, no) => setTimeout(no, {_WAIT_MS}, new Error('no row was drawn')))"
    return page.evaluate(f"Promise.race([benchmark.drawn, {late}])") / 1000


def _metrics(tools: CDPSession) -> dict[str, float]:
    answer = tools.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in answer["metrics"]}

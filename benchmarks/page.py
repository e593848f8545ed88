"""How soon does a person see something, and what does the browser hold then?

Times run from the navigation or the click to the frame that shows the first row, by the page's
own clock, in loads without any other instrument. The ways to open something take turns, so that a
busy minute of the machine falls on all of them. CPU is that of the page's main thread, which the
machine's other work disturbs less.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import LIST, OUTLINE, Loaded, count_load, seconds_to_row, start
from benchmarks.figures import COUNT, KILOBYTES, MEGABYTES, MILLISECONDS, SECONDS, Row, row
from benchmarks.processes import Server, fresh_home, server
from benchmarks.synthetic import piece, trace

RUNS = 5
COUNTED = 3
WARM_UP = 2
LISTED = 100
"""As many traces as the list asks for at once."""
LARGE = {1_000: 0.7, 10_000: 2.0}
"""Spans of a trace, and the seconds in which it should be open."""
_AGO_S = 3600.0
_SPANS_A_POST = 1_000


class _Large(msgspec.Struct, frozen=True):
    spans: int
    trace_id: str
    most_s: float

    @property
    def path(self) -> str:
        return f"/traces/{self.trace_id}"

    @property
    def link(self) -> str:
        return f"#trace-{self.trace_id} a"


def measure(python: str) -> tuple[Row, ...]:
    """First load, the list, and traces of 1,000 and 10,000 spans."""
    with fresh_home() as home, server(python, home) as running, sync_playwright() as playwright:
        filled = _fill(running)
        browser = start(playwright)
        # The first pages of a browser's life also pay for the browser.
        for _ in range(WARM_UP):
            seconds_to_row(browser, running.address, "/", LIST)
        times_s = _times(browser, running.address, filled)
        rows = [*_first_load(browser, running, times_s["/"])]
        for large in filled:
            rows += _opened(browser, running, large, times_s)
        browser.close()
    return tuple(rows)


def _times(browser: Browser, address: str, filled: Sequence[_Large]) -> dict[str, list[float]]:
    """Seconds to the first row: by path, and by the link that is clicked in the list."""
    times_s: dict[str, list[float]] = defaultdict(list)
    for _ in range(RUNS):
        times_s["/"].append(seconds_to_row(browser, address, "/", LIST))
        for large in filled:
            direct_s = seconds_to_row(browser, address, large.path, OUTLINE)
            clicked_s = seconds_to_row(browser, address, "/", LIST, large.link)
            times_s[large.path].append(direct_s)
            times_s[large.link].append(clicked_s)
    return times_s


def _fill(running: Server) -> list[_Large]:
    """A list's worth of traces, the two large ones the newest."""
    for number in range(LISTED - len(LARGE)):
        running.ask("/api/v1/journal", piece(trace(20, number, _AGO_S), whole=False))
    filled = []
    for size, most_s in LARGE.items():
        spans = trace(size)
        for at in range(0, size, _SPANS_A_POST):
            running.ask("/api/v1/journal", piece(spans[at : at + _SPANS_A_POST], whole=False))
        filled.append(_Large(size, spans[0].trace_id.hex(), most_s))
    return filled


def _first_load(browser: Browser, running: Server, first_s: Sequence[float]) -> Iterator[Row]:
    """The list, from an empty cache."""
    loads, server_ms = [], []
    for _ in range(COUNTED):
        before_s = running.cpu_s()
        loads.append(count_load(browser, running.address, "/", LIST))
        server_ms.append((running.cpu_s() - before_s) * 1000)
    wire = [load.bytes / 1e3 for load in loads]
    data = [load.data_bytes / 1e3 for load in loads]
    yield row("first load on the wire, headers and data included", wire, KILOBYTES, most=150)
    yield row(f"… of which the data of {LISTED} traces", data, KILOBYTES)
    yield row("requests", [load.requests for load in loads], COUNT)
    yield row("requests to anywhere else", [load.outside for load in loads], COUNT, most=0)
    yield row("first row of the list, cache empty", first_s, SECONDS, most=0.5)
    yield row("… CPU of the server", server_ms, MILLISECONDS)
    yield from _held(loads)


def _opened(
    browser: Browser, running: Server, large: _Large, times_s: dict[str, list[float]]
) -> Iterator[Row]:
    """One trace, by a click in the list and by its address."""
    name, most_s = f"{large.spans:,}-span trace", large.most_s
    loads = [count_load(browser, running.address, large.path, OUTLINE) for _ in range(COUNTED)]
    yield row(f"{name}, by a click", times_s[large.link], SECONDS, most_s)
    yield row(f"{name}, by address, cache empty", times_s[large.path], SECONDS, most_s)
    yield row("… its data on the wire", [load.data_bytes / 1e3 for load in loads], KILOBYTES)
    yield from _held(loads)


def _held(loads: Sequence[Loaded]) -> Iterator[Row]:
    yield row("… CPU of the page's main thread", [load.cpu_ms for load in loads], MILLISECONDS)
    yield row("… DOM nodes", [load.nodes for load in loads], COUNT, most=3_000)
    yield row("… heap", [load.heap_mb for load in loads], MEGABYTES, most=40)

"""How soon does a person see something, and what does the browser hold then?

Times run from the navigation or the click to the frame that shows the first row, by the page's
own clock. CPU is that of the page's main thread, which the machine's other work disturbs less.
"""

from collections.abc import Iterator, Sequence

import msgspec
from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import LIST, OUTLINE, Loaded, load_page, start
from benchmarks.figures import COUNT, KILOBYTES, MEGABYTES, MILLISECONDS, SECONDS, Row, row
from benchmarks.processes import Server, fresh_home, server
from benchmarks.synthetic import piece, trace

RUNS = 5
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


def measure(python: str) -> tuple[Row, ...]:
    """First load, the list, and traces of 1,000 and 10,000 spans."""
    with fresh_home() as home, server(python, home) as running, sync_playwright() as playwright:
        filled = _fill(running)
        browser = start(playwright)
        # The first page of a browser's life also pays for the browser.
        load_page(browser, running.address, "/", LIST)
        rows = [*_first_load(browser, running)]
        for large in filled:
            rows += _opened(browser, running, large)
        browser.close()
    return tuple(rows)


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


def _first_load(browser: Browser, running: Server) -> Iterator[Row]:
    """The list, from an empty cache."""
    loads = [load_page(browser, running.address, "/", LIST) for _ in range(RUNS)]
    wire = [load.bytes / 1e3 for load in loads]
    data = [load.data_bytes / 1e3 for load in loads]
    yield row("first load on the wire, headers and data included", wire, KILOBYTES, most=150)
    yield row(f"… of which the data of {LISTED} traces", data, KILOBYTES)
    yield row("requests", [load.requests for load in loads], COUNT)
    yield row("requests to anywhere else", [load.outside for load in loads], COUNT, most=0)
    yield row("first row of the list, cache empty", _seconds(loads), SECONDS, most=0.5)
    yield from _held(loads)


def _opened(browser: Browser, running: Server, large: _Large) -> Iterator[Row]:
    """One trace, by a click in the list and by its address."""
    address, name = f"/traces/{large.trace_id}", f"{large.spans:,}-span trace"
    clicked = [
        load_page(browser, running.address, "/", LIST, click=f"#trace-{large.trace_id} a")
        for _ in range(RUNS)
    ]
    direct = [load_page(browser, running.address, address, OUTLINE) for _ in range(RUNS)]
    yield row(f"{name}, by a click", _seconds(clicked), SECONDS, most=large.most_s)
    yield row(f"{name}, by address, cache empty", _seconds(direct), SECONDS, most=large.most_s)
    yield row("… its skeleton on the wire", [d.data_bytes / 1e3 for d in direct], KILOBYTES)
    yield from _held(direct)


def _seconds(loads: Sequence[Loaded]) -> list[float]:
    return [load.first_row_s for load in loads]


def _held(loads: Sequence[Loaded]) -> Iterator[Row]:
    yield row("… CPU of the page's main thread", [load.cpu_ms for load in loads], MILLISECONDS)
    yield row("… DOM nodes", [load.nodes for load in loads], COUNT, most=3_000)
    yield row("… heap", [load.heap_mb for load in loads], MEGABYTES, most=40)

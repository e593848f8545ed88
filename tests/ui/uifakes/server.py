"""A small real HTTP server that answers what the page asks, from traces drawn in a test."""

import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import msgspec

from telltale.nouns.trace import Experiment, Trace, TracePage
from telltale.query.parse import BadFilter, parse
from telltale.server.page import load_page
from telltale.server.problems import problem_of
from telltale.store.questions import Sort
from uifakes.facets import completion, facets
from uifakes.filtered import is_true
from uifakes.order import cursor_of, following
from uifakes.stored import Stored

PAGE_SIZE = 100


class FakeServer:
    """Traces in memory, and the bell that live streams wait for."""

    def __init__(self, names: tuple[str, ...] = ("Default",)) -> None:
        self.page = load_page()
        self.stored: dict[str, Stored] = {}
        self.names = names
        self.seq = 0
        self.asked: list[str] = []
        self.bell = threading.Condition()
        self.closed = False
        self.broken: set[str] = set()
        """Paths that answer with a problem."""
        self.patience = PAGE_SIZE
        """How many traces a search looks at before it answers, whether it has found some or not."""
        self.counts_at_most: int | None = None
        """How many traces facets are counted of."""
        self.goes_on = threading.Event()
        """Until it is set, a search does not go on after its first answer."""
        self.goes_on.set()
        self._http = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (Handler,), {"fake": self})
        )
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def store(self, trace: Stored) -> Stored:
        """Add a trace and tell the readers."""
        with self.bell:
            self.stored[trace.trace_id] = trace
        self.ring()
        return trace

    def next_seq(self) -> int:
        """The number of the next write."""
        self.seq += 1
        return self.seq

    def ring(self) -> None:
        """Wake the live streams."""
        with self.bell:
            self.bell.notify_all()

    def close(self) -> None:
        """Let go of the port."""
        self.closed = True
        self.goes_on.set()
        self.ring()
        self._http.shutdown()
        self._http.server_close()

    def traces(self, experiment: str | None) -> list[Stored]:
        """Those of an experiment; of all without one."""
        return [t for t in self.stored.values() if experiment in (None, str(t.experiment_id))]

    def rows(self, experiment: str | None) -> list[Trace]:
        """The list, newest first."""
        rows = (trace.row() for trace in self.traces(experiment))
        return sorted(rows, key=lambda row: -row.start_us)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    fake: FakeServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Page, assets, questions."""
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.fake.asked.append(self.path)
        parts = url.path.strip("/").split("/")
        if url.path in self.fake.broken:
            self._problem(500, "Broken", "the disk is full")
        elif parts[:2] == ["api", "v1"]:
            self._answer(parts[2:], query)
        elif parts[0] == "ui":
            self._asset("/".join(parts[2:]))
        else:
            index = self.fake.page.index
            assert index is not None
            self._send(
                200,
                index.body,
                "text/html; charset=utf-8",
                {"content-security-policy": self.fake.page.policy},
            )

    def _answer(self, parts: list[str], query: dict[str, str]) -> None:
        match parts:
            case ["experiments"]:
                counts = [
                    sum(t.experiment_id == i for t in self.fake.stored.values())
                    for i in range(len(self.fake.names))
                ]
                self._json(
                    {
                        "experiments": [
                            Experiment(i, name, counts[i]) for i, name in enumerate(self.fake.names)
                        ]
                    }
                )
            case ["traces"]:
                self._traces(query)
            case ["filter", "complete"]:
                traces = self.fake.traces(query.get("experiment"))
                self._json(completion(traces, query.get("text", "")))
            case ["facets"]:
                wanted = parse(query.get("filter", ""))
                traces = self.fake.traces(query.get("experiment"))
                found = [one for one in traces if is_true(wanted, one)]
                self._json(facets(found, int(query["limit"]), self.fake.counts_at_most))
            case ["live"]:
                self._live(int(query.get("since", 0)), query.get("experiment"))
            case ["traces", trace_id, *rest] if trace_id in self.fake.stored:
                self._trace(self.fake.stored[trace_id], rest, query)
            case ["traces", trace_id, *_]:
                self._problem(
                    404,
                    "Not stored here",
                    f"trace {trace_id!r}: not stored here",
                    "see `telltale traces list`",
                )
            case _:
                self._problem(404, "Not stored here", self.path)

    def _traces(self, query: dict[str, str]) -> None:
        try:
            wanted = parse(query.get("filter", ""))
        except BadFilter as bad:
            self._send(400, msgspec.json.encode(problem_of(bad)), "application/problem+json")
            return
        sort, cursor = Sort(query.get("sort", "start")), query.get("cursor")
        if cursor is not None:
            self.fake.goes_on.wait()
        rows = following(
            self.fake.traces(query.get("experiment")), sort, query.get("order") == "asc", cursor
        )
        # Of traces that are named, only those are looked at.
        is_search = "filter" in query and " trace:(" not in query["filter"]
        size = self.fake.patience if is_search else PAGE_SIZE
        if "filter" in query and not is_search:
            size = len(self.fake.stored)
        looked_at = rows[:size]
        found = tuple(row for trace, row in looked_at if is_true(wanted, trace))
        after = cursor_of(looked_at[-1][1], sort) if len(rows) > size else None
        self._json(TracePage(found, after, self.fake.seq))

    def _trace(self, trace: Stored, rest: list[str], query: dict[str, str]) -> None:
        match rest:
            case []:
                self._json(trace.row())
            case ["skeleton"]:
                self._json(trace.skeleton(int(query.get("since", 0)), self.fake.seq))
            case ["spans", which] if (detail := trace.detail(which)) is not None:
                self._json(detail)
            case _:
                self._problem(404, "Not stored here", f"no span {rest!r}", "see the outline")

    def _live(self, since: int, experiment: str | None) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            self._write(b": hello\n\n")
            while not self.fake.closed:
                with self.fake.bell:
                    changed = [row for row in self.fake.rows(experiment) if row.seq > since]
                    if not changed:
                        self.fake.bell.wait(1)
                        continue
                    since = max(row.seq for row in changed)
                body = msgspec.json.encode({"seq": since, "traces": changed})
                self._write(b"event: changes\nid: %d\ndata: %s\n\n" % (since, body))
                time.sleep(0.05)
        except OSError:
            return

    def _asset(self, name: str) -> None:
        asset = self.fake.page.assets.get(name)
        if asset is None:
            self._problem(404, "Not stored here", name)
            return
        self._send(
            200, asset.body, asset.media, {"cache-control": "public, max-age=31536000, immutable"}
        )

    def _json(self, value: object) -> None:
        self._send(200, msgspec.json.encode(value), "application/json")

    def _problem(self, status: int, title: str, detail: str, remedy: str = "") -> None:
        body = {
            "type": "/problems/not-found" if status == 404 else "/problems/x",
            "title": title,
            "status": status,
            "detail": detail,
            "given": None,
            "expected": None,
            "remedy": remedy,
            "suggestions": [],
        }
        self._send(status, msgspec.json.encode(body), "application/problem+json")

    def _send(
        self, status: int, body: bytes, media: str, headers: dict[str, str] | None = None
    ) -> None:
        packed = gzip.compress(body) if len(body) > 512 else body
        self.send_response(status)
        for name, value in {"content-type": media, **(headers or {})}.items():
            self.send_header(name, value)
        if packed is not body:
            self.send_header("content-encoding", "gzip")
        self.send_header("content-length", str(len(packed)))
        self.end_headers()
        self._write(packed)

    def _write(self, body: bytes) -> None:
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

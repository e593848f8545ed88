"""Traces that are kept no longer go, the oldest first, and no others."""

import time

import httpx2
import pytest
from msgspec.structs import replace

from journals import crew, llm_call, opened, piece
from telltale.conventions.normalise import READING_VERSION
from telltale.ingest.pipeline import ingest
from telltale.server.counts import Count, Counts
from telltale.server.live import Live
from telltale.server.retention import Retention
from telltale.store.metadata import open_metadata
from telltale.store.questions import CountTraces, FindTraces, Weigh
from telltale.store.traces import open_trace_store
from testbed.servers import RunningServer
from testbed.waiting import wait_until

DAY_NS = 86_400 * 10**9


@pytest.fixture
def home(tmp_path):
    """Metadata and traces, and who looks after what is kept."""
    metadata = open_metadata(f"sqlite:///{tmp_path / 'metadata.db'}")
    store = open_trace_store(tmp_path / "traces.db", READING_VERSION)
    counts = Counts()
    yield metadata, store, counts, Retention(metadata, store, counts, Live())
    store.close()
    metadata.close()


def write(metadata, store, *spans):
    """Store spans as a server does."""
    ingest(spans, store, lambda name: metadata.experiment(name).id)


def aged(days, experiment, **fields):
    """A crew that ran so many days ago."""
    start_ns = time.time_ns() - int(days * DAY_NS)
    return crew(experiment=experiment, start_ns=start_ns, end_ns=start_ns + 10**9, **fields)


def left(store, experiment_id):
    found = store.read(FindTraces(experiment_id=experiment_id, smallest_first=True, limit=1000))
    return [trace.name for trace in found.traces]


def test_what_is_older_than_its_experiment_keeps_goes(home):
    metadata, store, counts, retention = home
    for name in ("short", "ever"):
        write(metadata, store, *(aged(age, name, name=f"{age} d") for age in (40, 31, 29, 0)))
    write(metadata, store, opened(aged(50, "short", name="runs")))
    metadata.keep(metadata.experiment("short").id, 30, None)

    retention.look()

    assert left(store, metadata.experiment("short").id) == ["runs", "29 d", "0 d"]
    assert left(store, metadata.experiment("ever").id) == ["40 d", "31 d", "29 d", "0 d"]
    retention.look()
    assert len(left(store, metadata.experiment("short").id)) == 3
    assert f"{Count.RETIRED} 2\n" in counts.exposition()


def test_more_than_one_page_of_old_traces_goes(home):
    metadata, store, _, retention = home
    write(metadata, store, *(aged(9, "much") for _ in range(1_100)), aged(0, "much", name="new"))
    metadata.keep(metadata.experiment("much").id, 1, None)

    retention.look()

    assert left(store, metadata.experiment("much").id) == ["new"]


def test_the_oldest_go_until_the_rest_takes_no_more_than_it_may(home):
    metadata, store, _, retention = home
    roots = [aged(9 - n / 100, "large", name=str(n)) for n in range(100)]
    said = [{"said": f"{n} " * 20_000} for n in range(100)]
    calls = [replace(llm_call(root), attributes=a) for root, a in zip(roots, said, strict=True)]
    write(metadata, store, *roots, *calls)
    id_ = metadata.experiment("large").id
    whole = store.read(Weigh(id_))
    assert whole.spans == 200

    metadata.keep(id_, None, whole.bytes // 2)
    retention.look()

    assert left(store, id_) == [str(n) for n in range(50, 100)]
    wait_until(lambda: store.read(Weigh(id_)) is not None)
    assert store.read(Weigh(id_)).bytes < whole.bytes * 0.6
    metadata.keep(id_, None, None)
    retention.look()
    assert store.read(CountTraces())[id_] == 50


def test_a_server_deletes_what_it_is_told_not_to_keep_and_says_so(tmp_path):
    with RunningServer(tmp_path) as server:
        http = httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30)
        old = aged(3, "東京 / 1")
        assert http.post("/api/v1/journal", content=piece([old, aged(0, "東京 / 1")])).is_success
        kept = http.post("/api/v1/experiments/keep", json={"experiment": "東京 / 1", "days": 2})
        assert (kept.status_code, kept.json()["keep_days"], kept.json()["traces"]) == (200, 2, 2)
    with RunningServer(tmp_path) as server:
        http = httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30)
        gone = f"/api/v1/traces/{old.trace_id.hex()}"
        wait_until(lambda: http.get(gone).status_code == 404)
        assert "telltale_retired_total 1" in http.get("/metrics").text
        (one,) = [e for e in http.get("/api/v1/experiments").json()["experiments"] if e["id"]]
        assert (one["traces"], one["keep_days"], one["keep_bytes"]) == (1, 2, None)


@pytest.mark.parametrize("body", [{"days": 0}, {"gib": 0}, {"days": "x"}, {"weeks": 1}])
def test_what_is_no_bound_is_refused(http, body):
    answer = http.post("/api/v1/experiments/keep", json={"experiment": "0"} | body)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-input")
    assert http.get("/api/v1/experiments").json()["experiments"][0]["keep_days"] is None

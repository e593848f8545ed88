"""What clients hear when the store cannot, and when we are at fault ourselves."""

import asyncio
import sqlite3
from contextlib import closing

import httpx2
import msgspec
import pytest
from otlp_requests import BOTH, PROTOBUF, TRACES, encoded, failure, foreign_span, of
from rows import BODIES, address, problems, row

from fakes.stores import FailingStore, UnmarkableStore
from journals import crew, header, piece
from telltale.nouns.errors import StoreBroken, StoreBusy
from telltale.otlp.json import to_otlp
from telltale.server.app import make_app
from telltale.server.openapi import document
from telltale.server.page import load_page
from telltale.server.resources import gather
from telltale.server.routes.export import JSON_LINES
from telltale.server.settings import Settings
from telltale.server.table import ROUTES
from telltale.store.metadata import open_metadata
from telltale.tracing.records import GONE, OWNER

UNAVAILABLE = 14
"""gRPC's code."""


@pytest.fixture
def ask(tmp_path):
    """Answers of an app whose store fails with an error."""
    metadata = open_metadata(f"sqlite:///{tmp_path / 'metadata.db'}")

    def answer(error, method, path, **request):
        resources = gather(
            Settings(home=tmp_path), metadata, FailingStore(error), load_page(tmp_path)
        )
        return ask_all(resources, (method, path, request))[0]

    yield answer
    metadata.close()


def ask_all(resources, *requests):
    """The answers to requests that are made one after the other."""
    transport = httpx2.ASGITransport(make_app(resources))

    async def all_of_them():
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http:
            return [await http.request(method, path, **more) for method, path, more in requests]

    return asyncio.run(all_of_them())


def test_a_busy_store_asks_to_come_back(ask):
    busy = StoreBusy("the queue is full", retry_after_s=7)

    answer = ask(busy, "POST", "/api/v1/journal", content=piece([crew()]))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert answer.json()["type"] == "/problems/store-busy"
    assert "7 s" in answer.json()["remedy"]


@pytest.mark.parametrize(
    ("error", "after_s"),
    [(StoreBusy("the queue is full", retry_after_s=7), "7"), (StoreBroken("disk full"), "30")],
)
@pytest.mark.parametrize("media", BOTH)
def test_foreign_exporters_are_told_so_in_a_way_that_makes_them_come_back(
    ask, media, error, after_s
):
    body = encoded(of(foreign_span()), media)

    answer = ask(error, "POST", TRACES, content=body, headers={"Content-Type": media})

    # They come again after 503, and not after 507.
    assert (answer.status_code, answer.headers["retry-after"]) == (503, after_s)
    code, words = failure(answer, media)
    assert code == UNAVAILABLE and str(error) in words and "again" in words


@pytest.mark.parametrize("media", BOTH)
def test_a_fault_of_ours_is_told_in_the_form_of_its_path(ask, media):
    body = encoded(of(foreign_span()), media)

    answer = ask(
        ValueError("secret"), "POST", TRACES, content=body, headers={"Content-Type": media}
    )

    code, words = failure(answer, media)
    assert (answer.status_code, code) == (500, 13)
    assert "secret" not in words and "log" in words


def test_a_busy_store_is_logged_once_and_counted(tmp_path, caplog):
    post = "POST", "/api/v1/journal", {"content": piece([crew()])}
    with closing(open_metadata(f"sqlite:///{tmp_path / 'metadata.db'}")) as metadata:
        store = FailingStore(StoreBusy("the queue is full"))
        resources = gather(Settings(home=tmp_path), metadata, store, load_page(tmp_path))
        ask_all(resources, post, post)

    (told,) = [message for message in caplog.messages if "the queue is full" in message]
    assert told.startswith("programs are sent away now")
    assert 'telltale_refused_total{reason="store-busy"} 2' in resources.counts.exposition()


@pytest.mark.parametrize("error", [StoreBusy("the queue is full"), StoreBroken("no room")])
def test_a_store_that_cannot_take_the_lost_for_living_is_logged(tmp_path, caplog, error):
    of = header()
    with closing(open_metadata(f"sqlite:///{tmp_path / 'metadata.db'}")) as metadata:
        store = UnmarkableStore(error)
        resources = gather(Settings(home=tmp_path), metadata, store, load_page(tmp_path))
        with pytest.raises(type(error)):
            resources.liveness.bury(of.journal_id, 0)
        ask_all(resources, ("POST", "/api/v1/journal", {"content": piece([crew()], of)}))

    assert [message for message in caplog.messages if str(error) in message]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/v1/journal"), ("GET", "/api/v1/traces"), ("GET", "/health")],
)
def test_a_broken_store_is_told_with_the_remedy(ask, method, path):
    broken = StoreBroken("/x/traces.db: disk full")

    answer = ask(broken, method, path, content=piece([crew()]) if method == "POST" else None)

    assert answer.status_code == 507
    assert answer.json()["type"] == "/problems/store-broken"
    assert answer.json()["detail"] == "/x/traces.db: disk full"
    assert "journals" in answer.json()["remedy"]


SENT = {
    TRACES: {
        "headers": {"Content-Type": PROTOBUF},
        "content": of(foreign_span()).SerializeToString(),
    },
    "/api/v1/filter/complete": {"params": {"text": "model:"}},
    "/api/v1/import": {
        "headers": {"Content-Type": JSON_LINES},
        "content": msgspec.json.encode(to_otlp([crew()])),
    },
}
"""What a route has to be sent to ask the store at all."""
ASKING = [route for route in ROUTES if route.path not in ("/v1/logs", "/v1/metrics")]
"""Those two ask no store, and say 503 because a body may find no room."""


def sent(route):
    """A request of the row that reaches the store."""
    if route.given is not None:
        return {"json": BODIES[route.given]}
    return SENT.get(route.path, {"content": piece([crew()])} if route.body else {})


@pytest.mark.parametrize("route", ASKING, ids=row)
@pytest.mark.parametrize(("error", "status"), [(StoreBusy("held"), 503), (StoreBroken("x"), 507)])
def test_who_asks_the_store_says_that_it_may_fail_and_nobody_else_does(ask, route, error, status):
    status = route.fails_as.becomes.get(status, status)

    answer = ask(error, route.method, address(route), **sent(route))

    assert (answer.status_code == status) == (status in problems(document(ROUTES, ""), route))


def test_a_metadata_database_that_breaks_is_told_with_the_remedy(ask, tmp_path):
    with sqlite3.connect(tmp_path / "metadata.db") as connection:
        connection.execute("DROP TABLE experiments")
    connection.close()

    for method, path, body in (
        ("POST", "/api/v1/journal", piece([crew()])),
        ("GET", "/api/v1/traces?experiment=any", None),
    ):
        answer = ask(ValueError("not reached"), method, path, content=body)
        assert (answer.status_code, answer.json()["type"]) == (507, "/problems/store-broken")
        assert "metadata.db" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [(StoreBusy("full"), 503, "store-busy"), (StoreBroken("full"), 507, "store-broken")],
)
def test_whatever_sends_a_piece_away_is_counted(tmp_path, error, status, reason):
    with closing(open_metadata(f"sqlite:///{tmp_path / 'metadata.db'}")) as metadata:
        resources = gather(
            Settings(home=tmp_path), metadata, UnmarkableStore(error), load_page(tmp_path)
        )

        answers = ask_all(
            resources,
            ("POST", "/api/v1/journal", {"content": piece([crew()]), "headers": {OWNER: GONE}}),
            ("POST", "/api/v1/journal", {"content": b"no header"}),
        )

    assert [answer.status_code for answer in answers] == [status, 400]
    told = resources.counts.exposition()
    assert f'telltale_refused_total{{reason="{reason}"}} 1' in told
    assert 'telltale_refused_total{reason="bad-input"} 1' in told


def test_a_fault_of_ours_is_logged_and_told_without_its_insides(ask, caplog):
    answer = ask(ValueError("secret insides"), "GET", "/api/v1/traces")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/fault"
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret insides" in caplog.text


def test_a_server_without_a_page_says_so(ask):
    answer = ask(ValueError(), "GET", "/")

    assert answer.status_code == 404
    assert "no page" in answer.json()["detail"]

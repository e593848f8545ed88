"""What somebody wants to be gone is in no answer any more."""

import pytest
from rows import UNKNOWN_TRACE

from journals import crew, llm_call, piece


@pytest.fixture
def stored(http, request):
    """An experiment of its own with three crews, the first of which has called a model."""
    name = request.node.name
    roots = [crew(experiment=name) for _ in range(3)]
    assert (
        http.post("/api/v1/journal", content=piece([*roots, llm_call(roots[0])])).status_code == 200
    )
    return name, [root.trace_id.hex() for root in roots]


def left(http, experiment):
    page = http.get("/api/v1/traces", params={"experiment": experiment}).json()
    return sorted(trace["trace_id"] for trace in page["traces"])


def test_one_trace_goes_and_then_is_not_found(http, stored):
    name, (one, *others) = stored

    assert http.delete(f"/api/v1/traces/tr-{one}").json() == {"traces": 1}
    assert left(http, name) == sorted(others)
    again = http.delete(f"/api/v1/traces/{one}")
    assert (again.status_code, again.json()["type"]) == (404, "/problems/not-found")
    for path in ("", "/skeleton", "/spans/0", "/otlp"):
        assert http.get(f"/api/v1/traces/{one}{path}").status_code == 404
    facets = http.get("/api/v1/facets", params={"experiment": name}).json()
    assert (facets["traces"], "model" in facets["fields"]) == (2, False)


def test_several_go_by_id_and_those_that_are_not_there_are_passed_over(http, stored):
    name, (one, two, three) = stored

    gone = http.post("/api/v1/traces/delete", json={"trace_ids": [one, two, UNKNOWN_TRACE, one]})

    assert gone.json() == {"traces": 2}
    assert left(http, name) == [three]


def test_those_go_that_a_filter_is_true_of_and_no_other(http, stored):
    name, (_, *others) = stored

    gone = http.post("/api/v1/traces/delete", json={"filter": "kind:llm", "experiment": name})

    assert gone.json() == {"traces": 1}
    assert left(http, name) == sorted(others)
    rest = http.post("/api/v1/traces/delete", json={"experiment": name})
    assert (rest.json(), left(http, name)) == ({"traces": 2}, [])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, '"all": true'),
        ({"filter": ""}, '"all": true'),
        ({"trace_ids": [], "all": True}, "either ids, or a filter"),
        ({"trace_ids": ["xyz"]}, "xyz"),
        ({"filter": "kind:tol"}, "tol"),
        ({"everything": True}, "everything"),
        ({"trace_ids": "1"}, "Expected array"),
        ([], "Expected object"),
    ],
)
def test_what_does_not_say_clearly_what_shall_go_deletes_nothing(http, stored, body, told):
    name, ids = stored

    answer = http.post("/api/v1/traces/delete", json=body)

    assert answer.status_code == 400, answer.text
    assert told in answer.json()["detail"] and answer.json()["remedy"]
    assert left(http, name) == sorted(ids)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_refused(http, body):
    answer = http.post(
        "/api/v1/traces/delete", content=body, headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-input")

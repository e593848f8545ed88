"""Feedback and tags, as programs and people give them."""

import pytest
from rows import UNKNOWN_TRACE

from journals import crew, llm_call, piece


@pytest.fixture
def trace(http):
    """A crew that has called a model, stored."""
    root = crew()
    call = llm_call(root)
    assert http.post("/api/v1/journal", content=piece([root, call])).status_code == 200
    return root.trace_id.hex(), call.span_id.hex()


def test_what_is_said_is_answered_with_its_id_listed_and_taken_back(http, trace):
    trace_id, span = trace
    path = f"/api/v1/traces/{trace_id}/feedback"

    said = http.post(path, json={"name": "helpful", "value": False, "rationale": "遅い"})
    judged = http.post(
        path, json={"name": "correct", "value": 0.5, "span": span, "source": "llm_judge"}
    )

    assert (said.status_code, judged.status_code) == (200, 200), said.text
    assert said.json()["value"] is False and said.json()["source"] == "human"
    assert http.get(path).json()["feedback"] == [said.json(), judged.json()]
    listed = http.get("/api/v1/traces", params={"filter": f"trace:{trace_id} feedback.correct:<1"})
    assert len(listed.json()["traces"]) == 1
    left = http.delete(f"{path}/{said.json()['feedback_id']}")
    assert left.json()["feedback"] == [judged.json()]
    again = http.delete(f"{path}/{said.json()['feedback_id']}")
    assert (again.status_code, again.json()["remedy"]) == (404, f"see {path}")


def test_a_chosen_id_makes_it_safe_to_send_again(http, trace):
    path = f"/api/v1/traces/{trace[0]}/feedback"
    said = {"name": "helpful", "value": 1, "feedback_id": "ab" * 16}

    assert http.post(path, json=said).json()["value"] == 1
    assert http.post(path, json=said | {"value": 2}).json()["value"] == 2
    assert [one["value"] for one in http.get(path).json()["feedback"]] == [2]


def test_tags_are_given_and_taken_away(http, trace):
    path = f"/api/v1/traces/{trace[0]}/tags"

    given = http.post(path, json={"set": {"env": "prod", "城市": "東京"}})
    taken = http.post(path, json={"remove": ["env", "nothing"]})

    assert given.json()["tags"] == {"env": "prod", "城市": "東京"}
    assert taken.json()["tags"] == {"城市": "東京"}


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("feedback", {"value": 1}, 400, "name"),
        ("feedback", {"name": "", "value": 1}, 400, "length"),
        ("feedback", {"name": "a", "value": None}, 400, "value"),
        ("feedback", {"name": "a", "value": [1]}, 400, "value"),
        ("feedback", {"name": "a", "value": 1, "source": "dog"}, 400, "dog"),
        ("feedback", {"name": "a", "value": 1, "span": "xyz"}, 400, "xyz"),
        ("feedback", {"name": "a", "value": 1, "span": "12" * 8}, 404, "whole trace"),
        ("feedback", {"name": "a", "value": 1, "feedback_id": "1"}, 400, "feedback id"),
        ("feedback", {"name": "a", "value": 1, "extra": 1}, 400, "extra"),
        ("feedback", {"name": "a", "value": "x" * 5_001}, 400, "length"),
        ("tags", {"set": {"a": 1}}, 400, "str"),
        ("tags", {"set": {"a": "1"}, "remove": ["a"]}, 400, "say one of them"),
        ("tags", {"set": {str(n): "" for n in range(101)}}, 400, "length"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_why(http, trace, path, body, status, told):
    answer = http.post(f"/api/v1/traces/{trace[0]}/{path}", json=body)

    assert answer.status_code == status, answer.text
    assert told in answer.json()["detail"] and answer.json()["remedy"]
    assert http.get(f"/api/v1/traces/{trace[0]}/feedback").json() == {"feedback": []}


def test_of_a_trace_that_is_not_here_nothing_is_kept(http):
    for path, body in (("feedback", {"name": "a", "value": 1}), ("tags", {"set": {"a": "b"}})):
        answer = http.post(f"/api/v1/traces/{UNKNOWN_TRACE}/{path}", json=body)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


def test_the_list_is_sorted_by_feedback_of_a_name(http, trace):
    path = f"/api/v1/traces/{trace[0]}/feedback"
    http.post(path, json={"name": "sorted", "value": 1})

    listed = http.get("/api/v1/traces", params={"sort": "feedback.sorted", "limit": 1})
    refused = [
        http.get("/api/v1/traces", params={"sort": bad}) for bad in ("feedback", "cots", "cost.a")
    ]

    assert [one["trace_id"] for one in listed.json()["traces"]] == [trace[0]]
    assert {answer.status_code for answer in refused} == {400}
    assert refused[1].json()["suggestions"] == ["cost"]
    assert "feedback.<name>" in refused[0].json()["detail"]

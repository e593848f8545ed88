"""What traces have in common, as the page's column and `traces stats` ask for it."""

import pytest
from msgspec.structs import replace

from journals import crew, llm_call, piece


@pytest.fixture
def counted(http, request):
    """An experiment of three crews, two of them for ann; one calls a model."""
    name = request.node.name
    roots = [crew(experiment=name) for _ in range(3)]
    ann = [replace(one, attributes=one.attributes | {"user.id": "ann"}) for one in roots[:2]]
    spans = [*ann, roots[2], llm_call(ann[0])]
    assert http.post("/api/v1/journal", content=piece(spans)).status_code == 200
    return name


def test_facets_are_those_of_the_traces_that_the_filter_is_true_of(http, counted):
    def facets(text):
        query = {"experiment": counted, "filter": text}
        return http.get("/api/v1/facets", params=query).json()

    everything, some = facets(""), facets("user:ann kind:llm")
    assert (everything["traces"], everything["is_all"]) == (3, True)
    assert everything["fields"]["user"] == [{"value": "ann", "traces": 2}]
    assert (some["traces"], some["is_all"]) == (1, True)
    assert some["fields"]["user"] == [{"value": "ann", "traces": 1}]
    assert [one["traces"] for one in some["fields"]["model"]] == [1]


def test_a_summary_is_of_whole_traces_or_of_the_spans_that_have_the_value(http, counted):
    def summary(**query):
        answer = http.get("/api/v1/summary", params={"experiment": counted} | query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    (whole,) = summary()["sums"]
    (model,) = summary(by="model")["sums"]
    users = summary(by="user")["sums"]
    (today,) = summary(every="1000d")["sums"]
    assert (whole["traces"], whole["spans"], whole["value"]) == (3, 4, None)
    assert (model["traces"], model["spans"]) == (1, 1)
    assert model["input_tokens"] == whole["input_tokens"] > 0
    assert [(one["value"], one["traces"]) for one in users] == [("ann", 2), (None, 1)]
    assert today["start_us"] % (1000 * 86_400 * 10**6) == 0
    assert whole["duration_us"]["p50"] <= whole["duration_us"]["p99"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"by": "modl"}, "nothing is grouped by that"),
        ({"by": "cost"}, "nothing is grouped by that"),
        ({"by": "tag."}, "tag.<key>"),
        ({"every": "10"}, "at least 1s"),
        ({"every": "5ms"}, "at least 1s"),
    ],
)
def test_what_cannot_be_summed_up_is_refused_with_what_can(http, query, told):
    answer = http.get("/api/v1/summary", params=query)

    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (400, "/problems/bad-input")
    assert told in problem["detail"] and problem["remedy"]
    if query.get("by") == "modl":
        assert problem["suggestions"] == ["model"]

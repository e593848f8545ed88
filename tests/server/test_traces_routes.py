"""The list, a row, a skeleton, a span: as the page asks for them."""

import gzip

import pytest
from msgspec.structs import replace

from journals import crew, llm_call, opened, piece, span
from telltale.nouns.span import RawEvent, RawLink, Status


@pytest.fixture
def trace(http):
    """A crew with a model call and a failed tool, stored."""
    root = crew()
    call = llm_call(root)
    tool = span(
        "search",
        under=root,
        status=Status.ERROR,
        status_message="no network",
        attributes={"telltale.kind": "tool", "gen_ai.tool.name": "search", "note": [1, 2.5, True]},
        events=(RawEvent("exception", 1_700_000_000_000_000_000, {"exception.type": "OSError"}),),
        links=(RawLink(root.trace_id, call.span_id),),
    )
    assert http.post("/api/v1/journal", content=piece([root, call, tool])).status_code == 200
    return root, call, tool


def test_pages_follow_one_another_without_gap_or_repetition(http):
    roots = [crew(experiment="paged") for _ in range(5)]
    http.post("/api/v1/journal", content=piece(roots))
    seen, cursor = [], None
    while True:
        query = {"experiment": "paged", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = http.get("/api/v1/traces", params=query).json()
        seen += [trace["trace_id"] for trace in page["traces"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == [root.trace_id.hex() for root in reversed(roots)]


@pytest.mark.parametrize(
    ("parameter", "given", "expected"),
    [
        ("limit", "0", "int >= 1"),
        ("limit", "1001", "int <= 1000"),
        ("limit", "many", "int"),
        ("cursor", "nonsense", ""),
    ],
)
def test_a_parameter_out_of_bounds_is_named(http, parameter, given, expected):
    answer = http.get("/api/v1/traces", params={parameter: given})

    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (400, "/problems/bad-input")
    assert parameter in problem["detail"] and given in problem["detail"]
    assert expected in problem["expected"]


def test_a_filter_chooses_the_traces(http, trace):
    http.post("/api/v1/journal", content=piece([crew(experiment="other")]))

    def found(text):
        answer = http.get("/api/v1/traces", params={"filter": text})
        return [one["trace_id"] for one in answer.json()["traces"]]

    failed = trace[0].trace_id.hex()
    assert found("span(tool:search status:error)") == [failed]
    assert found('"no network"') == [failed]
    assert failed not in found("-tool:search")


def test_a_bad_filter_is_answered_with_its_place_and_what_was_meant(http):
    answer = http.get("/api/v1/traces", params={"filter": "ok latncy:>5s duraton:>5s"})

    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (400, "/problems/bad-filter")
    assert (problem["position"], problem["suggestions"]) == (3, [])
    assert "there is no field 'latncy'" in problem["detail"]
    meant = http.get("/api/v1/traces", params={"filter": "duraton:>5s"}).json()
    assert meant["suggestions"] == ["duration"]


def test_a_filter_is_completed_by_fields_and_by_values_with_counts(http):
    roots = [crew(experiment="completed") for _ in range(2)]
    tagged = [replace(r, attributes=r.attributes | {"telltale.trace.tag.env": "on"}) for r in roots]
    http.post("/api/v1/journal", content=piece([*tagged, llm_call(tagged[0])]))

    def proposed(text):
        query = {"text": text, "experiment": "completed"}
        answer = http.get("/api/v1/filter/complete", params=query).json()
        return answer["start"], [(one["text"], one.get("traces")) for one in answer["proposals"]]

    assert proposed("status:ok too") == (10, [("tool:", None), ("tool_calls:", None)])
    assert proposed("kind:c") == (5, [("crew", 2), ("chain", None)])
    assert proposed("tag.e") == (0, [("tag.env:", 2)])
    assert proposed("tag.env:") == (8, [("on", 2)])
    assert proposed("cost:>") == (5, [("", None)])
    assert proposed('"late ') == (6, [])
    assert proposed("span(too") == (5, [("tool:", None)])
    assert proposed("span(tag.e") == (5, [])
    assert proposed("span(tag.env:") == (13, [])


def test_an_unknown_experiment_is_answered_with_the_nearest(http):
    http.post("/api/v1/journal", content=piece([crew(experiment="Research")]))

    answer = http.get("/api/v1/traces", params={"experiment": "reserch"})

    assert answer.status_code == 404
    assert answer.json()["suggestions"] == ["Research"]


def test_both_forms_of_a_trace_id_mean_the_same(http, trace):
    given = trace[0].trace_id.hex()

    assert (
        http.get(f"/api/v1/traces/tr-{given}").json() == http.get(f"/api/v1/traces/{given}").json()
    )


def test_a_skeleton_has_one_row_a_span_and_since_only_what_changed(http, trace):
    root, *_ = trace
    path = f"/api/v1/traces/{root.trace_id.hex()}/skeleton"
    whole = http.get(path).json()
    http.post("/api/v1/journal", content=piece([opened(span("late", under=root))]))

    patch = http.get(path, params={"since": whole["seq"]}).json()

    assert (whole["ordinal_step"], whole["parent"]) == ([0, 1, 1], [-1, 0, 0])
    assert patch["ordinal_step"] == [3]
    assert (patch["state"], patch["duration"]) == ([1], [-1])
    assert patch["seq"] > whole["seq"]


def test_a_span_is_found_by_ordinal_and_by_id(http, trace):
    root, call, _ = trace
    path = f"/api/v1/traces/{root.trace_id.hex()}/spans"

    by_ordinal = http.get(f"{path}/1").json()

    assert by_ordinal == http.get(f"{path}/{call.span_id.hex()}").json()
    assert (by_ordinal["span_id"], by_ordinal["parent_id"]) == (
        call.span_id.hex(),
        root.span_id.hex(),
    )


def test_a_span_id_of_digits_alone_is_not_taken_for_an_ordinal(http, trace):
    digits = replace(span("digits", under=trace[0]), span_id=bytes.fromhex("1234567890123456"))
    http.post("/api/v1/journal", content=piece([digits]))

    answer = http.get(f"/api/v1/traces/{trace[0].trace_id.hex()}/spans/1234567890123456")

    assert answer.json()["raw"]["name"] == "digits"


def test_a_span_says_what_was_said_what_it_cost_and_where_the_price_is_from(http, trace):
    detail = http.get(f"/api/v1/traces/{trace[0].trace_id.hex()}/spans/1").json()

    reading = detail["span"]
    assert (reading["kind"], reading["model"]) == ("llm", "gpt-4.1-mini")
    assert reading["usage"] == {"input_tokens": 1200, "output_tokens": 40}
    assert reading["input_messages"][0]["parts"] == [{"type": "text", "content": "东京?"}]
    assert reading["output_messages"][0]["finish_reason"] == "stop"
    assert float(detail["cost_usd"]) == pytest.approx(0.000544)
    assert "gpt-4.1-mini" in reading["cost"]["price_ref"]


def test_a_span_keeps_word_for_word_what_its_program_reported(http, trace):
    root, call, tool = trace

    detail = http.get(f"/api/v1/traces/{root.trace_id.hex()}/spans/2").json()

    assert detail["span"]["error_message"] == "no network"
    assert detail["raw"] == {
        "name": "search",
        "span_kind": "internal",
        "status_message": "no network",
        "attributes": tool.attributes,
        "events": [
            {
                "name": "exception",
                "time_us": 1_700_000_000_000_000,
                "attributes": {"exception.type": "OSError"},
            }
        ],
        "links": [
            {"trace_id": root.trace_id.hex(), "span_id": call.span_id.hex(), "attributes": {}}
        ],
        "scope": "",
        "resource": {"service.name": "trips"},
    }


@pytest.mark.parametrize("span_given", ["99", "ffffffffffffffff"])
def test_a_span_that_is_not_stored_is_not_found(http, trace, span_given):
    answer = http.get(f"/api/v1/traces/{trace[0].trace_id.hex()}/spans/{span_given}")

    assert (answer.status_code, answer.json()["given"]) == (404, span_given)


@pytest.mark.parametrize("given", ["zz", "-1", "99999999999999999999", "٣"])
def test_what_can_be_neither_ordinal_nor_span_id_is_named(http, trace, given):
    answer = http.get(f"/api/v1/traces/{trace[0].trace_id.hex()}/spans/{given}")

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-id")


def test_a_clock_that_was_set_back_is_no_negative_time(http):
    root = crew()
    back = replace(root, end_ns=root.start_ns - 5_000_000)
    http.post("/api/v1/journal", content=piece([back]))
    path = f"/api/v1/traces/{root.trace_id.hex()}"

    durations = [
        http.get(path).json()["duration_us"],
        http.get(f"{path}/skeleton").json()["duration"][0],
        http.get(f"{path}/spans/0").json()["duration_us"],
    ]

    assert durations == [0, 0, 0]


def test_what_json_has_no_form_for_is_shown_as_text(http):
    root = crew(attributes={"bytes": b"\x00\xff", "nan": float("nan"), "big": 2**64 - 1})
    http.post("/api/v1/journal", content=piece([root]))

    detail = http.get(f"/api/v1/traces/{root.trace_id.hex()}/spans/0").json()

    assert detail["raw"]["attributes"] == {"bytes": "AP8=", "nan": None, "big": 2**64 - 1}


def test_large_answers_are_compressed_and_small_ones_are_not(http):
    roots = [crew(experiment="many") for _ in range(30)]
    http.post("/api/v1/journal", content=piece(roots))

    with http.stream("GET", "/api/v1/traces?experiment=many") as large:
        packed = b"".join(large.iter_raw())
    small = http.get("/api/v1/version")

    assert large.headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(packed)) > 3 * len(packed)
    assert "content-encoding" not in small.headers

"""How a trace or a span stands is one word, and the same one wherever it is asked or told."""

import pytest
from store_records import record, trace_id

from telltale.nouns.facets import FacetValue
from telltale.nouns.span import Status
from telltale.query.mlflow import parse_mlflow
from telltale.query.parse import parse
from telltale.store.questions import CountFacets, FindTraces, SumUp

JOURNAL = b"j" * 16
STANDINGS = {
    "ok": {1, 2},
    "error": {3},
    "running": {4},
    "lost": {5},
}
"""Traces by how they stand: 1 has said that it is well, 2 has said nothing."""


@pytest.fixture
def several(store):
    store.write(
        [
            record(trace=1, status=Status.OK),
            record(trace=2, status=Status.UNSET),
            record(trace=3, status=Status.ERROR),
            record(trace=4, end_ms=None),
            record(trace=5, end_ms=None, journal=JOURNAL),
        ]
    )
    store.mark_lost(JOURNAL, 0)
    return store


def numbers(store, filter_):
    return {int(one.trace_id, 16) for one in store.read(FindTraces(filter=filter_)).traces}


@pytest.mark.parametrize("word", STANDINGS)
def test_a_filter_finds_those_that_stand_so(several, word):
    assert numbers(several, parse(f"status:{word}")) == STANDINGS[word]
    assert numbers(several, parse(f"span(status:{word})")) == STANDINGS[word]
    assert numbers(several, parse(f"-status:{word}")) == {1, 2, 3, 4, 5} - STANDINGS[word]


def test_mlflows_words_mean_the_same(several):
    for field in ("status", "trace.state", "span.status"):
        for theirs, ours in (("OK", "ok"), ("ERROR", "error"), ("IN_PROGRESS", "running")):
            assert numbers(several, parse_mlflow(f"{field} = '{theirs}'")) == STANDINGS[ours]


@pytest.mark.parametrize("text", ["", "kind:chain"])
def test_facets_and_sums_have_one_value_a_trace(several, text):
    facets = several.read(CountFacets(filter=parse(text))).fields["status"]
    sums = several.read(SumUp(filter=parse(text), by="status")).sums

    wanted = [FacetValue("ok", 2), *(FacetValue(w, 1) for w in ("error", "lost", "running"))]
    assert list(facets) == wanted
    assert [FacetValue(one.value, one.traces) for one in sums] == wanted


def test_a_trace_that_ends_stands_otherwise(several):
    several.write([record(trace=4), record(trace=5, status=Status.ERROR, journal=JOURNAL)])

    assert numbers(several, parse("status:ok")) == {1, 2, 4}
    assert numbers(several, parse("status:error")) == {3, 5}
    found = several.read(CountFacets()).fields["status"]
    assert found == (FacetValue("ok", 3), FacetValue("error", 2))


def test_a_deleted_trace_is_counted_no_more(several):
    several.delete([trace_id(1), trace_id(5)])

    found = several.read(CountFacets()).fields["status"]
    assert [(one.value, one.traces) for one in found] == [("error", 1), ("ok", 1), ("running", 1)]

"""Whatever the order, the repetition and the division into writes: the same trace comes out."""

import tempfile
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_implementations import IMPLEMENTATIONS
from store_records import record, trace_id

from telltale.nouns.span import Kind, Status
from telltale.nouns.usage import Cost, Usage
from telltale.store.questions import ReadSkeleton, ReadSpans, ReadTrace

ONE = trace_id(1)
FACTS = st.fixed_dictionaries(
    {"tags": st.dictionaries(st.sampled_from("ab"), st.sampled_from("xyz"))},
    optional={"session": st.sampled_from(["s1", "s2"]), "user": st.sampled_from(["u1", "u2"])},
)


@st.composite
def spans(draw, number):
    """The start and the end record of one span, which agree on start and parent."""
    same = {
        "span": number,
        "parent": draw(st.none() | st.integers(1, 5)),
        "start_ms": draw(st.integers(0, 3)),
        "kind": draw(st.sampled_from([Kind.CREW, Kind.LLM, Kind.EMBEDDING, Kind.TOOL])),
        "inputs": f"input {number}",
    }
    ending = {
        "end_ms": draw(st.integers(3, 6)),
        "status": draw(st.sampled_from(Status)),
        "usage": draw(st.none() | st.just(Usage(3, 2, 1))),
        "cost": draw(st.none() | st.just(Cost(5, "p"))),
        "outputs": f"output {number}",
    }
    start = record(**same, end_ms=None, **draw(FACTS))
    return start, record(**same, **ending, **draw(FACTS))


@st.composite
def deliveries(draw):
    """Records of four spans, some never, some often, cut into writes anywhere."""
    of_spans = [draw(spans(number)) for number in range(1, 5)]
    every = [one for pair in of_spans for one in pair]
    picks = draw(st.lists(st.integers(0, len(every) - 1), min_size=1, max_size=16))
    cuts = draw(st.sets(st.integers(1, 15)))
    edges = [0, *sorted(cut for cut in cuts if cut < len(picks)), len(picks)]
    writes = [[every[pick] for pick in picks[a:b]] for a, b in pairwise(edges)]
    return writes, [every[pick] for pick in sorted(set(picks))]


def outcome(open_in, writes):
    """The trace and its spans, without what tells of the order: ordinals and seq."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_in(Path(folder))
        try:
            for changes in writes:
                store.write(changes)
            trace = msgspec.structs.replace(store.read(ReadTrace(ONE)), seq=0)
            stored = store.read(ReadSpans(trace_id=ONE))
            skeleton = store.read(ReadSkeleton(trace_id=ONE))
        finally:
            store.close()
    ids = {span.ordinal: span.raw.span_id for span in stored}
    parents = {
        ids[o]: ids.get(p, p) for o, p in zip(skeleton.ordinals(), skeleton.parent, strict=True)
    }
    rows = {span.raw.span_id: (span.raw, span.reading) for span in stored}
    return {"trace": trace, "rows": rows, "parents": parents}


@pytest.mark.parametrize("open_in", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
@given(delivery=deliveries())
@settings(max_examples=60, deadline=None)
def test_any_delivery_of_the_same_records_gives_the_same_trace(open_in, delivery):
    writes, once_each_in_order = delivery

    assert outcome(open_in, writes) == outcome(open_in, [once_each_in_order])

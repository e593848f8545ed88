"""What foreign programs send must not make a write fail, nor come back as something else unseen."""

import pytest
from store_records import record, trace_id

from telltale.nouns.errors import BadInput
from telltale.nouns.span import Kind, RawEvent
from telltale.nouns.usage import Usage
from telltale.store.questions import FindTraces, ReadSpans, ReadTrace

ONE = trace_id(1)

ODD = {
    "an integer beyond 64 bits becomes its digits": (2**70, str(2**70)),
    "so does a negative one": (-(2**70), str(-(2**70))),
    "an enormous one stays hexadecimal": (1 << 20_000, hex(1 << 20_000)),
    "half a surrogate pair becomes U+FFFD": ("a\ud800b", "a\ufffdb"),
    "a pair in two halves becomes its character": ("\ud83d\ude00", "😀"),
    "NUL stays in a body": ("a\0b", "a\0b"),
    "and so in lists and keys": ([{"\ud800": 2**64}], [{"\ufffd": str(2**64)}]),
}


@pytest.mark.parametrize("given, kept", ODD.values(), ids=ODD)
def test_odd_attributes_are_kept_visibly(store, given, kept):
    event = RawEvent("e", 1, {"k": given})
    store.write([record(span=1, attributes={"k": given}, events=(event,), resource={"k": given})])

    (span,) = store.read(ReadSpans(trace_id=ONE))
    assert span.raw.attributes == {"k": kept}
    assert span.raw.events[0].attributes == {"k": kept}
    assert span.raw.resource == {"k": kept}


def test_very_deep_nesting_ends_in_a_text_that_says_so(store):
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    store.write([record(attributes={"deep": deep})])

    (span,) = store.read(ReadSpans(trace_id=ONE))
    value = span.raw.attributes["deep"]
    while isinstance(value, list):
        value = value[0]
    assert value == "… nested deeper than 100 levels"


def test_odd_names_are_kept_visibly(store):
    store.write([record(name="a\0b\ud800", label="x\0", model="\udc00", tags={"k\0": "v\ud800"})])

    trace = store.read(ReadTrace(ONE))
    (span,) = store.read(ReadSpans(trace_id=ONE))
    assert (trace.name, trace.tags) == ("a\ufffdb\ufffd", {"k\ufffd": "v\ufffd"})
    assert (span.reading.label, span.reading.model) == ("x\ufffd", "\ufffd")


def test_a_very_long_name_is_cut_in_columns_and_whole_in_the_body(store):
    store.write([record(name="n" * 5000)])

    (span,) = store.read(ReadSpans(trace_id=ONE))
    assert (len(span.reading.name), span.reading.name[-1]) == (1000, "…")
    assert span.raw.name == "n" * 5000


def test_counts_beyond_64_bits_stay_at_the_most_that_a_column_holds(store):
    store.write([record(kind=Kind.LLM, usage=Usage(2**70, -(2**70)))])

    (span,) = store.read(ReadSpans(trace_id=ONE))
    assert span.reading.usage == Usage(2**63 - 1, -(2**63))


def test_what_no_wire_carries_is_refused_by_name(store):
    with pytest.raises(BadInput, match="attributes"):
        store.write([record(), record(span=2, attributes={"k": object()})])

    assert store.read(FindTraces()).traces == ()

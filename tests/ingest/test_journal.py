"""What a piece of a journal becomes, whole, damaged, or sent again."""

import pytest

from journals import crew, header, llm_call, opened, piece, span
from telltale.ingest.journal import Received, read_piece, receive, said_ns
from telltale.nouns.errors import BadInput
from telltale.store.questions import ReadSkeleton, ReadSpans, ReadTrace
from telltale.tracing.records import (
    Beat,
    RecordType,
    encode_beat,
    encode_header,
    encode_span,
    frame,
)


def to_default(name: str) -> int:
    return 0


def take(body: bytes, store, offset: int = 0, is_orphan: bool = False) -> Received:
    return receive(read_piece(body, is_orphan=is_orphan), offset, store, to_default)


def test_the_offset_counts_from_behind_the_header_record(store):
    of = header(segment=7)
    body = piece([crew(), crew()], of)

    received = take(body, store, 1000)

    assert received.journal == of.journal_id
    assert received.segment == 7
    assert received.offset == 1000 + len(body) - len(encode_header(of))


def test_a_record_that_is_still_being_written_is_left_for_the_next_piece(store):
    of, whole, torn = header(), crew(), crew()
    body = piece([whole, torn], of)

    received = take(body[:-5], store)

    assert received.offset == len(piece([whole], of)) - len(encode_header(of))
    assert (received.spans, received.damaged) == (1, 0)


def test_a_record_that_nobody_will_complete_is_damage(store):
    of, whole, torn = header(), crew(), crew()
    body = piece([whole, torn], of)[:-5]

    received = take(body, store, is_orphan=True)

    assert received.offset == len(body) - len(encode_header(of))
    assert (received.spans, received.damaged) == (1, 1)


def test_damage_costs_what_it_hit_and_is_counted(store):
    of, first, last = header(), crew(), crew()
    body = piece([first], of) + b"\xf7TTJ rubbish" + piece([last], of)[len(encode_header(of)) :]

    received = take(body, store)

    assert (received.spans, received.damaged) == (2, 1)


def test_a_span_that_cannot_be_stored_counts_as_damaged(store):
    received = take(piece([crew(), span(span_id=bytes(8))]), store)

    assert (received.spans, received.damaged) == (1, 1)


def test_a_payload_that_is_no_span_counts_as_damaged(store):
    body = piece([crew()]) + frame(RecordType.END, b"\x81\xa1x\x01")

    received = take(body, store)

    assert (received.spans, received.damaged) == (1, 1)


def test_records_of_a_newer_sdk_are_passed_over(store):
    body = piece([crew()]) + frame(9, b"anything")

    received = take(body, store)

    assert (received.spans, received.damaged) == (1, 0)
    assert received.offset > 0


def test_the_same_piece_again_changes_nothing(store):
    root = crew()
    body = piece([opened(root), llm_call(root), root])

    once = take(body, store)
    before = store.read(ReadSpans(trace_id=root.trace_id))
    again = take(body, store)

    assert (again.offset, again.spans) == (once.offset, once.spans)
    assert store.read(ReadSpans(trace_id=root.trace_id)) == before


def test_an_end_is_stored_once_in_the_place_of_its_start(store):
    root = crew()
    call = llm_call(root)

    received = take(piece([opened(root), call, root]), store)

    skeleton = store.read(ReadSkeleton(trace_id=root.trace_id))
    assert received.spans == 2
    assert skeleton.parent == (-1, 0)
    assert store.read(ReadTrace(root.trace_id)).state == "ended"


def test_the_experiment_is_the_one_that_each_record_names(store):
    named = {"": 0, "Trips": 4}

    receive(read_piece(piece([crew(experiment="Trips"), crew()])), 0, store, named.__getitem__)

    root = crew(experiment="Trips")
    receive(read_piece(piece([root])), 0, store, named.__getitem__)
    assert store.read(ReadTrace(root.trace_id)).experiment_id == 4


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", piece([crew()])[4:], frame(RecordType.END, b"\x80")],
    ids=["empty", "text", "torn", "no header"],
)
def test_without_a_readable_header_nothing_is_taken(body):
    with pytest.raises(BadInput, match="header"):
        read_piece(body)


HOUR_NS = 3600 * 10**9
NOON_NS = 1_800_000_000 * 10**9


@pytest.mark.parametrize(
    ("hours", "last"),
    [
        (["span 15", "span 12"], 12),
        (["beat 15", "span 12"], 12),
        (["span 15", "beat 12"], 12),
        (["span 12", "beat 13"], 13),
        (["beat 12", "span 13"], 13),
        (["beat 15", "beat 12"], 12),
        (["span 12", "end 15"], 12),
        (["beat 12", "span 13", "end 15"], 13),
        (["span 11", "beat 12", "end 15"], 12),
    ],
)
def test_what_was_said_last_is_what_stands_last_though_the_clock_was_set_back(hours, last):
    def at(hour: str) -> int:
        return NOON_NS + (int(hour) - 12) * HOUR_NS

    body = encode_header(header())
    for kind, hour in (one.split() for one in hours):
        if kind == "beat":
            body += encode_beat(Beat(time_ns=at(hour)))
        elif kind == "end":
            body += encode_span(RecordType.END, crew(start_ns=at("11"), end_ns=at(hour)))
        else:
            body += encode_span(RecordType.START, crew(start_ns=at(hour), end_ns=None))

    assert said_ns(read_piece(body), body) == at(str(last))

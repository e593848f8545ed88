"""Records: what was framed is read back, and damage costs no more than what it hit."""

import itertools
import struct
from zlib import crc32

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telltale.nouns.span import RawEvent, RawLink, RawSpan, Status
from telltale.tracing.records import (
    FORMAT,
    FRAME_BYTES,
    MAGIC,
    MAX_RECORD_BYTES,
    Header,
    RecordType,
    encode_header,
    encode_span,
    frame,
    read_segment,
    records,
)

HEADER = Header(
    journal_id=b"j" * 16, segment=3, destination="http://127.0.0.1:5000", pid=7, started_ns=1
)
OPENING = encode_header(HEADER)

names = st.text(max_size=20)
times = st.integers(0, 2**63 - 1)
values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(), st.binary()
)
attributes = st.dictionaries(names, st.one_of(values, st.lists(values, max_size=4)), max_size=4)
trace_ids = st.binary(min_size=16, max_size=16)
span_ids = st.binary(min_size=8, max_size=8)
spans = st.builds(
    RawSpan,
    trace_id=trace_ids,
    span_id=span_ids,
    parent_id=st.none() | span_ids,
    name=names,
    start_ns=times,
    end_ns=st.none() | times,
    status=st.sampled_from(Status),
    status_message=names,
    attributes=attributes,
    events=st.lists(st.builds(RawEvent, names, times, attributes), max_size=2).map(tuple),
    links=st.lists(st.builds(RawLink, trace_ids, span_ids, attributes), max_size=2).map(tuple),
    scope=names,
    experiment=names,
)


def span(name: str = "work", **more) -> RawSpan:
    return RawSpan(trace_id=b"t" * 16, span_id=b"s" * 8, name=name, start_ns=1, end_ns=2, **more)


def end(name: str = "work", **more) -> bytes:
    return encode_span(RecordType.END, span(name, **more))


def read_names(data: bytes) -> list[str]:
    return [read.name for read in read_segment(data).spans]


@given(st.lists(spans, max_size=5))
def test_any_spans_are_read_back_as_they_were_written(written):
    data = OPENING + b"".join(encode_span(RecordType.END, one) for one in written)

    segment = read_segment(data)

    assert repr(list(segment.spans)) == repr(written)  # NaN is not equal to itself.
    assert (segment.begin, segment.end, segment.damaged) == (len(OPENING), len(data), 0)


@given(st.integers(0, 2**32), st.dictionaries(names, st.text()), names)
def test_the_resource_stands_in_the_header_once_and_is_on_every_span(segment, resource, version):
    header = msgspec.structs.replace(
        HEADER, segment=segment, resource=resource, sdk_version=version
    )

    read = read_segment(encode_header(header) + end("a") + end("b"))

    assert read.header == header
    assert [one.resource for one in read.spans] == [resource, resource]


@pytest.mark.parametrize("kind", [RecordType.START, RecordType.END, RecordType.BEAT])
def test_a_whole_record_that_says_nothing_that_can_be_read_is_damage(kind):
    unreadable = frame(kind, b"\xc1")

    assert read_segment(OPENING + unreadable + end("after")).damaged == 1


BYTES = OPENING + b"".join(end(f"span {number}", status_message="x" * 40) for number in range(6))
STARTS = [record.end for record in records(BYTES)]


@given(st.integers(len(OPENING), len(BYTES)))
def test_a_torn_end_loses_the_record_that_was_torn(length):
    whole = sum(start <= length for start in STARTS[1:])

    segment = read_segment(BYTES[:length])

    assert [one.name for one in segment.spans] == [f"span {n}" for n in range(whole)]
    assert (segment.end, segment.damaged) == (STARTS[whole], 0)


@given(st.integers(len(OPENING), len(BYTES) - 1), st.binary(min_size=1, max_size=90))
@example(len(OPENING), b"\x00" * 90)
def test_overwritten_bytes_cost_only_the_records_that_they_hit(offset, noise):
    noise = noise[: len(BYTES) - offset]
    data = BYTES[:offset] + noise + BYTES[offset + len(noise) :]
    spared = [
        f"span {number}"
        for number, (begin, after) in enumerate(itertools.pairwise(STARTS))
        if data[begin:after] == BYTES[begin:after]
    ]

    assert read_names(data) == spared


@given(st.integers(1, len(STARTS) - 1), st.integers(1, 60), st.data())
def test_a_short_write_in_the_middle_costs_one_record(record, missing, data):
    begin, after = STARTS[record - 1], STARTS[record]
    missing = min(missing, after - begin)
    torn = BYTES[: after - missing] + BYTES[after:]

    expected = [f"span {n}" for n in range(6) if n != record - 1]
    assert read_names(torn) == expected


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_exception_and_nothing_is_invented(noise):
    assert list(read_segment(OPENING + noise + end("real")).spans)[-1].name == "real"
    assert all(record is None or record.end <= len(noise) for record in records(noise))
    try:
        read_segment(noise)
    except ValueError as refused:
        assert "header" in str(refused)


@pytest.mark.parametrize("inside", [MAGIC, MAGIC * 20, frame(RecordType.END, b"\xc1"), end("no")])
def test_a_magic_inside_a_payload_is_payload(inside):
    data = OPENING + end("outer", attributes={"bytes": inside}) + end("next")

    assert read_names(data) == ["outer", "next"]


def test_a_magic_inside_a_torn_payload_does_not_deceive():
    torn = end("torn", attributes={"bytes": MAGIC + bytes([FORMAT, 2, 0, 0]) + b"\x20" * 9})

    assert read_names(OPENING + torn[:-3] + end("next")) == ["next"]


def test_a_record_of_a_type_not_known_yet_is_passed_over():
    segment = read_segment(OPENING + end("a") + frame(200, b"\xff whatever") + end("b"))

    assert [one.name for one in segment.spans] == ["a", "b"]
    assert segment.damaged == 0


def test_a_beat_is_no_span():
    assert read_names(OPENING + frame(RecordType.BEAT, msgspec.msgpack.encode({"at": 5}))) == []


def test_a_field_not_known_yet_is_ignored():
    newer = msgspec.to_builtins(span("newer"), builtin_types=(bytes,)) | {"mood": ["fine", 7]}
    header = msgspec.to_builtins(HEADER, builtin_types=(bytes,)) | {"colour": "blue"}
    data = frame(RecordType.HEADER, msgspec.msgpack.encode(header))

    read = read_segment(data + frame(RecordType.END, msgspec.msgpack.encode(newer)))

    assert (read.header, read.spans) == (HEADER, (span("newer"),))


@pytest.mark.parametrize("missing", ["trace_id", "span_id", "name", "start_ns"])
def test_a_whole_record_without_a_needed_field_counts_as_damage(missing):
    lacking = msgspec.to_builtins(span(), builtin_types=(bytes,))
    del lacking[missing]

    read = read_segment(
        OPENING + frame(RecordType.END, msgspec.msgpack.encode(lacking)) + end("next")
    )

    assert ([one.name for one in read.spans], read.damaged) == (["next"], 1)


def test_a_record_of_another_format_version_is_not_read():
    other = bytearray(end("other"))
    other[4] = FORMAT + 1

    assert read_names(OPENING + bytes(other) + end("next")) == ["next"]
    with pytest.raises(ValueError, match="header"):
        read_segment(bytes(bytearray(OPENING[:4]) + b"\x02" + OPENING[5:]))


def test_a_length_over_the_bound_is_damage_and_is_not_waited_for():
    length = MAX_RECORD_BYTES + 1
    check = crc32(struct.pack("<BHI", RecordType.END, 0, length))
    mad = struct.pack("<4sBBHII", MAGIC, FORMAT, RecordType.END, 0, length, check)

    segment = read_segment(OPENING + mad + b"\x00" * 100 + end("next"))

    assert ([one.name for one in segment.spans], segment.damaged) == (["next"], 1)


@pytest.mark.parametrize("data", [b"", b"no journal", end("no header"), OPENING[:-1]])
def test_what_does_not_begin_with_a_header_is_refused(data):
    with pytest.raises(ValueError, match="header"):
        read_segment(data)


def test_the_frame_is_what_the_format_says():
    payload = b"\x81\xa1a\x01"
    written = frame(RecordType.END, payload)
    fields = struct.unpack("<4sBBHII", written[:FRAME_BYTES])

    assert fields[:5] == (b"\xf7\x54\x54\x4a", 1, 2, 0, len(payload))
    assert fields[5] == crc32(written[5:12] + payload)
    assert written[FRAME_BYTES:] == payload


def test_ids_travel_as_bytes_under_their_names():
    payload = msgspec.msgpack.decode(end("work")[FRAME_BYTES:])

    assert payload == {
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "name": "work",
        "start_ns": 1,
        "end_ns": 2,
    }

"""Whatever a program hands us, its own work goes on, and what is kept is bounded and readable."""

import dataclasses
import datetime
import decimal
import enum
import json
import logging
import pathlib
import uuid

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import telltale
from telltale.nouns.span import Status
from telltale.tracing.records import FRAME_BYTES, MAX_RECORD_BYTES, records
from telltale.tracing.serialise import to_json

MB = 1_000_000


class Hostile:
    """Everything about it raises."""

    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __bool__ = __len__ = __iter__ = __eq__ = __hash__ = __repr__

    def model_dump(self, **_):
        raise RuntimeError("no dump")


class HostileText(str):
    """Text that will not be shown."""

    def __str__(self):
        raise RuntimeError("no str")

    __repr__ = encode = __str__


class HostileMapping(dict):
    """A mapping that will not be read."""

    def items(self):
        raise RuntimeError("no items")


class HostileError(Exception):
    """An exception without words."""

    def __str__(self):
        raise RuntimeError("no str")

    __repr__ = __str__


class Colour(str, enum.Enum):  # noqa: UP042
    """As crewAI's `Process` is."""

    RED = "red"


class Model:
    """Shaped like a model of pydantic's."""

    def __init__(self, **fields):
        self.fields = fields

    def model_dump(self, mode="python"):
        assert mode == "json"
        return self.fields


class Point(msgspec.Struct):
    x: int


@dataclasses.dataclass
class Room:
    number: int
    guest: object = None


def recursive_list():
    value = [1]
    value.append(value)
    return value


def wide_recursion(width=50):
    """A graph in which everybody knows everybody."""
    nodes = [{} for _ in range(width)]
    for number, node in enumerate(nodes):
        node |= {"number": number, "friends": nodes}
    return nodes


def family():
    parent = Room(1, [])
    parent.guest.extend(Room(number, parent) for number in range(40))
    return parent


HOSTILE = {
    "hostile": Hostile(),
    "hostile inside": {"a": [Hostile()], "b": 1},
    "hostile key": {("tuple", "key"): 1, 7: 2},
    "hostile text": HostileText("words"),
    "hostile mapping": HostileMapping(a=1),
    "recursive list": recursive_list(),
    "recursive dict": wide_recursion(),
    "recursive dataclass": family(),
    "deep": json.loads("[" * 500 + "]" * 500),
    "lone surrogate": "a\ud800b",
    "lone surrogate inside": {"k\udc00": ["\ud83d"]},
    "huge number": 2**70,
    "huge number inside": [-(2**64), 10**400],
    "not a number": float("nan"),
    "infinite inside": [float("inf"), -float("inf")],
    "bytes": b"\xff\x00",
    "bytes inside": {"b": bytearray(5), "m": memoryview(b"abc")},
    "lambda": lambda: None,
    "class": Hostile,
    "generator": (x for x in ()),
    "enough items": list(range(20_000)),
    "matrix": [[0.5] * 1000] * 2000,
    "null": "\x00\x1f",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_any_value_may_go_in_out_and_aside(recording, value):
    @telltale.trace
    def work(given):
        span = telltale.get_current_active_span()
        span.set_attribute("plain", value)
        span.set_attributes({"inside": [value]})
        span.add_event("event", {"of": value})
        telltale.update_current_trace(tags={"tag": value})
        return given

    assert work(value) is value

    one = recording.one
    assert one.status == Status.UNSET
    assert {"telltale.inputs", "telltale.outputs"} <= one.attributes.keys()
    assert sum(len(str(v)) for v in one.attributes.values()) < 4 * MB
    json.loads(one.attributes["telltale.inputs"])


ARGUMENTS = {
    "hostile": Hostile(),
    "hostile text": HostileText("x"),
    "none": None,
    "number": 7,
    "surrogate": "a\ud800",
    "long": "x" * MB,
}


@pytest.mark.parametrize("argument", ARGUMENTS.values(), ids=ARGUMENTS)
def test_any_name_and_type_may_be_given(recording, argument):
    with telltale.start_span(argument, span_type=argument) as span:
        span.set_name(argument)
        span.add_event(argument)
        span.set_attribute(argument, 1)
        span.set_span_type(argument)
        telltale.update_current_trace(session_id=argument, user=argument)
        done = True

    assert done


@pytest.mark.parametrize("error", [HostileError(), HostileError(Hostile())], ids=["bare", "full"])
def test_an_exception_without_words_fails_its_span_all_the_same(recording, error):
    with pytest.raises(HostileError) as raised, telltale.start_span("work"):
        raise error

    assert raised.value is error
    assert (recording.one.status, recording.one.attributes["error.type"]) == (
        Status.ERROR,
        "HostileError",
    )


def test_an_exception_of_a_thousand_causes_is_bounded(recording):
    error = ValueError("root")
    for number in range(1000):
        try:
            raise ValueError(f"{number}" + "x" * 1000) from error
        except ValueError as raised:
            error = raised
    with pytest.raises(ValueError, match="999"), telltale.start_span("work"):
        raise error

    assert len(str(recording.one.events)) < 100_000


HUGE = "东x" * (25 * MB)


@pytest.mark.parametrize(
    "say",
    [
        lambda span: span.set_inputs(HUGE),
        lambda span: span.set_outputs({"text": HUGE}),
        lambda span: span.set_attribute("list", [HUGE]),
        lambda span: span.add_event("event", {"text": HUGE}),
        lambda span: span.record_exception(ValueError(HUGE)),
        lambda span: span.set_status("ERROR", HUGE),
        lambda span: span.set_name(HUGE),
        lambda span: [span.set_attribute(f"k{n}", "x" * 1000) for n in range(30_000)],
    ],
    ids=["inputs", "outputs", "list", "event", "exception", "status", "name", "many"],
)
def test_a_record_is_never_over_its_bound_and_is_visibly_cut(recording, say):
    with telltale.start_span("work") as span:
        span.set_attribute("beside", "kept")
        say(span)

    data = b"".join(path.read_bytes() for path in recording.files)
    assert all(len(r.payload) + FRAME_BYTES <= MAX_RECORD_BYTES for r in records(data))
    assert "cut by telltale" in str(recording.one)[:4000] + str(recording.one)[-3000:] or (
        "cut by telltale" in str(recording.one)
    )
    assert recording.one.attributes["beside"] == "kept"


def test_a_start_record_has_no_value_over_two_kilobytes(recording):
    telltale.set_experiment("汉" * 90)
    with telltale.start_span("汉" * 5000, "汉" * 5000, attributes={"x": "y" * 5000}) as span:
        span.set_inputs("z" * 5000)
        (started,) = recording.starts

    held = [started.name, *started.attributes.values(), started.status_message]
    assert max(len(value.encode()) for value in held) <= 2048
    assert recording.one.attributes["x"] == "y" * 5000
    assert recording.one.attributes["telltale.span_type"] == "汉" * 5000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": (1, None, True)}, '{"a":[1,null,true]}'),
        (Model(city="东京"), '{"city":"东京"}'),
        (Room(7, Point(1)), '{"number":7,"guest":{"x":1}}'),
        (Colour.RED, '"red"'),
        ([Colour.RED], '["red"]'),
        (enum.IntEnum("Level", "LOW").LOW, "1"),
        (datetime.datetime(2026, 1, 2, 3, 4), '"2026-01-02T03:04:00"'),
        (datetime.timedelta(minutes=5), '"0:05:00"'),
        (decimal.Decimal("1.10"), '"1.10"'),
        (uuid.UUID(int=7), '"00000000-0000-0000-0000-000000000007"'),
        (pathlib.PurePosixPath("/a/b"), '"/a/b"'),
        (2**63, '"9223372036854775808"'),
        (float("nan"), '"nan"'),
        (b"abc", '"<3 bytes>"'),
        ("a\ud800b", '"a?b"'),
        ({1: "a", (2, 3): "b"}, '{"1":"a","(2, 3)":"b"}'),
        (frozenset({5}), "[5]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_written_as_a_reader_expects_them(value, text):
    assert to_json(value) == text


def test_what_is_too_deep_or_too_much_is_said_in_its_place():
    assert to_json(recursive_list()) == '[1,"… (contains itself)"]'
    assert "nested too deep" in to_json(json.loads("[" * 20 + "]" * 20))
    assert len(to_json(wide_recursion())) < 5 * MB
    assert json.loads(to_json(list(range(20_000))))[-1] == "… 10,000 more"
    assert json.loads(to_json(dict.fromkeys(range(20_000))))["…"] == "10,000 more"


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
json_like = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)


@given(json_like)
def test_any_plain_data_becomes_json(value):
    json.loads(to_json(value))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(), st.dictionaries(st.text(), json_like, max_size=3))
def test_any_span_is_written_and_read(recording, name, attributes):
    with telltale.start_span(name, attributes=attributes) as span:
        span.set_inputs(attributes)

    last = recording.spans[-1]
    assert last.span_id.hex() == span.span_id
    assert all(segment.damaged == 0 for segment in recording.segments)


def test_a_log_that_refuses_our_warning_breaks_nothing(recording):
    def refuse(_):
        raise RuntimeError("no log")

    logger = logging.getLogger("telltale")
    logger.addFilter(refuse)
    telltale.configure(redact=lambda key, value: 1 / 0)
    try:
        with telltale.start_span("work", attributes={"a": 1}):
            pass
    finally:
        logger.removeFilter(refuse)

    assert recording.one.attributes == {}

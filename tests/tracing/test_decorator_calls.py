"""`@trace` on functions: the call goes through unchanged, and is a span."""

import asyncio
import functools
import inspect

import pytest

import telltale
from telltale.entities import SpanType
from telltale.nouns.span import Status
from telltale.tracing.serialise import plain


@telltale.trace
def add(a, b=2, *rest, scale=1, **more):
    """Add."""
    return (a + b + sum(rest)) * scale


@telltale.trace
async def add_later(a: int, b: int = 2) -> int:
    """Add later."""
    await asyncio.sleep(0)
    return a + b


def inputs(recording):
    import json

    return json.loads(recording.one.attributes["telltale.inputs"])


def outputs(recording):
    return recording.one.attributes["telltale.outputs"]


def test_arguments_are_inputs_and_the_return_value_outputs(recording):
    assert add(1, 2, 3, scale=10, colour="blue") == 60

    assert recording.one.name == "add"
    assert inputs(recording) == {
        "a": 1,
        "b": 2,
        "rest": [3],
        "scale": 10,
        "more": {"colour": "blue"},
    }
    assert outputs(recording) == "60"


def test_defaults_are_inputs_too(recording):
    add(1)

    assert inputs(recording)["b"] == 2


def test_a_decorated_function_looks_like_itself():
    assert (add.__name__, add.__doc__, add.__module__) == ("add", "Add.", __name__)
    assert str(inspect.signature(add)) == "(a, b=2, *rest, scale=1, **more)"
    assert add_later.__annotations__ == {"a": int, "b": int, "return": int}


def test_a_coroutine_function_stays_one(recording):
    assert inspect.iscoroutinefunction(add_later)
    assert asyncio.run(add_later(1, b=4)) == 5

    assert inputs(recording) == {"a": 1, "b": 4}
    assert outputs(recording) == "5"


def test_the_span_of_a_coroutine_is_open_while_it_waits(recording):
    @telltale.trace
    async def outer():
        await asyncio.gather(add_later(1), add_later(2))
        return telltale.get_current_active_span().name

    assert asyncio.run(outer()) == "outer"
    parent = recording.named("outer")
    assert [span.parent_id for span in recording.spans] == [parent.span_id] * 2 + [None]


@pytest.mark.parametrize("make", [lambda f: telltale.trace(f), lambda f: telltale.trace()(f)])
def test_with_and_without_parentheses(recording, make):
    assert make(lambda x: x + 1)(2) == 3
    assert recording.one.name == "<lambda>"


def test_name_type_and_attributes_may_be_given(recording):
    @telltale.trace(name="book", span_type=SpanType.TOOL, attributes={"tier": "gold"})
    def anything():
        return None

    anything()

    one = recording.one
    assert (one.name, one.attributes["telltale.kind"]) == ("book", "tool")
    assert one.attributes["tier"] == "gold"


def test_the_span_is_current_inside(recording):
    @telltale.trace
    def work():
        telltale.get_current_active_span().set_attribute("said", "inside")
        with telltale.start_span("inner"):
            pass

    work()
    assert recording.named("work").attributes["said"] == "inside"
    assert recording.named("inner").parent_id == recording.named("work").span_id


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), StopIteration(3)])
def test_an_exception_goes_on_its_way(recording, error):
    @telltale.trace
    def work():
        raise error

    with pytest.raises(type(error)) as raised:
        work()

    assert raised.value is error
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert (recording.one.status, recording.one.attributes["error.type"]) == (
        Status.ERROR,
        type(error).__name__,
    )


def test_an_exception_of_a_coroutine_goes_on_its_way(recording):
    error = ValueError("no")

    @telltale.trace
    async def work():
        raise error

    with pytest.raises(ValueError, match="no") as raised:
        asyncio.run(work())

    assert raised.value is error
    assert recording.one.status == Status.ERROR


def test_a_cancelled_coroutine_ends_its_span(recording):
    @telltale.trace
    async def forever():
        await asyncio.Event().wait()

    async def main():
        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert recording.one.attributes["error.type"] == "CancelledError"


def test_wrong_arguments_are_pythons_own_complaint(recording):
    with pytest.raises(TypeError) as raised:
        add()

    assert "missing 1 required positional argument: 'a'" in str(raised.value)
    assert recording.one.status == Status.ERROR


class Hotel:
    """With methods of every sort."""

    @telltale.trace
    def book(self, nights):
        return self, nights

    @telltale.trace
    @classmethod
    def of(cls, name):
        return cls, name

    @classmethod
    @telltale.trace
    def of_too(cls, name):
        return cls, name

    @telltale.trace(name="of named")
    @classmethod
    def of_named(cls, name):
        return cls, name

    @telltale.trace
    @staticmethod
    def rate(stars):
        return stars

    @staticmethod
    @telltale.trace
    def rate_too(stars):
        return stars

    @telltale.trace(name="rate named")
    @staticmethod
    def rate_named(stars):
        return stars

    @property
    @telltale.trace
    def price(self):
        return 100


def test_a_method_gets_its_object_which_is_no_input(recording):
    hotel = Hotel()

    assert hotel.book(3) == (hotel, 3)
    assert inputs(recording) == {"nights": 3}


@pytest.mark.parametrize("name", ["of", "of_too", "of_named"])
@pytest.mark.parametrize("owner", [Hotel, Hotel()], ids=["class", "object"])
def test_a_classmethod_gets_its_class(recording, name, owner):
    assert getattr(owner, name)("Ritz") == (Hotel, "Ritz")
    assert inputs(recording) == {"name": "Ritz"}
    assert isinstance(vars(Hotel)[name], classmethod)


@pytest.mark.parametrize("name", ["rate", "rate_too", "rate_named"])
@pytest.mark.parametrize("owner", [Hotel, Hotel()], ids=["class", "object"])
def test_a_staticmethod_gets_its_arguments_alone(recording, name, owner):
    assert getattr(owner, name)(5) == 5
    assert inputs(recording) == {"stars": 5}
    assert isinstance(vars(Hotel)[name], staticmethod)


def test_a_property_may_be_traced(recording):
    assert Hotel().price == 100
    assert recording.one.name == "price"


def test_callables_without_a_name_are_traced_by_their_type(recording):
    assert telltale.trace(functools.partial(pow, 2))(5) == 32
    assert recording.one.name == "partial"


def test_builtins_without_a_signature_are_traced(recording):
    assert telltale.trace(max)(1, 5) == 5
    assert inputs(recording) == {"args": [1, 5]}


def test_a_result_is_handed_on_as_the_same_object(recording):
    result = object()

    assert telltale.trace(lambda: result)() is result


def test_recursion_nests(recording):
    @telltale.trace
    def down(n):
        return n and down(n - 1)

    down(3)
    by_id = {span.span_id: span for span in recording.spans}
    depths = []
    for span in recording.spans:
        depth = 0
        while span.parent_id:
            span, depth = by_id[span.parent_id], depth + 1
        depths.append(depth)
    assert depths == [3, 2, 1, 0]


def test_plain_data_is_what_the_journal_can_hold():
    assert plain({"a": (1, {2})}) == {"a": [1, [2]]}

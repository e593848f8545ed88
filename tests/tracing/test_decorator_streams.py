"""`@trace` on generators: current only while they are advanced, and otherwise themselves."""

import asyncio
import gc
import inspect
import json

import pytest

import telltale
from telltale.nouns.span import Status


def outputs(span):
    return json.loads(span.attributes["telltale.outputs"])


def active():
    span = telltale.get_current_active_span()
    return span and span.name


@telltale.trace
def count(end, seen=None):
    """Count, hear what is sent, and answer for throws."""
    number = 0
    while number < end:
        try:
            heard = yield number
        except KeyError as error:
            heard = f"caught {error}"
        if seen is not None:
            seen.append((heard, active()))
        number += 1
    return "done"


@telltale.trace
async def count_later(end, seen=None):
    number = 0
    while number < end:
        await asyncio.sleep(0)
        try:
            heard = yield number
        except KeyError as error:
            heard = f"caught {error}"
        if seen is not None:
            seen.append((heard, active()))
        number += 1


async def collect(source):
    return [item async for item in source]


def test_generators_stay_what_they_are():
    assert inspect.isgeneratorfunction(count)
    assert inspect.isasyncgenfunction(count_later)
    assert (count.__name__, count.__doc__[:5]) == ("count", "Count")


def test_what_was_yielded_is_the_output(recording):
    assert list(count(3)) == [0, 1, 2]
    assert asyncio.run(collect(count_later(3))) == [0, 1, 2]

    assert [outputs(span) for span in recording.spans] == [[0, 1, 2]] * 2
    assert [json.loads(span.attributes["telltale.inputs"])["end"] for span in recording.spans] == [
        3,
        3,
    ]


def test_the_return_value_of_a_generator_reaches_yield_from(recording):
    def outer():
        return (yield from count(2))

    generator = outer()
    with pytest.raises(StopIteration) as stop:
        while True:
            next(generator)

    assert stop.value.value == "done"


def test_nothing_begins_before_the_first_item_is_asked_for(recording):
    generator = count(3)
    generator.close()

    assert not recording.folder.exists()


def test_the_span_is_current_inside_and_not_between_items(recording):
    seen = []
    with telltale.start_span("caller"):
        for _ in count(2, seen):
            assert active() == "caller"
            with telltale.start_span("between"):
                pass

    caller = recording.named("caller")
    assert seen == [(None, "count"), (None, "count")]
    assert {s.parent_id for s in recording.spans if s.name in ("between", "count")} == {
        caller.span_id
    }


def test_the_span_of_an_async_generator_is_not_current_between_items(recording):
    seen = []

    async def main():
        async for _ in count_later(2, seen):
            assert active() is None

    asyncio.run(main())
    assert seen == [(None, "count_later"), (None, "count_later")]


def test_spans_inside_a_generator_are_its_children(recording):
    @telltale.trace
    def work():
        with telltale.start_span("inside"):
            yield 1

    assert list(work()) == [1]
    assert recording.named("inside").parent_id == recording.named("work").span_id


def test_what_is_sent_and_thrown_reaches_the_generator(recording):
    seen = []
    generator = count(4, seen)

    assert next(generator) == 0
    assert generator.send("hello") == 1
    assert generator.throw(KeyError("k")) == 2
    generator.close()

    assert [heard for heard, _ in seen] == ["hello", "caught 'k'"]
    assert (outputs(recording.one), recording.one.status) == ([0, 1, 2], Status.UNSET)


def test_what_is_sent_and_thrown_reaches_the_async_generator(recording):
    seen = []

    async def main():
        generator = count_later(4, seen)
        assert await anext(generator) == 0
        assert await generator.asend("hello") == 1
        assert await generator.athrow(KeyError("k")) == 2
        await generator.aclose()

    asyncio.run(main())
    assert [heard for heard, _ in seen] == ["hello", "caught 'k'"]
    assert (outputs(recording.one), recording.one.status) == ([0, 1, 2], Status.UNSET)


def test_an_exception_thrown_in_comes_out_again_the_same(recording):
    error = ValueError("thrown")
    generator = count(4)
    next(generator)

    with pytest.raises(ValueError, match="thrown") as raised:
        generator.throw(error)

    assert raised.value is error
    assert (recording.one.status, outputs(recording.one)) == (Status.ERROR, [0])


@pytest.mark.parametrize("closing", ["close", "del", "break"])
def test_a_generator_that_is_left_ends_well_and_cleans_up(recording, closing):
    cleaned = []

    @telltale.trace
    def work():
        try:
            yield from range(9)
        finally:
            cleaned.append(active())

    generator = work()
    assert next(generator) == 0
    if closing == "close":
        generator.close()
    elif closing == "break":
        for _ in generator:
            break
    del generator
    gc.collect()

    assert len(cleaned) == 1
    assert recording.one.status == Status.UNSET


def test_an_async_generator_that_is_left_ends_with_the_loop_and_without_a_word(recording, caplog):
    left, cleaned = [], []

    @telltale.trace
    async def work():
        try:
            for number in range(9):
                yield number
        finally:
            await asyncio.sleep(0.001)
            cleaned.append(True)

    async def main():
        left.append(work())
        assert await anext(left[0]) == 0

    asyncio.run(main())
    assert cleaned == [True]
    assert (recording.one.status, outputs(recording.one)) == (Status.UNSET, [0])
    assert "asyncio" not in {said.name for said in caplog.records}


def test_an_async_generator_that_the_loop_cancels_cleans_up(recording):
    cleaned = []

    @telltale.trace
    async def work():
        try:
            yield 1
            yield 2
        finally:
            cleaned.append(True)

    async def main():
        async for _ in work():
            break  # Its closing becomes a task, which the ending loop cancels.

    asyncio.run(main())
    assert cleaned == [True]
    assert outputs(recording.one) == [1]


def test_an_exception_inside_is_recorded_with_what_came_before(recording):
    @telltale.trace
    def work():
        yield "one"
        raise ValueError("no more")

    generator = work()
    assert next(generator) == "one"
    with pytest.raises(ValueError, match="no more"):
        next(generator)

    assert (recording.one.status, outputs(recording.one)) == (Status.ERROR, ["one"])


def test_an_exception_inside_an_async_generator_is_recorded(recording):
    @telltale.trace
    async def work():
        yield "one"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        asyncio.run(collect(work()))

    assert (recording.one.status, outputs(recording.one)) == (Status.ERROR, ["one"])


@pytest.mark.parametrize("stream", [count, count_later], ids=["sync", "async"])
def test_wrong_arguments_leave_no_span_open(recording, stream):
    with pytest.raises(TypeError, match="unexpected keyword"):
        if stream is count:
            next(stream(1, colour="blue"))
        else:
            asyncio.run(collect(stream(1, colour="blue")))

    assert recording.one.status == Status.ERROR


def test_a_reducer_makes_one_output_of_the_items(recording):
    @telltale.trace(output_reducer="".join)
    def work():
        yield from ("to", "kyo")

    assert list(work()) == ["to", "kyo"]
    assert recording.one.attributes["telltale.outputs"] == "tokyo"


def test_a_reducer_that_fails_leaves_the_items(recording, caplog):
    @telltale.trace(output_reducer=lambda items: 1 / 0)
    def work():
        yield 7

    assert list(work()) == [7]
    assert outputs(recording.one) == [7]
    assert "output_reducer of work" in caplog.text


def test_generators_that_take_turns_keep_their_own_children(recording):
    @telltale.trace
    def work(name):
        for number in range(2):
            with telltale.start_span(f"{name}{number}"):
                pass
            yield

    for _ in zip(work("a"), work("b"), strict=True):
        pass

    parents = {s.span_id: json.loads(s.attributes["telltale.inputs"])["name"]
               for s in recording.spans if s.name == "work"}  # fmt: skip
    assert {s.name: parents[s.parent_id] for s in recording.spans if s.parent_id} == {
        "a0": "a",
        "a1": "a",
        "b0": "b",
        "b1": "b",
    }


def test_a_long_stream_is_not_held_in_memory(recording):
    class Item:
        alive = 0

        def __init__(self):
            Item.alive += 1

        def __del__(self):
            Item.alive -= 1

    @telltale.trace
    def work():
        for _ in range(30_000):
            yield Item()

    most = max(Item.alive for _ in work())

    assert most < 11_000
    assert outputs(recording.one)[-1] == "… 20,001 more"

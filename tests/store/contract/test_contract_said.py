"""What people say of a trace stays with it, is found by it, and goes with it."""

import pytest
from msgspec.structs import replace
from store_records import record, span_id, trace_id

from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.feedback import Feedback, Source
from telltale.query.parse import parse
from telltale.store.questions import (
    ChangesSince,
    CountFacets,
    FindTraces,
    ReadSaid,
    ReadTrace,
    Sort,
)


def feedback(trace=1, number=1, **said):
    fields = {"name": "helpful", "value": True, "created_us": number} | said
    return Feedback(
        feedback_id=f"{number:032x}", trace_id=trace_id(trace).hex(), **fields
    )  # fmt: skip


def found(store, text):
    return {int(t.trace_id, 16) for t in store.read(FindTraces(filter=parse(text))).traces}


def test_feedback_is_kept_as_it_was_said_the_oldest_first(store):
    store.write([record(), record(span=2, parent=1)])
    judge = feedback(
        number=2,
        name="correct",
        value=0.25,
        source=Source.LLM_JUDGE,
        source_id="gpt-4.1",
        rationale="半分だけ",
        span_id=span_id(2).hex(),
    )
    word = feedback(number=1, name="mood", value="sad")

    assert store.add_feedback(judge) and store.add_feedback(word)

    assert store.read(ReadSaid(trace_id(1))).feedback == (word, judge)
    assert store.read(ReadSaid(trace_id(9))) is None


def test_it_is_found_by_what_was_said(store):
    store.write([record(trace=n) for n in range(1, 5)])
    for said in (
        feedback(1, 1, value=True),
        feedback(2, 2, value=0.4),
        feedback(3, 3, value="Good"),
        feedback(3, 4, value=0.9),
        feedback(4, 5, name="other", value=1),
    ):
        store.add_feedback(said)

    assert found(store, "feedback.helpful:>0.5") == {1, 3}
    assert found(store, "feedback.helpful:1") == {1}
    assert found(store, "feedback.helpful:good") == {3}
    assert found(store, "-feedback.helpful:0..1") == {4}
    assert found(store, "feedback.other:>=1") == {4}


def test_the_same_id_says_the_same_anew_and_belongs_to_one_trace(store):
    store.write([record(trace=1), record(trace=2)])
    store.add_feedback(feedback(1, 7, value=0.1))

    store.add_feedback(feedback(1, 7, value=0.9))

    assert [one.value for one in store.read(ReadSaid(trace_id(1))).feedback] == [0.9]
    with pytest.raises(BadInput, match="about another trace"):
        store.add_feedback(feedback(2, 7))
    assert store.read(ReadSaid(trace_id(2))).feedback == ()


def test_of_what_is_not_there_nothing_can_be_said(store):
    store.write([record()])

    assert store.add_feedback(feedback(trace=2)) is False
    assert store.set_tags(trace_id(2), {"a": "b"}) is False
    assert store.remove_feedback(trace_id(1), bytes(15) + b"\1") is False
    with pytest.raises(NotFound, match="leave it out"):
        store.add_feedback(feedback(span_id=span_id(3).hex()))
    assert store.read(ReadSaid(trace_id(1))).feedback == ()


def test_it_goes_when_it_is_taken_back_and_with_its_trace(store):
    store.write([record(trace=1), record(trace=2)])
    store.add_feedback(feedback(1, 1))
    store.add_feedback(feedback(2, 2))

    assert store.remove_feedback(trace_id(2), bytes.fromhex(f"{1:032x}")) is False
    assert store.remove_feedback(trace_id(1), bytes.fromhex(f"{1:032x}")) is True
    store.delete([trace_id(2)])
    store.write([record(trace=2)])

    assert store.read(ReadSaid(trace_id(1))).feedback == ()
    assert store.read(ReadSaid(trace_id(2))).feedback == ()


def test_a_persons_tag_stands_over_a_spans_and_outlives_it(store):
    store.write([record(tags={"env": "test", "kept": "yes"})])

    store.set_tags(trace_id(1), {"env": "prod", "kept": None, "mine": "1"})
    store.write([record(span=2, parent=1, tags={"env": "later", "kept": "again"})])

    assert store.read(ReadTrace(trace_id(1))).tags == {"env": "prod", "mine": "1"}
    assert (found(store, "tag.env:prod"), found(store, "tag.env:later tag.kept:*")) == ({1}, set())
    fields = store.read(CountFacets()).fields
    assert {key for key in fields if key.startswith("tag.")} == {"tag.env", "tag.mine"}
    store.set_tags(trace_id(1), {"mine": None})
    assert found(store, "tag.mine:*") == set()


def test_whoever_follows_the_traces_is_told_of_both(store):
    seq = store.write([record(trace=1), record(trace=2)])

    store.add_feedback(feedback(1))
    told = store.read(ChangesSince(seq=seq))
    store.set_tags(trace_id(2), {"a": "b"})
    again = store.read(ChangesSince(seq=told.seq))

    assert [int(trace.trace_id, 16) for trace in told.traces] == [1]
    assert [(int(trace.trace_id, 16), trace.tags) for trace in again.traces] == [(2, {"a": "b"})]


@pytest.mark.parametrize("smallest_first", [False, True])
def test_traces_are_ordered_by_the_mean_of_what_was_said(store, smallest_first):
    store.write([record(trace=n) for n in range(1, 8)])
    said = {1: [0.5, 1.0], 2: [0.9], 3: ["good"], 4: [-2], 5: [True], 6: [1e300]}
    numbers = iter(range(100))
    for trace, values in said.items():
        for value in values:
            store.add_feedback(feedback(trace, next(numbers), value=value))
    store.add_feedback(feedback(7, 200, name="other", value=5))
    asked = FindTraces(
        sort=Sort.FEEDBACK, feedback="helpful", smallest_first=smallest_first, limit=2
    )
    seen, cursor = [], None
    while True:
        page = store.read(replace(asked, cursor=cursor))
        seen += [int(trace.trace_id, 16) for trace in page.traces]
        cursor = page.next
        if cursor is None:
            break

    largest_first = [6, 5, 2, 1, 4, 7, 3]
    assert seen == (largest_first[::-1] if smallest_first else largest_first)
    with pytest.raises(BadInput, match="not one of this list"):
        other = replace(asked, feedback="other", cursor=store.read(asked).next)
        store.read(other)


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("yes", {1, 3, 5}),
        ("TRUE", {1, 3, 5}),
        ("no", {2, 6}),
        ("false", {2, 6}),
        ('"yes"', {1, 3, 5}),
        ("*", {1, 2, 3, 4, 5, 6}),
        ("(yes OR no)", {1, 2, 3, 5, 6}),
    ],
)
def test_yes_and_no_are_asked_for_as_they_are_said(store, asked, numbers):
    store.write([record(trace=n) for n in range(1, 8)])
    for number, value in enumerate((True, False, "Yes", 0.5, 1, 0), 1):
        store.add_feedback(feedback(number, number, value=value))

    assert found(store, f"feedback.helpful:{asked}") == numbers
    assert found(store, f"-feedback.helpful:{asked}") == {*range(1, 8)} - numbers

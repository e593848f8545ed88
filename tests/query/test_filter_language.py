"""What is written of a filter is read as that filter, and whatever is no filter is refused well."""

import pytest
from filters import FILTERS
from hypothesis import example, given
from hypothesis import strategies as st

from telltale.query.ast import EVERYTHING
from telltale.query.fields import FIELDS
from telltale.query.parse import MOST_CHARACTERS, BadFilter, parse
from telltale.query.write import write

SIGNS = ("span(", "(", ")", '"', "-", " ", "*", ">", "..", "\\", ":", ".", "AND", "OR", "NOT")
VALUES = ("5s", "0.02", "error", "2d", "2026-11-03", "10k")
PIECES = st.lists(
    st.one_of(
        st.sampled_from([*(f"{name}:" for name in FIELDS), "tag.env:", *SIGNS, *VALUES]),
        st.text(max_size=4),
    ),
    max_size=20,
).map("".join)


@given(FILTERS)
def test_what_is_written_of_a_filter_is_read_as_that_filter(filter_):
    assert parse(write(filter_)) == filter_


@given(st.one_of(PIECES, st.text(max_size=60)))
@example("\udc80")
@example("(" * MOST_CHARACTERS)
@example("-" * MOST_CHARACTERS)
@example("a " * MOST_CHARACTERS)
def test_any_text_is_a_filter_or_is_refused_by_the_grammar(text):
    try:
        found = parse(text)
    except BadFilter as error:
        assert 0 <= error.position <= len(text)
        assert error.expected
        str(error).encode()
    else:
        assert parse(write(found)) == found


def test_the_empty_filter_leaves_nothing_out():
    assert parse("") == parse("  \n") == EVERYTHING
    assert write(EVERYTHING) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a b OR c", "(a b) OR c"),
        ("a AND b OR c AND d", "(a b) OR (c d)"),
        ("NOT a b", "-a b"),
        ("-(a OR b) c", "-(a OR b) c"),
        ('model:(gpt-4* OR "claude 3")', 'model:gpt-4* OR model:"claude 3"'),
        ("STATUS:Error", "status:error"),
        ("duration:>1.5h", "duration:>90m"),
        ("cost:>$0.0200", "cost:>0.02"),
        ("tokens:10k..1.5m", "tokens:10000..1500000"),
        ("since:2026-11-03", "since:2026-11-03T00:00:00Z"),
        ("since:2026-11-03T14:00+08:00", "since:2026-11-03T06:00:00Z"),
        ("trace:tr-4BF92F3577B34DA6A3CE929D0E0E4736", "trace:4bf92f3577b34da6a3ce929d0e0e4736"),
        ("12:30", '"12:30"'),
        ("tag.env:*", "tag.env:*"),
        ("trace:4BF9*", "trace:4bf9*"),
    ],
)
def test_what_can_be_written_in_two_ways_is_one_filter(written, meant):
    assert parse(written) == parse(meant)
    assert write(parse(written)) == meant


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("latncy:>5s", 0, "there is no field 'latncy'"),
        ("ok duraton:>5s", 3, "did you mean 'duration'"),
        ("duration:>5", 10, "expected a duration with its unit, such as 5s"),
        ("status:eror", 7, "did you mean 'error'"),
        ("status:failed", 7, "expected one of running, lost, ok, error; did you mean 'error'?"),
        ("status:unset", 7, "did you mean 'ok'?"),
        ("status:ended", 7, "did you mean 'ok' or 'error'?"),
        ("cost:>0.0000000000001", 6, "at most 12 decimals"),
        ("cost:5..2", 5, "the range ends before it begins; expected 2..5"),
        ("since:tomorrow", 6, "or how long ago"),
        ("tag:prod", 0, "expected tag.key:"),
        ("user.name:bob", 0, "expected user:"),
        ("span(user:bob)", 5, "outside of span("),
        ("span(a span(b))", 7, "one span("),
        ("(a OR b", 0, "this bracket is never closed"),
        ("a)", 1, "this bracket closes none"),
        ('crew:"Research', 5, "this quote is never closed"),
        ("crew:Re*rch", 7, "one at the end alone"),
        ("crew:", 5, "a value is missing"),
        ("a OR", 4, "nothing stands here"),
        ("()", 1, "nothing stands here"),
        ("a - b", 2, "right behind it"),
        ("trace:12", 6, "32 hex digits, or at least 4 of them and a *"),
        ("trace:4bf*", 6, "at least 4 of them"),
        ("status:err*", 7, "takes no '*'"),
        ("ValueError: bad", 0, "to look for text, quote it"),
        ('""', 0, "nothing is looked for"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_what_was_expected(text, position, told):
    with pytest.raises(BadFilter) as refused:
        parse(text)

    assert refused.value.position == position
    assert told in str(refused.value)

"""MLflow's filters: read into filters of ours, or refused; whatever they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telltale.query.ast import EVERYTHING, And, At, Compared, Is, Not, OneSpan, Or, Order, Term
from telltale.query.mlflow import parse_mlflow
from telltale.query.parse import MOST_CHARACTERS, MOST_TERMS, BadFilter, parse
from telltale.query.write import write

FIELDS = st.sampled_from(
    ["status", "trace.name", "timestamp_ms", "execution_time_ms", "tags.env", 'tag."a b"',
     "metadata.`mlflow.trace.session`", "span.type", "span.name", "span.content", "trace.text",
     "feedback.ok", "trace_id", "nothing", "trace.nothing", "metadata.x", "a.b.c"]
)  # fmt: skip
SIGNS = st.sampled_from(
    ["=", "!=", "<>", ">", ">=", "<", "<=", "LIKE", "ilike", "IN", "NOT IN", "IS", "RLIKE", "("]
)
VALUES = st.sampled_from(
    ["'ERROR'", '"OK"', "'x%'", "'%x y%'", "12", "-1.5", "('a', 'b')", "NULL", "NOT NULL",
     "'it''s'", "'", "''", "99999999999999999999", "'tr-" + "4" * 32 + "'", "'東京'", "'%'"]
)  # fmt: skip
CONDITIONS = st.tuples(FIELDS, SIGNS, VALUES).map(" ".join)
FILTERS = st.one_of(
    st.text(max_size=60),
    st.lists(CONDITIONS, max_size=4).map(" AND ".join),
    st.lists(st.one_of(FIELDS, SIGNS, VALUES, st.just("AND")), max_size=8).map(" ".join),
)


@given(FILTERS)
def test_any_text_is_a_filter_or_refused_with_its_place(text):
    try:
        found = parse_mlflow(text)
    except BadFilter as refused:
        assert 0 <= refused.position <= len(text)
    else:
        assert parse(write(found)) == found


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE traces; --", "status = 'OK'; DELETE FROM spans", "1 = 1", "name = '' OR ''=''",
     "tags.x = 'a' UNION SELECT 1", "status = 'OK' -- AND name = 'x'"],
)  # fmt: skip
def test_sql_is_no_filter(text):
    with pytest.raises(BadFilter):
        parse_mlflow(text)


def test_nothing_leaves_nothing_out():
    assert parse_mlflow("") == parse_mlflow("  \n") == EVERYTHING


def test_a_millisecond_is_all_of_it():
    ms = 1_700_000_000_000
    since, after = Term("since", At(ms * 10**6)), Term("since", At((ms + 1) * 10**6))

    assert parse_mlflow(f"timestamp = {ms}") == And((since, Not(after)))
    assert parse_mlflow(f"timestamp != {ms}") == Or((Not(since), after))
    assert parse_mlflow(f"timestamp <= {ms}") == Not(after)
    assert parse_mlflow("execution_time_ms > 5") == Term(
        "duration", Compared(Order.ABOVE, 5_999_999)
    )
    assert parse_mlflow("execution_time_ms <= 5") == Term(
        "duration", Compared(Order.AT_MOST, 5_999_999)
    )


def test_a_span_that_is_not_so_may_stand_beside_one_that_is():
    assert parse_mlflow("span.name != 'a'") == OneSpan(Not(Term("name", Is("a"))))


def test_quotes_within_quotes_and_words_of_the_grammar_are_text():
    assert parse_mlflow("name = 'it''s'") == Term("name", Is("it's"))
    assert parse_mlflow(r'tags."a.b" = "x \" y"') == Term("tag", Is('x " y'), "a.b")
    assert parse_mlflow("name = 'a AND b'") == Term("name", Is("a AND b"))


def test_what_is_too_long_or_too_much_is_refused():
    with pytest.raises(BadFilter, match=f"at most {MOST_CHARACTERS} characters"):
        parse_mlflow("a" * (MOST_CHARACTERS + 1))
    with pytest.raises(BadFilter, match=f"at most {MOST_TERMS}"):
        parse_mlflow(" AND ".join(["status='OK'"] * (MOST_TERMS + 1)))

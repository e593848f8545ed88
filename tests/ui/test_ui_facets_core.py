"""A value more or less in a filter: whatever else the filter says, it goes on saying it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from query.filters import FILTERS, TEXTS
from telltale.query.ast import And, Filter, Is, Not, Term
from telltale.query.parse import parse
from telltale.query.write import write

pytestmark = pytest.mark.browser
# A module of functions has no state that one example could leave to the next.
examples = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALUES = st.one_of(
    st.tuples(st.sampled_from(["crew", "user", "model"]), TEXTS),
    st.tuples(TEXTS.filter(bool).map("tag.{}".format), TEXTS),
    st.tuples(st.just("status"), st.sampled_from(["ok", "error", "lost"])),
)


def toggled(core, filter_: str, field: str, value: str, is_not: bool = False) -> str:
    """The filter with the value chosen, or no longer."""
    return core(
        "terms",
        "toggled(filter, field, value, isNot)",
        filter=filter_,
        field=field,
        value=value,
        isNot=is_not,
    )


def conditions(filter_: Filter) -> list[Filter]:
    """What has to be true all together."""
    return list(filter_.parts) if isinstance(filter_, And) else [filter_]


@examples
@given(filter_=FILTERS, chosen=VALUES, is_not=st.booleans())
def test_a_value_is_added_to_any_filter_and_taken_away_again(core, filter_, chosen, is_not):
    field, value = chosen
    name, _, key = field.partition(".")
    term = Term(name, Is(value), key)
    before = parse(write(filter_))
    if term in conditions(before) or Not(term) in conditions(before):
        return

    added = toggled(core, write(filter_), field, value, is_not)

    assert conditions(parse(added)) == [*conditions(before), Not(term) if is_not else term]
    assert parse(toggled(core, added, field, value, is_not)) == before
    turned = toggled(core, added, field, value, not is_not)
    assert conditions(parse(turned)) == [*conditions(before), term if is_not else Not(term)]


@pytest.mark.parametrize(
    ("filter_", "field", "value", "is_not", "after"),
    [
        ("", "crew", "Trip", False, "crew:Trip"),
        (
            "late  (train OR bus)",
            "crew",
            "Trip plan",
            False,
            'late  (train OR bus) crew:"Trip plan"',
        ),
        ("late OR train", "status", "error", False, "(late OR train) status:error"),
        ('late Crew:"TRIP" x', "crew", "Trip", False, "late x"),
        ("late AND crew:Trip AND x", "crew", "Trip", False, "late x"),
        ("crew:Trip", "crew", "Trip", True, "-crew:Trip"),
        ("NOT crew:Trip late", "crew", "Trip", True, "late"),
        ("NOT crew:Trip late", "crew", "Trip", False, "late crew:Trip"),
        ("NOT NOT crew:Trip", "crew", "Trip", False, "NOT NOT crew:Trip crew:Trip"),
        ("crew:Trip*", "crew", "Trip", False, "crew:Trip* crew:Trip"),
        ('"a crew:Trip b"', "crew", "Trip", False, '"a crew:Trip b" crew:Trip'),
        ('tag."my env":prod', "tag.my env", "prod", False, ""),
        ("", "tag.env", "市场", True, "-tag.env:市场"),
    ],
)
def test_of_a_filter_no_more_is_changed_than_the_one_value(
    core, filter_, field, value, is_not, after
):
    assert toggled(core, filter_, field, value, is_not) == after


def test_groups_are_what_was_counted_and_what_the_filter_names(core):
    counted = {
        "status": [{"value": "ok", "traces": 9}, {"value": "error", "traces": 2}],
        "crew": [{"value": "Trip", "traces": 11}],
        "tag.env": [{"value": "prod", "traces": 3}],
    }
    groups = core(
        "facets",
        "groupsOf(counted, filter)",
        counted=counted,
        filter="crew:trip -crew:Other tool:search cost:>1 (user:x OR user:y)",
    )
    assert [
        (group["field"], [(one["value"], one["traces"], one["chosen"]) for one in group["values"]])
        for group in groups
    ] == [
        ("status", [("error", 2, None), ("ok", 9, None)]),
        ("crew", [("Other", None, "out"), ("Trip", 11, "in")]),
        ("tool", [("search", None, "in")]),
        ("tag.env", [("prod", 3, None)]),
    ]

"""Where a trace stands in the list, and that it stays there until the reader asks."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uifakes.order import place

from telltale.nouns.span import State, Status
from telltale.nouns.trace import Trace
from telltale.nouns.usage import Usage, usd
from telltale.store.questions import Sort

pytestmark = pytest.mark.browser
COST = {"sort": "cost", "order": "desc"}


def trace(number: int, start_us: int, duration_us: int | None, pico: int | None, tokens: int):
    """A trace with figures to order it by."""
    return Trace(
        trace_id=f"{number:032x}",
        experiment_id=0,
        name="",
        kind="crew",
        state=State.ENDED,
        status=Status.OK,
        errors=0,
        input="",
        output="",
        start_us=start_us,
        duration_us=duration_us,
        spans=1,
        llm_calls=1,
        tool_calls=0,
        usage=Usage(tokens, 7),
        cost_usd=None if pico is None else usd(pico),
        unpriced_calls=0,
        session=None,
        user=None,
        tags={},
        seq=number,
    )


OFFERED = [sort for sort in Sort if sort is not Sort.FEEDBACK]
FIGURES = st.tuples(
    st.integers(0, 2**51),
    st.none() | st.integers(0, 10**12),
    st.none() | st.integers(0, 10**15),
    st.integers(0, 10**9),
)


# A module of functions has no state that one example could leave to the next.
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(figures=st.lists(FIGURES, max_size=9), sort=st.sampled_from(OFFERED), is_up=st.booleans())
def test_the_page_orders_as_the_server_does(core, figures, sort, is_up):
    traces = [trace(i, *some) for i, some in enumerate(figures)]
    expected = sorted((place(one, sort)[0] for one in traces), reverse=not is_up)
    found = core(
        "order",
        "ordered(placed(traces, by), by).map((row) => row.trace_id)",
        traces=msgspec.to_builtins(traces),
        by={"sort": sort.value, "order": "asc" if is_up else "desc"},
    )
    by_id = {one.trace_id: place(one, sort)[0] for one in traces}
    assert [by_id[trace_id] for trace_id in found] == expected


def test_a_row_that_grows_keeps_its_place_and_what_is_unknown_is_told(core):
    rows = [
        {"trace_id": "a", "cost_usd": "2", "seq": 1, "place": 2},
        {"trace_id": "b", "cost_usd": "1", "seq": 2, "place": 1},
    ]
    late = [{"trace_id": "w", "cost_usd": None, "seq": 3, "place": -1}]
    changes = [
        {"trace_id": "a", "cost_usd": "0", "seq": 0},
        {"trace_id": "b", "cost_usd": "9", "seq": 5},
        {"trace_id": "w", "cost_usd": "3", "seq": 6},
        {"trace_id": "new", "cost_usd": "4", "seq": 7},
    ]

    answer = core("traces", "change(rows, late, changes)", rows=rows, late=late, changes=changes)

    assert answer["listed"] == [rows[0], {**changes[1], "place": 1}]
    assert answer["waiting"] == [{**changes[2], "place": -1}]
    assert answer["unknown"] == [changes[3]]


@pytest.mark.parametrize(
    ("order", "edge", "within"),
    [
        ("desc", 5, [False, True, True]),
        ("asc", 5, [True, True, False]),
        ("asc", None, [True, True, True]),
    ],
)
def test_what_stands_behind_all_that_was_loaded_comes_with_a_later_page(core, order, edge, within):
    traces = [{"cost_usd": None}, {"cost_usd": "5"}, {"cost_usd": "8.5"}]
    found = core(
        "order",
        "traces.map((one) => isWithin(one, edge, by))",
        traces=traces,
        edge=None if edge is None else {"place": edge},
        by={**COST, "order": order},
    )
    assert found == within


def test_a_page_that_moved_meanwhile_is_not_listed_twice(core):
    known, page = [{"trace_id": "a"}, {"trace_id": "b"}], [{"trace_id": "b"}, {"trace_id": "c"}]
    found = core("traces", "append(known, page).map((t) => t.trace_id)", known=known, page=page)
    assert found == ["a", "b", "c"]

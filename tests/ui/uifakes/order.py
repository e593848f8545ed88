"""The order of the fake server's list, and where a page of it begins."""

from telltale.nouns.trace import Trace
from telltale.store.questions import Sort
from uifakes.stored import Stored

Place = tuple[float, str]


def place(row: Trace, sort: Sort) -> Place:
    """Where a trace stands; what is not known is less than anything."""
    match sort:
        case Sort.START:
            value: float = row.start_us
        case Sort.DURATION:
            value = -1 if row.duration_us is None else row.duration_us
        case Sort.COST:
            value = -1 if row.cost_usd is None else float(row.cost_usd)
        case Sort.TOKENS:
            value = row.usage.input_tokens + row.usage.output_tokens
        case Sort.FEEDBACK:
            raise ValueError("the page does not order by feedback")
    return value, row.trace_id


def following(
    traces: list[Stored], sort: Sort, is_ascending: bool, cursor: str | None
) -> list[tuple[Stored, Trace]]:
    """All of them behind a cursor, in their order."""
    rows = [(trace, trace.row()) for trace in traces]
    rows.sort(key=lambda one: place(one[1], sort), reverse=not is_ascending)
    if cursor is None:
        return rows
    value, trace_id = cursor.split(" ")
    after = (float(value), trace_id)
    return [
        one
        for one in rows
        if (place(one[1], sort) > after if is_ascending else place(one[1], sort) < after)
    ]


def cursor_of(row: Trace, sort: Sort) -> str:
    """A cursor that stands on a trace."""
    value, trace_id = place(row, sort)
    return f"{value!r} {trace_id}"

"""What the traces that a filter is true of have in common."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from telltale.nouns.facets import Facets, FacetValue
from telltale.query.ast import EVERYTHING
from telltale.store.questions import CountFacets, FindTagKeys, FindValues
from telltale.store.traces.sqlite.border import fit_int
from telltale.store.traces.sqlite.facets import TAG, find_tag_keys, find_values
from telltale.store.traces.sqlite.matched import Matched
from telltale.store.traces.sqlite.matching import listed

FIELDS = ("status", "crew", "flow", "agent", "model", "provider", "tool", "error", "user")
"""In this order; then tags. Few traces share a session, and most have the same kinds of spans."""
MOST_TAGS = 20
"""Keys of tags that are told."""
_NUMBERS_A_QUERY = 10_000


def count_facets(connection: sqlite3.Connection, question: CountFacets) -> Facets:
    """Without a filter, as it was counted when the traces came; else counted now."""
    if question.filter == EVERYTHING:
        return Facets(dict(_of_all(connection, question)), _traces(connection, question), True)
    matched = Matched(connection, question)
    traces, counts = 0, Counter[int]()
    for numbers in matched.pieces():
        traces += len(numbers)
        for facet_no, count in connection.execute(
            "SELECT facet_no, count(*) FROM trace_facets"
            f" WHERE trace_no IN ({listed(numbers)}) GROUP BY facet_no"
        ):
            counts[facet_no] += count
    fields = dict(_top(_by_field(connection, counts), question.limit))
    return Facets(fields, traces, matched.is_all)


def _of_all(
    connection: sqlite3.Connection, question: CountFacets
) -> Iterator[tuple[str, tuple[FacetValue, ...]]]:
    experiment_id = question.experiment_id
    keys = find_tag_keys(connection, FindTagKeys(experiment_id=experiment_id, limit=MOST_TAGS))
    for field in (*FIELDS, *(TAG + key.value for key in keys)):
        asked = FindValues(field=field, experiment_id=experiment_id, limit=question.limit)
        if values := find_values(connection, asked):
            yield field, values


def _traces(connection: sqlite3.Connection, question: CountFacets) -> int:
    if question.experiment_id is None:
        return connection.execute("SELECT count(*) FROM traces").fetchone()[0]
    return connection.execute(
        "SELECT count(*) FROM traces WHERE experiment_id = ?", (fit_int(question.experiment_id),)
    ).fetchone()[0]


def _by_field(
    connection: sqlite3.Connection, counts: Counter[int]
) -> dict[str, dict[str, FacetValue]]:
    """Values by field and by how they are compared: one may be there once for each experiment."""
    found: dict[str, dict[str, FacetValue]] = defaultdict(dict)
    numbers = list(counts)
    for at in range(0, len(numbers), _NUMBERS_A_QUERY):
        part = numbers[at : at + _NUMBERS_A_QUERY]
        for facet_no, field, folded, value in connection.execute(
            f"SELECT facet_no, field, folded, value FROM facets WHERE facet_no IN ({listed(part)})"
        ):
            if field in FIELDS or field.startswith(TAG):
                before = found[field].get(folded)
                traces = counts[facet_no] + (before.traces if before else 0)
                # The smallest of the ways it is written, as where all are counted.
                value = min(value, before.value) if before else value
                found[field][folded] = FacetValue(value, traces)
    return found


def _top(
    fields: dict[str, dict[str, FacetValue]], limit: int
) -> Iterator[tuple[str, tuple[FacetValue, ...]]]:
    tags = sorted(field for field in fields if field.startswith(TAG))[:MOST_TAGS]
    for field in (*FIELDS, *tags):
        if field in fields:
            yield field, tuple(_most(fields[field].items(), limit))


def _most(values: Iterable[tuple[str, FacetValue]], limit: int) -> list[FacetValue]:
    ordered = sorted(values, key=lambda one: (-one[1].traces, one[0]))
    return [value for _, value in ordered[:limit]]

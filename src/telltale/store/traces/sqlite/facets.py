"""What traces are told apart by: the crews, models, tools, tags and errors that they have.

Each value of a field is a row, and which traces have it stands in another table: so the traces of
a value are found without a look at the others, and how many there are is known beforehand.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator

from telltale.nouns.facets import FacetValue
from telltale.nouns.span import State, Status, standing
from telltale.query.ast import Begins, Is, Term
from telltale.store.questions import FindTagKeys, FindValues
from telltale.store.traces.sqlite.border import fit_int, fit_name
from telltale.store.traces.sqlite.numbering import span_range
from telltale.store.traces.sqlite.tags import tags_of

TAG = "tag."
"""Begins the field of a tag; the tag's name is the rest."""
_OF_THE_WHOLE = frozenset(("status", "session", "user", "tag"))
_COLUMNS = ("kind", "flow", "crew", "task", "agent", "tool", "model", "provider", "error")
_OF_SPANS = """
    SELECT DISTINCT kind, iif(kind = 'flow', name, NULL), iif(kind = 'crew', name, NULL),
                    iif(kind = 'task', name, NULL), agent, tool, model, provider, error_type
    FROM spans WHERE span_no BETWEEN ? AND ?"""
_FIND = "SELECT facet_no FROM facets WHERE experiment_id = ? AND field = ? AND folded = ?"
_MAKE = (
    "INSERT INTO facets (experiment_id, field, folded, value, traces)"
    " VALUES (?, ?, ?, ?, 0) RETURNING facet_no"
)


class Ledger:
    """What the traces of one transaction have, against what is written of them already.

    Many traces have the same few values: each is looked up once, and counted once.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[tuple[int, str, str], int] = {}
        self._counts: Counter[int] = Counter()

    def write(self, trace_no: int, experiment_id: int) -> None:
        """Derive a trace's facets from its spans, its row and its tags."""
        wanted = {
            self._number(experiment_id, field, value)
            for field, value in _facets(self._connection, trace_no)
        }
        stored = _stored(self._connection, trace_no)
        self._change(trace_no, wanted - stored, stored - wanted)

    def remove(self, trace_no: int) -> None:
        """A trace goes, and has none any more."""
        self._change(trace_no, set(), _stored(self._connection, trace_no))

    def save(self) -> None:
        """Write down how many traces have each; what none has goes."""
        self._connection.executemany(
            "UPDATE facets SET traces = traces + ? WHERE facet_no = ?",
            [(change, number) for number, change in self._counts.items() if change],
        )
        self._connection.executemany(
            "DELETE FROM facets WHERE facet_no = ? AND traces = 0",
            [(number,) for number, change in self._counts.items() if change <= 0],
        )

    def _change(self, trace_no: int, more: set[int], fewer: set[int]) -> None:
        self._connection.executemany(
            "INSERT INTO trace_facets VALUES (?, ?)", [(trace_no, number) for number in more]
        )
        self._connection.executemany(
            "DELETE FROM trace_facets WHERE trace_no = ? AND facet_no = ?",
            [(trace_no, number) for number in fewer],
        )
        self._counts.update(dict.fromkeys(more, 1))
        self._counts.subtract(dict.fromkeys(fewer, 1))

    def _number(self, experiment_id: int, field: str, value: str) -> int:
        key = (experiment_id, field, folded(value))
        number = self._numbers.get(key)
        if number is None:
            row = self._connection.execute(_FIND, key).fetchone()
            row = row or self._connection.execute(_MAKE, (*key, value)).fetchone()
            number = self._numbers[key] = row[0]
        return number


def is_facet(term: Term) -> bool:
    """Whether a term asks for a value that traces are told apart by."""
    return term.field in _OF_THE_WHOLE or term.field in _COLUMNS


def facets_with(connection: sqlite3.Connection, term: Term) -> list[int]:
    """Numbers of the facets that a term is true of, in all experiments."""
    return [number for number, _ in _with(connection, term)]


def traces_with(connection: sqlite3.Connection, term: Term, limit: int) -> list[int] | None:
    """Numbers of the traces that a term is true of; None where they are more than the limit."""
    facets = _with(connection, term)
    if sum(traces for _, traces in facets) > limit:
        return None
    rows = connection.execute(
        "SELECT trace_no FROM trace_facets"
        f" WHERE facet_no IN ({','.join(str(number) for number, _ in facets)})"
    )
    return [trace_no for (trace_no,) in rows]


def find_values(connection: sqlite3.Connection, question: FindValues) -> tuple[FacetValue, ...]:
    """One row a value, whatever the experiments that it is in."""
    beginning = folded(question.beginning)
    where, values = _in(question.experiment_id)
    rows = connection.execute(
        "SELECT min(value), sum(traces) FROM facets"
        f" WHERE field = ? AND folded >= ? AND folded < ?{where}"
        " GROUP BY folded ORDER BY sum(traces) DESC, folded LIMIT ?",
        (question.field, beginning, _behind(beginning), *values, question.limit),
    )
    return tuple(FacetValue(*row) for row in rows)


def find_tag_keys(connection: sqlite3.Connection, question: FindTagKeys) -> tuple[FacetValue, ...]:
    """Names of tags, and how many traces have each with any value."""
    beginning = TAG + question.beginning
    where, values = _in(question.experiment_id)
    rows = connection.execute(
        "SELECT field, sum(traces) FROM facets"
        f" WHERE field >= ? AND field < ?{where} GROUP BY field ORDER BY field LIMIT ?",
        (beginning, _behind(beginning), *values, question.limit),
    )
    return tuple(FacetValue(field.removeprefix(TAG), traces) for field, traces in rows)


def _in(experiment_id: int | None) -> tuple[str, list[int]]:
    if experiment_id is None:
        return "", []
    return " AND experiment_id = ?", [fit_int(experiment_id)]


def folded(value: str) -> str:
    """A value as it is compared: its case aside."""
    return fit_name(value).casefold()


def _with(connection: sqlite3.Connection, term: Term) -> list[tuple[int, int]]:
    """Facets that a term is true of, and how many traces have each."""
    field = f"{TAG}{term.key}" if term.field == "tag" else term.field
    if isinstance(term.test, Begins):
        beginning = folded(term.test.text)
        where = "folded >= ? AND folded < ?"
        values: tuple[str | bytes, ...] = (beginning, _behind(beginning))
    else:
        assert isinstance(term.test, Is), "a facet is a text"
        where, values = "folded = ?", (folded(str(term.test.value)),)
    return connection.execute(
        f"SELECT facet_no, traces FROM facets WHERE field = ? AND {where}", (field, *values)
    ).fetchall()


def _behind(beginning: str) -> str | bytes:
    """What stands behind all texts that begin like this, in the order of SQLite."""
    kept = beginning.rstrip("\U0010ffff")
    if not kept:
        return b""  # Behind every text.
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)


def _facets(connection: sqlite3.Connection, trace_no: int) -> Iterator[tuple[str, str]]:
    values = zip(*connection.execute(_OF_SPANS, span_range(trace_no)), strict=True)
    for field, column in zip(_COLUMNS, values, strict=True):
        for value in set(column) - {None}:
            yield field, value
    session, user, state, status = connection.execute(
        "SELECT session, user, state, status FROM traces WHERE trace_no = ?", (trace_no,)
    ).fetchone()
    yield "status", standing(State(state), Status(status)).value
    tags = tags_of(connection, (trace_no,)).get(trace_no, {})
    said = {"session": session, "user": user, **{f"{TAG}{key}": tags[key] for key in tags}}
    for field, value in said.items():
        if value is not None:
            yield field, fit_name(value)


def _stored(connection: sqlite3.Connection, trace_no: int) -> set[int]:
    rows = connection.execute("SELECT facet_no FROM trace_facets WHERE trace_no = ?", (trace_no,))
    return {number for (number,) in rows}

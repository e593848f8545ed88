"""The full-text index: which texts hold a word.

SQLite cannot delete from an index without contents before 3.43. So it stands in partitions, each
from one number of a text up to the next partition's: one without a living text is dropped whole,
and what is stale in the others meets no row of `texts`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from telltale.query.words import Sought, indexed
from telltale.store.traces.sqlite.border import INT_MAX
from telltale.store.traces.sqlite.counters import Counters
from telltale.store.traces.sqlite.texts import SpanText

TEXTS_A_PARTITION = 1_000_000
HASHES_A_QUERY = 500

_MAKE = (
    "CREATE VIRTUAL TABLE text_index_{number}"
    " USING fts5(text, content='', detail=none, columnsize=0, tokenize='ascii')",
    # Sixteen of a size are made into one, not four: a word is looked up in more places, and
    # written anew half as often.
    "INSERT INTO text_index_{number} (text_index_{number}, rank) VALUES ('automerge', 16)",
)


class NewTexts:
    """What one transaction has to say, gathered to be written at its end in one go.

    FTS5 keeps in memory what it is given, until a statement behind it opens a savepoint, as many a
    statement does: then it writes it all down. So it comes last, and once.
    """

    def __init__(self, connection: sqlite3.Connection, counters: Counters) -> None:
        self._connection = connection
        self._counters = counters
        self._texts: list[tuple[int, int, SpanText]] = []
        self._places: list[tuple[int, int]] = []

    def add(
        self, trace_no: int, spans: Mapping[int, Sequence[SpanText]], *, is_new: bool = False
    ) -> None:
        """The texts of ended spans of one trace, by number; what several have, once.

        Args:
            is_new: Whether nothing is stored of the trace.
        """
        sources = {text.hash: text for texts in spans.values() for text in texts}
        numbers = {} if is_new else _known(self._connection, trace_no, sources)
        for hash_, text in sources.items():
            if hash_ not in numbers:
                numbers[hash_] = self._counters.next_text_no()
                self._texts.append((numbers[hash_], trace_no, text))
        self._places += [
            (numbers[text.hash], span_no) for span_no, texts in spans.items() for text in texts
        ]

    def save(self) -> None:
        """Write them: nothing else is to be written in this transaction."""
        self._connection.executemany(
            "INSERT INTO texts (text_no, trace_no, hash) VALUES (?, ?, ?)",
            [(number, trace_no, text.hash) for number, trace_no, text in self._texts],
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO span_texts (text_no, span_no) VALUES (?, ?)", self._places
        )
        if self._texts:
            partition = _partition(self._connection, self._texts[0][0])
            self._connection.executemany(
                f"INSERT INTO text_index_{partition} (rowid, text) VALUES (?, ?)",
                [(number, indexed(" ".join(text.passages()))) for number, _, text in self._texts],
            )


def holding(
    connection: sqlite3.Connection, sought: Sought, first: int, last: int, limit: int = -1
) -> list[int]:
    """Numbers of texts from `first` to `last` that hold all of some words, stale ones among them.

    Where `sought.is_enough` is false, some of them do not hold them one behind the other.
    """
    match = _match(sought)
    found: list[int] = []
    for number in _partitions(connection, first, last):
        rows = connection.execute(
            f"SELECT rowid FROM text_index_{number} WHERE text_index_{number} MATCH ?"
            " AND rowid BETWEEN ? AND ? LIMIT ?",
            (match, first, last, limit),
        )
        found += [text_no for (text_no,) in rows]
        if 0 <= limit <= len(found):
            break
    return found


def forget_texts(connection: sqlite3.Connection, trace_no: int) -> None:
    """Of a trace that goes."""
    connection.execute(
        "DELETE FROM span_texts WHERE text_no IN (SELECT text_no FROM texts WHERE trace_no = ?)",
        (trace_no,),
    )
    connection.execute("DELETE FROM texts WHERE trace_no = ?", (trace_no,))


def forget_span(connection: sqlite3.Connection, trace_no: int, span_no: int) -> None:
    """Of a span that is told anew: what only it had is found no more."""
    connection.execute(
        "DELETE FROM span_texts WHERE span_no = ?"
        " AND text_no IN (SELECT text_no FROM texts WHERE trace_no = ?)",
        (span_no, trace_no),
    )
    connection.execute(
        "DELETE FROM texts WHERE trace_no = ?"
        " AND NOT EXISTS (SELECT 1 FROM span_texts WHERE span_texts.text_no = texts.text_no)",
        (trace_no,),
    )


def drop_empty(connection: sqlite3.Connection) -> None:
    """Drop partitions whose texts are all gone, and empty the last one, which goes on."""
    rows = connection.execute(
        "SELECT partition_no, first_text_no,"
        " lead(first_text_no) OVER (ORDER BY first_text_no) FROM text_partitions"
    ).fetchall()
    for number, first, behind in rows:
        alive = connection.execute(
            "SELECT 1 FROM texts WHERE text_no >= ? AND text_no < ? LIMIT 1",
            (first, INT_MAX if behind is None else behind),
        ).fetchone()
        if alive is None and behind is None:
            table = f"text_index_{number}"
            connection.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
        elif alive is None:
            connection.execute(f"DROP TABLE text_index_{number}")
            connection.execute("DELETE FROM text_partitions WHERE partition_no = ?", (number,))


def _known(
    connection: sqlite3.Connection, trace_no: int, hashes: Iterable[bytes]
) -> dict[bytes, int]:
    known: dict[bytes, int] = {}
    wanted = list(hashes)
    for at in range(0, len(wanted), HASHES_A_QUERY):
        part = wanted[at : at + HASHES_A_QUERY]
        known.update(
            connection.execute(
                "SELECT hash, text_no FROM texts"
                f" WHERE trace_no = ? AND hash IN ({','.join('?' * len(part))})",
                (trace_no, *part),
            )
        )
    return known


def _partition(connection: sqlite3.Connection, text_no: int) -> int:
    """The partition for a new text, made if the last one is full."""
    number, first = connection.execute(
        "SELECT partition_no, first_text_no FROM text_partitions ORDER BY first_text_no DESC"
    ).fetchone()
    if text_no - first < TEXTS_A_PARTITION:
        return number
    for statement in _MAKE:
        connection.execute(statement.format(number=number + 1))
    connection.execute("INSERT INTO text_partitions VALUES (?, ?)", (number + 1, text_no))
    return number + 1


def _partitions(connection: sqlite3.Connection, first: int, last: int) -> Iterator[int]:
    """Those that may hold texts of a range, the newest first."""
    rows = connection.execute(
        "SELECT partition_no, first_text_no FROM text_partitions ORDER BY first_text_no DESC"
    ).fetchall()
    for number, begins in rows:
        if begins <= last:
            yield number
        if begins <= first:
            return


def _match(sought: Sought) -> str:
    """In the language of FTS5; no word holds a quote."""
    words = [f'"{word}"' for word in sought.words]
    return " AND ".join(words + [f'"{word}" *' for word in sought.beginnings])

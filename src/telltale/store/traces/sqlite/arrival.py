"""Spans into rows: which row a record belongs to, whether it still counts, what else it touches.

A span's records may come in any order and any number of times. What is stored depends only on
which came, not on when: an ended record wins over an open one, and of two that are equally far
the later wins, as a correction. A record that says nothing new changes nothing, not even `seq`.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from telltale.nouns.span import State
from telltale.store.traces.sqlite.counters import Counters
from telltale.store.traces.sqlite.facets import Ledger
from telltale.store.traces.sqlite.numbering import ordinal_of, span_number, span_range
from telltale.store.traces.sqlite.open_spans import forget_open, note_open
from telltale.store.traces.sqlite.rows import READING_COLUMNS, StagedSpan
from telltale.store.traces.sqlite.text_index import NewTexts, forget_span
from telltale.store.traces.sqlite.totals import Known, known_by_id, save_trace

IDS_A_QUERY = 500
_SPAN_COLUMNS = f"span_no, span_id, parent_id, parent_ordinal, seq, {READING_COLUMNS}"
_SPAN_VALUES = ", ".join("?" * (len(_SPAN_COLUMNS.split(","))))


def store_spans(connection: sqlite3.Connection, spans: Sequence[StagedSpan]) -> int:
    """Store spans of any number of traces within the transaction; answer the seq after it."""
    counters, ledger = Counters(connection), Ledger(connection)
    texts = NewTexts(connection, counters)
    arrivals = [
        _Arrival(connection, counters, trace_id, records)
        for trace_id, records in _by_trace(spans).items()
    ]
    touched = [arrival for arrival in arrivals if arrival.stored]
    _insert(connection, touched)
    for arrival in touched:
        arrival.tell_children(connection)
        arrival.tell_texts(connection, texts)
        save_trace(connection, arrival.known, arrival.seq, arrival.numbered)
        ledger.write(arrival.known.trace_no, arrival.known.experiment_id)
    if touched:
        ledger.save()
        counters.save(connection)
        texts.save()
    return counters.seq


def _by_trace(spans: Iterable[StagedSpan]) -> dict[bytes, list[StagedSpan]]:
    traces: dict[bytes, list[StagedSpan]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    return traces


class _Arrival:
    """The records of one trace in one transaction, each given its place."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        counters: Counters,
        trace_id: bytes,
        records: list[StagedSpan],
    ) -> None:
        known = known_by_id(connection, trace_id)
        self.is_new = known is None
        self.known = known or Known(counters.next_trace_no(), trace_id, records[0].experiment_id)
        self.ordinals = {} if self.is_new else _stored_ordinals(connection, self.known, records)
        self.replaced: set[bytes] = set()
        """Ids among `stored` that had a row before."""
        self.corrected: set[bytes] = set()
        """Ids among `replaced` that had ended before, and so had texts."""
        self.stored = self._settle(connection, records)
        self.seq = counters.next_seq() if self.stored else 0
        self.numbered = {
            self.span_no(self.ordinals[span_id]): span for span_id, span in self.stored.items()
        }
        """What is stored, by span number."""

    def _settle(
        self, connection: sqlite3.Connection, records: list[StagedSpan]
    ) -> dict[bytes, StagedSpan]:
        """The records that change a row, by span id; new spans get their ordinals."""
        before = dict(self.ordinals)
        free = 0 if self.is_new else _next_ordinal(connection, self.known.trace_no)
        settled: dict[bytes, StagedSpan] = {}
        for record in records:
            earlier = settled.get(record.span_id)
            if earlier is not None and earlier.ended and not record.ended:
                continue
            if record.span_id not in self.ordinals:
                self.ordinals[record.span_id] = free
                free += 1
            settled[record.span_id] = record
        for span_id in before.keys() & settled.keys():
            had_ended, is_new = _compared(
                connection, self.span_no(before[span_id]), settled[span_id]
            )
            if is_new:
                self.replaced.add(span_id)
                if had_ended:
                    self.corrected.add(span_id)
            else:
                del settled[span_id]
        return settled

    def span_no(self, ordinal: int) -> int:
        return span_number(self.known.trace_no, ordinal)

    def tell_children(self, connection: sqlite3.Connection) -> None:
        """Children that came before their parent now know its place, and count as changed."""
        if self.is_new:
            return
        new = [id_ for id_ in self.stored if id_ not in self.replaced]
        connection.executemany(
            "UPDATE spans SET parent_ordinal = ?, seq = ? WHERE trace_no = ? AND parent_id = ?"
            " AND span_id <> parent_id AND parent_ordinal IS NULL",
            [(self.ordinals[id_], self.seq, self.known.trace_no, id_) for id_ in new],
        )

    def tell_texts(self, connection: sqlite3.Connection, texts: NewTexts) -> None:
        """Let what its ended spans say be found, and no more what a corrected one said before."""
        trace_no = self.known.trace_no
        for span_id in self.corrected:
            forget_span(connection, trace_no, self.span_no(self.ordinals[span_id]))
        said = {span_no: span.texts for span_no, span in self.numbered.items()}
        texts.add(trace_no, said, is_new=self.is_new)

    def span_rows(self) -> Iterable[tuple[Any, ...]]:
        for span_no, span in self.numbered.items():
            # A span that calls itself its parent hangs nowhere.
            parent = None
            if span.parent_id and span.parent_id != span.span_id:
                parent = self.ordinals.get(span.parent_id)
            yield (span_no, span.span_id, span.parent_id, parent, self.seq, *span.columns)


def _stored_ordinals(
    connection: sqlite3.Connection, known: Known, records: list[StagedSpan]
) -> dict[bytes, int]:
    """Ordinals of the spans that the records are of or hang under, as far as stored."""
    wanted = {record.span_id for record in records}
    wanted.update(record.parent_id for record in records if record.parent_id)
    ids = list(wanted)
    ordinals: dict[bytes, int] = {}
    for at in range(0, len(ids), IDS_A_QUERY):
        part = ids[at : at + IDS_A_QUERY]
        ordinals.update(
            connection.execute(
                "SELECT span_id, ordinal FROM spans"
                f" WHERE trace_no = ? AND span_id IN ({','.join('?' * len(part))})",
                (known.trace_no, *part),
            )
        )
    return ordinals


def _next_ordinal(connection: sqlite3.Connection, trace_no: int) -> int:
    last = connection.execute(
        "SELECT max(span_no) FROM spans WHERE span_no BETWEEN ? AND ?", span_range(trace_no)
    ).fetchone()[0]
    return 0 if last is None else ordinal_of(last) + 1


def _compared(
    connection: sqlite3.Connection, span_no: int, record: StagedSpan
) -> tuple[bool, bool]:
    """Whether a span that has a row already had ended, and whether the record changes the row.

    Texts and messages are not compared: they follow from the body and the reading's version.
    """
    state, parent_id = connection.execute(
        "SELECT state, parent_id FROM spans WHERE span_no = ?", (span_no,)
    ).fetchone()
    had_ended = state == State.ENDED
    if had_ended != record.ended:
        return had_ended, record.ended
    if parent_id != record.parent_id:
        return had_ended, True
    columns = connection.execute(
        f"SELECT {READING_COLUMNS} FROM spans WHERE span_no = ?", (span_no,)
    ).fetchone()
    body, resource_hash = connection.execute(
        "SELECT raw, hash FROM bodies LEFT JOIN resources USING (resource_no) WHERE span_no = ?",
        (span_no,),
    ).fetchone()
    facts = connection.execute(
        "SELECT key, value FROM trace_facts WHERE span_no = ?", (span_no,)
    ).fetchall()
    before = (columns, body, resource_hash, dict(facts))
    now = (record.columns, record.body, _hash_of(record), dict(record.facts))
    return had_ended, before != now


def _hash_of(record: StagedSpan) -> bytes | None:
    return record.resource.hash if record.resource else None


def _insert(connection: sqlite3.Connection, arrivals: list[_Arrival]) -> None:
    """All rows of the transaction, table by table: one statement each, prepared once."""
    connection.executemany(
        f"REPLACE INTO spans ({_SPAN_COLUMNS}) VALUES ({_SPAN_VALUES})",
        [row for arrival in arrivals for row in arrival.span_rows()],
    )
    numbered = [pair for arrival in arrivals for pair in arrival.numbered.items()]
    replaced = [a.span_no(a.ordinals[id_]) for a in arrivals for id_ in a.replaced]
    resources = _resource_numbers(connection, [span for _, span in numbered])
    connection.executemany(
        "REPLACE INTO bodies (span_no, codec, resource_no, raw) VALUES (?, 0, ?, ?)",
        [(number, resources.get(_hash_of(span)), span.body) for number, span in numbered],
    )
    connection.executemany(
        "DELETE FROM trace_facts WHERE span_no = ?",
        [(number,) for number in replaced],
    )
    connection.executemany(
        "REPLACE INTO trace_facts (span_no, key, value) VALUES (?, ?, ?)",
        [(number, *fact) for number, span in numbered for fact in span.facts],
    )
    forget_open(connection, replaced)
    note_open(connection, ((n, s.journal) for n, s in numbered if s.journal and not s.ended))


def _resource_numbers(
    connection: sqlite3.Connection, spans: Iterable[StagedSpan]
) -> dict[bytes | None, int]:
    """The number of each resource, stored if it is new."""
    numbers: dict[bytes | None, int] = {}
    for packed in {span.resource.hash: span.resource for span in spans if span.resource}.values():
        row = connection.execute(
            "SELECT resource_no FROM resources WHERE hash = ?", (packed.hash,)
        ).fetchone()
        if row is None:
            row = connection.execute(
                "INSERT INTO resources (hash, body) VALUES (?, ?) RETURNING resource_no",
                (packed.hash, packed.body),
            ).fetchone()
        numbers[packed.hash] = row[0]
    return numbers

"""The file: made for its owner only, recognised again, and never mistaken for another's."""

import sqlite3

import pytest
from store_records import record, trace_id

from telltale.nouns.errors import StoreBroken
from telltale.store.questions import (
    ChangesSince,
    FindTraces,
    ReadRaw,
    ReadSkeleton,
    ReadSpans,
    ReadTrace,
)
from telltale.store.traces import LAYOUT, open_trace_store
from telltale.store.traces.sqlite.connection import check_sqlite
from telltale.store.traces.sqlite.delete import any_doomed, doom
from telltale.store.traces.sqlite.store import ANSWERS
from testbed.waiting import wait_until

ONE = trace_id(1)
QUESTIONS = (
    FindTraces(),
    FindTraces(experiment_id=0),
    ReadTrace(ONE),
    ReadSkeleton(trace_id=ONE),
    ReadSpans(trace_id=ONE),
    ReadSpans(trace_id=ONE, ordinals=(0,), span_ids=(b"12345678",)),
    ReadRaw(),
    ReadRaw(experiment_id=0),
    ReadRaw(trace_id=ONE),
    ChangesSince(seq=0),
    ChangesSince(seq=0, experiment_id=0),
)
TABLES_OF_A_TRACE = ("bodies", "spans", "trace_facts", "trace_tags", "traces", "doomed_traces")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "traces.db"


def opened(path):
    return open_trace_store(path, reading_version=1)


@pytest.fixture
def store(path):
    store = opened(path)
    yield store
    store.close()


@pytest.fixture
def by_hand(store, path):
    """The same file, for what no question asks and no program does."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def make_foreign(path, journal_mode):
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
        connection.execute("CREATE TABLE experiments (name TEXT)")
    connection.close()


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_database_of_another_program_is_refused_and_left_alone(path, journal_mode):
    make_foreign(path, journal_mode)
    before = path.read_bytes()

    with pytest.raises(StoreBroken, match="another program"):
        opened(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_database_that_another_program_has_open_is_refused(path):
    make_foreign(path, "wal")
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO experiments VALUES ('theirs')")

    with pytest.raises(StoreBroken, match="another program"):
        opened(path)
    connection.commit()
    assert connection.execute("SELECT name FROM experiments").fetchall() == [("theirs",)]
    connection.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(path):
    path.write_text("my notes")

    with pytest.raises(StoreBroken, match="not a SQLite database"):
        opened(path)
    assert path.read_text() == "my notes"


def test_so_is_one_that_lies_where_a_database_was_in_use(path):
    path.write_text("my notes")
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).touch()

    with pytest.raises(StoreBroken, match="not a SQLite database"):
        opened(path)
    assert path.read_text() == "my notes"


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(StoreBroken, match="not a file"):
        opened(tmp_path)


def test_a_newer_layout_is_refused_with_the_remedy(path):
    opened(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version={LAYOUT + 1}")
    connection.close()

    with pytest.raises(StoreBroken, match=r"newer one wrote it; update this Telltale: .*git pull"):
        opened(path)


def test_an_old_sqlite_is_refused_with_the_remedy():
    with pytest.raises(StoreBroken, match=r"3\.36\.0 is too old, 3\.37\.0"):
        check_sqlite((3, 36, 0))


def test_an_empty_file_becomes_a_store(path):
    path.touch()
    store = opened(path)

    assert store.write([record()]) == 1
    store.close()


def test_the_files_are_for_their_owner_only(store, path):
    store.write([record()])

    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {"traces.db": 0o600, "traces.db-wal": 0o600, "traces.db-shm": 0o600}


def test_the_file_is_set_up_to_give_space_back(by_hand):
    settings = ("page_size", "auto_vacuum", "journal_mode", "application_id", "user_version")
    found = {name: by_hand.execute(f"PRAGMA {name}").fetchone()[0] for name in settings}

    assert found == {
        "page_size": 8192,
        "auto_vacuum": 2,
        "journal_mode": "wal",
        "application_id": int.from_bytes(b"TELT"),
        "user_version": LAYOUT,
    }


def test_deleting_gives_space_back(store, path):
    store.write([record(trace=n, attributes={"text": "x" * 50_000}) for n in range(100)])
    store.write([record(trace=1000)])
    full = sum(file.stat().st_size for file in path.parent.glob("traces.db*"))
    store.delete([trace_id(n) for n in range(100)])

    assert full > 5_000_000
    wait_until(lambda: 0 < path.stat().st_size < 600_000)
    assert [trace.trace_id for trace in store.read(FindTraces()).traces] == [trace_id(1000).hex()]


def test_a_deletion_that_was_interrupted_goes_on_at_the_next_start(store, path, by_hand):
    store.write([record(tags={"a": "b"}, session="s"), record(span=2, parent=1)])
    doom(by_hand, [ONE])
    store.close()
    again = opened(path)
    wait_until(lambda: not any_doomed(by_hand))
    again.close()

    left = {
        table: by_hand.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in TABLES_OF_A_TRACE
    }
    assert left == dict.fromkeys(TABLES_OF_A_TRACE, 0)


def test_a_resource_is_kept_once(store, by_hand):
    for n in range(3):
        store.write([record(trace=n, resource={"a": 1, "b": n % 2}), record(trace=n + 9)])

    assert by_hand.execute("SELECT count(*) FROM resources").fetchone() == (2,)


def test_what_a_person_said_outlives_recomputing(store, by_hand):
    store.write([record(tags={"a": "span", "b": "span", "c": "span"})])
    by_hand.executemany(
        "INSERT INTO trace_tags (trace_no, key, origin, value) VALUES (1, ?, 'user', ?)",
        [("a", "person"), ("b", None), ("d", "person")],
    )
    store.write([record(tags={"a": "later", "b": "later", "c": "later"})])

    assert store.read(ReadTrace(ONE)).tags == {"a": "person", "c": "later", "d": "person"}


def test_a_body_of_an_unknown_codec_is_refused_by_name(store, by_hand):
    store.write([record()])
    by_hand.execute("UPDATE bodies SET codec = 9")

    with pytest.raises(StoreBroken, match=rf"{ONE.hex()}, span 0: .*codec 9.*git pull"):
        store.read(ReadSpans(trace_id=ONE))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE bodies SET raw = x'ff'",
        # A name of one byte that is no UTF-8: msgspec lets Python's own error through.
        "UPDATE bodies SET raw = x'81a46e616d65a18e'",
        "UPDATE resources SET body = x'ff'",
        "UPDATE spans SET kind = 99",
        "DELETE FROM resources",
    ],
)
def test_a_damaged_row_is_named_with_its_file_and_a_remedy(store, path, by_hand, damage):
    store.write([record(resource={"a": 1})])
    by_hand.execute(damage)

    for question in (ReadSpans(trace_id=ONE), ReadRaw()):
        with pytest.raises(StoreBroken, match=rf"traces\.db: .*{ONE.hex()}, span 0: .*backup"):
            store.read(question)


def test_a_damaged_file_is_named_with_a_remedy(path):
    opened(path).close()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)

    with pytest.raises(StoreBroken, match=r"traces\.db is damaged .*backup"):
        opened(path).read(FindTraces())


def test_full_text_partitions_take_ascii_by_word_and_by_prefix(by_hand):
    by_hand.execute("INSERT INTO text_index_1 (rowid, text) VALUES (7, 'Hotel in Kyoto')")
    query = "SELECT rowid FROM text_index_1 WHERE text_index_1 MATCH ?"

    assert by_hand.execute(query, ("hotel AND kyo*",)).fetchall() == [(7,)]
    assert by_hand.execute(query, ("hotel AND osaka",)).fetchall() == []


def test_every_question_is_answered_from_an_index(store, by_hand):
    store.write([record(tags={"a": "b"}, resource={"a": 1}), record(span=2, parent=1)])
    statements: list[str] = []
    by_hand.set_trace_callback(statements.append)
    for question in QUESTIONS:
        ANSWERS[type(question)](by_hand, question)
    by_hand.set_trace_callback(None)

    plans = {sql: by_hand.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in statements}
    slow = {
        sql: row[3]
        for sql, rows in plans.items()
        for row in rows
        if "TEMP B-TREE" in row[3] or (row[3].startswith("SCAN") and "counter" not in row[3])
    }
    assert slow == {}


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_deleted_meanwhile_takes_no_more(store, path, replaced):
    store.write([record()])
    path.unlink()
    if replaced:
        path.touch()

    with pytest.raises(StoreBroken, match="deleted or replaced"):
        store.write([record(trace=2)])


@pytest.mark.parametrize("replaced", [False, True])
def test_a_log_that_was_deleted_meanwhile_takes_no_more_and_is_saved_by_a_stop(path, replaced):
    log = path.with_name(path.name + "-wal")
    store = open_trace_store(path, 1)
    store.write([record()])
    log.unlink()
    if replaced:
        log.touch()

    with pytest.raises(StoreBroken, match=r"-wal was deleted or replaced .*stop the server"):
        store.write([record(trace=2)])
    store.close()

    again = open_trace_store(path, 1)
    assert [trace.trace_id for trace in again.read(FindTraces()).traces] == [trace_id(1).hex()]
    again.close()

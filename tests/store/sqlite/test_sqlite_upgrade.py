"""A file of an older layout is copied, then brought up to date."""

import sqlite3
from pathlib import Path

import pytest
from older import layout, make_old, version
from store_records import record, trace_id

from telltale.nouns.errors import NotFound, StoreBroken
from telltale.nouns.span import State, Status
from telltale.query.parse import parse
from telltale.store import layouts
from telltale.store.questions import (
    ChangesSince,
    CountFacets,
    FindTraces,
    OpenJournals,
    ReadSkeleton,
    ReadSpans,
    ReadTrace,
)
from telltale.store.traces import LAYOUT, look_at, open_trace_store, upgrade_trace_store
from testbed.waiting import wait_until


@pytest.fixture(params=["wal", "delete"])
def old(tmp_path, request) -> Path:
    """A file of layout 1, as a server left it and as a backup of it is."""
    return make_old(tmp_path / "traces.db", request.param)


def test_an_upgraded_file_is_laid_out_as_a_new_one(old, tmp_path):
    open_trace_store(old, 1).close()
    open_trace_store(tmp_path / "fresh.db", 1).close()

    assert layout(old) == layout(tmp_path / "fresh.db")
    assert version(old) == version(tmp_path / "fresh.db") == LAYOUT


def test_what_was_stored_reads_as_before_and_what_ran_is_lost(old):
    store = open_trace_store(old, 1)
    try:
        assert [trace.name for trace in store.read(FindTraces()).traces] == ["ran", "ended"]
        ended = store.read(ReadTrace(trace_id(1)))
        assert (ended.state, ended.spans, ended.tags) == (State.ENDED, 2, {"a": "b"})
        assert store.read(ReadTrace(trace_id(2))).state is State.LOST
        assert store.read(OpenJournals()) == {}

        store.write([record(trace=2, end_ms=30)])
        (span,) = store.read(ReadSpans(trace_id=trace_id(2)))
        assert (span.reading.state, span.ordinal) == (State.ENDED, 0)
    finally:
        store.close()


def test_what_was_stored_is_found_by_its_words_and_tags_a_moment_later(old):
    store = open_trace_store(old, 1)
    try:
        for asked in ("tag.a:B kind:chain", "ended", "span(ended)", "tag.a:* -ran"):
            wait_until(lambda asked=asked: names_of(store, asked) == ["ended"])
        assert names_of(store, "-ended") == ["ran"]
        store.delete([trace_id(1)])
        assert names_of(store, "tag.a:b OR ended") == []
    finally:
        store.close()


def names_of(store, asked: str) -> list[str]:
    return [trace.name for trace in store.read(FindTraces(filter=parse(asked))).traces]


def test_who_follows_the_traces_over_an_upgrade_sees_what_it_changed(old):
    with sqlite3.connect(old) as connection:
        (before,) = connection.execute("SELECT seq FROM counter").fetchone()
        # In trace 1, which has ended, a child ran yet.
        connection.execute("UPDATE spans SET state = 'running', end_ns = NULL WHERE ordinal = 1")
    connection.close()

    store = open_trace_store(old, 1)
    try:
        changes = store.read(ChangesSince(seq=before))
        assert [(one.name, one.state, one.seq) for one in changes.traces] == [
            ("ended", State.ENDED, before + 1),
            ("ran", State.LOST, before + 2),
        ]
        assert changes.seq == before + 2
        lost = [
            store.read(ReadSkeleton(trace_id=trace_id(trace), since=before)).ordinals()
            for trace in (1, 2)
        ]
        assert lost == [(1,), (0,)]

        assert store.write([record(trace=3)]) == before + 3
    finally:
        store.close()


def test_an_upgrade_of_an_empty_file_leaves_it_empty(old):
    with sqlite3.connect(old) as connection:
        for table in ("traces", "spans", "bodies", "trace_tags", "trace_facts"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE counter SET seq = 7")
    connection.close()

    store = open_trace_store(old, 1)
    try:
        assert store.read(ChangesSince(seq=7)).seq == 7
    finally:
        store.close()


def test_the_file_as_it_was_lies_beside_it_for_its_owner(old):
    before = layout(old)

    upgraded = upgrade_trace_store(old)

    assert (upgraded.database, upgraded.before, upgraded.after) == (str(old), 1, LAYOUT)
    copy = Path(upgraded.copy)
    assert copy == old.with_name("traces.db.layout-1")
    assert (version(copy), layout(copy)) == (1, before)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert upgrade_trace_store(old) is None


def test_the_log_says_where_the_copy_is(old, caplog):
    open_trace_store(old, 1).close()

    assert caplog.messages == [
        f"{old}: layout 1 is now {LAYOUT}; as it was, it is kept as {old}.layout-1"
    ]


def test_who_has_to_wait_for_a_large_copy_is_told_before(old, caplog, monkeypatch):
    monkeypatch.setattr(layouts, "LARGE_BYTES", 1000)

    open_trace_store(old, 1).close()

    assert caplog.messages[0] == f"{old} has layout 1: its 0 MB are copied first"
    assert "layout 1 is now" in caplog.messages[1]


def test_the_copy_takes_the_place_of_the_upgraded_file(old):
    copy = Path(upgrade_trace_store(old).copy)
    for file in old.parent.glob("traces.db*"):
        if file != copy:
            file.unlink()
    copy.rename(old)

    assert version(old) == 1
    assert upgrade_trace_store(old).copy == str(copy)


def test_no_earlier_copy_is_written_over(old):
    taken = [old.with_name(f"traces.db.layout-1{end}") for end in ("", ".1", ".3")]
    for path in taken:
        path.write_text("somebody's way back")

    assert upgrade_trace_store(old).copy == f"{old}.layout-1.2"
    assert {path.read_text() for path in taken} == {"somebody's way back"}


@pytest.mark.parametrize(
    ("layout", "says"),
    [(LAYOUT + 1, "a newer one wrote it"), (0, "no Telltale"), (-1, "no Telltale")],
)
def test_a_file_of_another_layout_is_left_alone(old, tmp_path, layout, says):
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute(f"PRAGMA user_version={layout}")
    connection.close()
    assert look_at(old).layout == layout

    with pytest.raises(StoreBroken, match=says):
        open_trace_store(old, 1)

    assert list(tmp_path.iterdir()) == [old]


def test_where_no_file_is_none_is_made(tmp_path):
    with pytest.raises(NotFound, match="there is no database"):
        upgrade_trace_store(tmp_path / "traces.db")

    assert list(tmp_path.iterdir()) == []


def test_traces_that_stood_in_two_words_stand_in_one(tmp_path):
    """Layout 3 told traces apart by their state and by their status."""
    path = tmp_path / "traces.db"
    store = open_trace_store(path, 1)
    store.write(
        [
            record(trace=1, experiment_id=1),
            record(trace=2, status=Status.OK, user="ann"),
            record(trace=3, status=Status.ERROR),
            record(trace=4, end_ms=None),
        ]
    )
    wanted = store.read(CountFacets())
    store.close()
    with sqlite3.connect(path) as connection:
        for table in ("trace_facets", "facets"):
            connection.execute(
                f"DELETE FROM {table} WHERE facet_no IN"
                " (SELECT facet_no FROM facets WHERE field = 'status')"
            )
        for column in ("state", "status"):
            connection.execute(
                "INSERT INTO facets (experiment_id, field, folded, value, traces)"
                f" SELECT experiment_id, 'status', {column}, {column}, count(*) FROM traces"
                f" GROUP BY experiment_id, {column}"
            )
            connection.execute(
                "INSERT INTO trace_facets SELECT trace_no, facet_no FROM traces JOIN facets"
                f" USING (experiment_id) WHERE field = 'status' AND folded = {column}"
            )
        connection.execute("PRAGMA user_version=3")
    connection.close()

    store = open_trace_store(path, 1)
    try:
        assert store.read(CountFacets()) == wanted
        assert store.read(CountFacets(filter=parse("-user:nobody"))) == wanted
        found = store.read(FindTraces(filter=parse("status:ok"))).traces
        assert [int(one.trace_id, 16) for one in found] == [2, 1]
    finally:
        store.close()

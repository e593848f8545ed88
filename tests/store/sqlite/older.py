"""Files as an older Telltale left them."""

import sqlite3
from pathlib import Path

from store_records import record

from telltale.store.traces import open_trace_store
from telltale.store.traces.sqlite.look import APPLICATION_ID

LAYOUT_1 = Path(__file__).with_name("layout_1.sql")
_TABLES = ("counter", "traces", "spans", "bodies", "resources", "trace_facts", "trace_tags")


def make_old(path: Path, journal_mode: str = "wal") -> Path:
    """A file of layout 1: trace 1 ended, trace 2 ran when it was last used."""
    new = path.with_name("new.db")
    store = open_trace_store(new, 1)
    store.write([record(trace=1, name="ended", tags={"a": "b"}), record(trace=1, span=2, parent=1)])
    store.write([record(trace=2, name="ran", end_ms=None)])
    store.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size=8192")
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.executescript(LAYOUT_1.read_text())
    connection.execute("ATTACH ? AS new", (str(new),))
    connection.execute("DELETE FROM counter")
    for table in _TABLES:
        names = ", ".join(
            name
            for _, name, *_, hidden in connection.execute(f"PRAGMA main.table_xinfo({table})")
            if not hidden
        )
        connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM new.{table}")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute("PRAGMA user_version=1")
    connection.execute("DETACH new")
    connection.execute(f"PRAGMA journal_mode={journal_mode}")
    connection.close()
    new.unlink()
    return path


def layout(path: Path) -> list[tuple]:
    """Everything that the file is laid out as, without the spelling of a table's statement."""
    with sqlite3.connect(path) as connection:
        things = connection.execute(
            "SELECT type, name, tbl_name, iif(type = 'index', sql, '') FROM sqlite_master"
            " WHERE name NOT LIKE 'text_index%'"
        ).fetchall()
        columns = [
            (table, *column)
            for kind, table, *_ in things
            if kind == "table"
            for column in connection.execute(f"PRAGMA table_xinfo({table})")
        ]
    connection.close()
    return sorted(things, key=str) + sorted(columns, key=str)


def version(path: Path) -> int:
    """The layout that a file says it has."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def make_large(path: Path, megabytes: int) -> None:
    """Add running spans of two kilobytes; an upgrade has to write each again."""
    connection = sqlite3.connect(path, isolation_level=None)
    # These columns take NULL; of the others each has a type, and so a value.
    info = connection.execute("PRAGMA table_xinfo(spans)").fetchall()
    fixed = {
        "span_no": "(100 << 24) + n",
        "span_id": "randomblob(8)",
        "name": "printf('%2000d', n)",
        "state": "'running'",
    }
    of_type = {"INTEGER": "1", "TEXT": "''", "BLOB": "x'00'"}
    needed = [
        (name, kind)
        for _, name, kind, not_null, _, key, hidden in info
        if (not_null or key) and not hidden
    ]
    names = ", ".join(name for name, _ in needed)
    values = ", ".join(fixed.get(name, of_type[kind]) for name, kind in needed)
    connection.execute(
        f"WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted LIMIT ?)"
        f" INSERT INTO spans ({names}) SELECT {values} FROM counted",
        (megabytes * 500,),
    )
    connection.close()

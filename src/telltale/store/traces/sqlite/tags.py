"""Names and values that a trace is found by: what its spans say of it, and what a person said."""

import sqlite3
from collections.abc import Iterable


def tags_of(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, dict[str, str]]:
    """Tags of each trace; what a person said stands over what a span said."""
    numbers = list(numbers)
    tags: dict[int, dict[str, str]] = {}
    rows = connection.execute(
        "SELECT trace_no, key, value FROM trace_tags"
        f" WHERE trace_no IN ({','.join('?' * len(numbers))}) ORDER BY trace_no, key, origin",
        numbers,
    )
    for trace_no, key, value in rows:
        if value is None:
            tags.get(trace_no, {}).pop(key, None)
        else:
            tags.setdefault(trace_no, {})[key] = value
    return tags


def save_tags(connection: sqlite3.Connection, trace_no: int, tags: dict[str, str]) -> None:
    """Write the tags that its spans say, where they have changed."""
    stored = connection.execute(
        "SELECT key, value FROM trace_tags WHERE trace_no = ? AND origin = 'span'", (trace_no,)
    ).fetchall()
    if dict(stored) == tags:
        return
    connection.execute("DELETE FROM trace_tags WHERE trace_no = ? AND origin = 'span'", (trace_no,))
    connection.executemany(
        "INSERT INTO trace_tags (trace_no, key, origin, value) VALUES (?, ?, 'span', ?)",
        [(trace_no, key, value) for key, value in tags.items()],
    )

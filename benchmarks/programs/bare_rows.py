"""Write rows with nothing but sqlite3, as durably as the server does: the floor of its ingest.

`bare_rows.py FILE` reads posts as msgpack: of each a list of [columns, body, text]. Prints the CPU
seconds of the writes, the log's way into the file included.
"""

import json
import sqlite3
import sys
import time
from pathlib import Path

import msgspec

posts = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes())
width = len(posts[0][0][0])
columns = ", ".join(f"c{number}" for number in range(width))
connection = sqlite3.connect("bare.db", isolation_level=None)
for statement in (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"CREATE TABLE spans (span_no INTEGER PRIMARY KEY, {columns})",
    "CREATE UNIQUE INDEX spans_by_id ON spans (c0, c1)",
    "CREATE TABLE bodies (span_no INTEGER PRIMARY KEY, raw BLOB)",
    "CREATE VIRTUAL TABLE texts"
    " USING fts5(text, content='', detail=none, columnsize=0, tokenize='ascii')",
):
    connection.execute(statement)

before_s = time.process_time()
number = 0
for rows in posts:
    first = number + 1
    number += len(rows)
    numbered = list(enumerate(rows, first))
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        f"INSERT INTO spans VALUES (?{', ?' * width})", [(n, *row[0]) for n, row in numbered]
    )
    connection.executemany("INSERT INTO bodies VALUES (?, ?)", [(n, row[1]) for n, row in numbered])
    connection.executemany(
        "INSERT INTO texts (rowid, text) VALUES (?, ?)", [(n, row[2]) for n, row in numbered]
    )
    connection.execute("COMMIT")
connection.close()
print(json.dumps({"cpu_s": time.process_time() - before_s}))

"""A program that writes traces until it is killed, and says after each that it is on disk.

`writing_child.py <folder> [<bytes>]`: with a number, no file may grow beyond it until the store
has refused a write; then the limit goes, and one more trace is written.
"""

import itertools
import resource
import sys
from pathlib import Path

from store_records import record

from telltale.nouns.errors import StoreBroken
from telltale.store.traces import open_trace_store

folder, *limit = sys.argv[1:]
store = open_trace_store(Path(folder) / "traces.db", reading_version=1)
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit[0]), resource.RLIM_INFINITY))
for number in itertools.count(1):
    try:
        store.write([record(trace=number, attributes={"text": "x" * 20_000})])
    except StoreBroken as error:
        print("refused", error, flush=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        store.write([record(trace=number)])
        print("stored", number, flush=True)
        break
    print("stored", number, flush=True)
store.close()

"""Spans by Telltale, masked and written to the journal, twice a span."""

import json
import os
import sys
from pathlib import Path

from rounds import ATTRIBUTES, SPANS, TRACES, in_turns, timed, trace_by

import telltale

ours = trace_by(lambda name: telltale.start_span(name, attributes=ATTRIBUTES))


def journal_bytes() -> int:
    """Size of all segments."""
    folder = Path(os.environ["TELLTALE_HOME"]) / "journal"
    return sum(path.stat().st_size for path in folder.iterdir())


ours()
before = journal_bytes()
ours()
record_bytes = (journal_bytes() - before) / (2 * SPANS)
descriptor = os.open("floor", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
record = bytes(int(record_bytes))


def floor() -> None:
    """The two writes of each span, and nothing else."""
    for _ in range(2 * SPANS):
        os.write(descriptor, record)


rounds = in_turns(int(sys.argv[1]), ours)
writes = [timed(floor, TRACES) for _ in rounds]
print(json.dumps({"rounds": rounds, "writes": writes, "journal_bytes": 2 * record_bytes}))

"""docs/journal-format.md and the code say the same."""

import re
from pathlib import Path

import msgspec
import pytest

from telltale.nouns.span import RawSpan
from telltale.tracing.records import (
    FORMAT,
    FRAME_BYTES,
    MAGIC,
    MAX_RECORD_BYTES,
    Beat,
    Header,
    RecordType,
    encode_header,
    encode_span,
    read_segment,
)

PAGE = (Path(__file__).parents[2] / "docs" / "journal-format.md").read_text("utf-8")
EXAMPLE = bytes.fromhex(re.search(r"```\n([0-9a-f\s]+)```", PAGE).group(1))


def fields_of(heading: str) -> list[str]:
    section = PAGE.split(f"## {heading}")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def test_the_example_reads_as_it_says():
    segment = read_segment(EXAMPLE)

    (span,) = segment.spans
    assert (segment.damaged, segment.end) == (0, len(EXAMPLE))
    assert segment.header.destination == "http://127.0.0.1:5000"
    assert (span.name, span.experiment) == ("→ final answer", "CrewAI")
    assert span.resource == {"service.name": "trip.py"}


def test_the_example_is_what_we_write():
    segment = read_segment(EXAMPLE)

    span = msgspec.structs.replace(segment.spans[0], resource={})
    assert encode_header(segment.header) + encode_span(RecordType.END, span) == EXAMPLE


def test_the_frame_is_as_the_table_says():
    assert MAGIC.hex(" ").upper() in PAGE
    assert f"version {FORMAT}" in PAGE
    assert f"| {FRAME_BYTES} | length |" in PAGE
    assert f"{MAX_RECORD_BYTES // 2**20} MiB" in PAGE


@pytest.mark.parametrize(
    "heading, struct",
    [("Header", Header), ("Start and end", RawSpan), ("Beat", Beat)],
    ids=["header", "span", "beat"],
)
def test_every_field_is_listed(heading, struct):
    written = {field.name for field in msgspec.structs.fields(struct)}

    # A span's resource stands in the header.
    assert set(fields_of(heading)) == (written - {"resource"} if struct is RawSpan else written)

"""Journal bytes as a program's SDK writes them, for tests that send them."""

import itertools
import os
import time
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from telltale.nouns.span import RawSpan, Status
from telltale.tracing.records import Header, RecordType, encode_header, encode_span

_MS = 1_000_000
_tick = itertools.count()


def header(segment: int = 0, **fields: Any) -> Header:
    """The header of a new journal's segment."""
    defaults: dict[str, Any] = {
        "journal_id": os.urandom(16),
        "destination": "http://127.0.0.1:5000",
        "pid": 1,
        "started_ns": time.time_ns(),
        "resource": {"service.name": "trips"},
    }
    return Header(segment=segment, **(defaults | fields))


def span(name: str = "chat", *, under: RawSpan | None = None, **fields: Any) -> RawSpan:
    """An ended span that took 5 ms; a new trace's root where nothing is above it."""
    start = time.time_ns() + next(_tick) * _MS
    defaults: dict[str, Any] = {
        "trace_id": under.trace_id if under else os.urandom(16),
        "span_id": os.urandom(8),
        "parent_id": under.span_id if under else None,
        "start_ns": start,
        "end_ns": start + 5 * _MS,
        "status": Status.OK,
        "experiment": under.experiment if under else "",
    }
    return RawSpan(name=name, **(defaults | fields))


def llm_call(under: RawSpan, **fields: Any) -> RawSpan:
    """A call of a model that has a price."""
    attributes = {
        "telltale.kind": "llm",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4.1-mini",
        "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 40,
        "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"东京?"}]}]',
        "gen_ai.output.messages": (
            '[{"role":"assistant","parts":[{"type":"text","content":"Yes."}],'
            '"finish_reason":"stop"}]'
        ),
    }
    return span("chat", under=under, **({"attributes": attributes} | fields))


def crew(**fields: Any) -> RawSpan:
    """The root of a crew's trace."""
    attributes = {"telltale.kind": "crew", "telltale.inputs": "东京 in December"}
    return span(**({"name": "TripCrew", "attributes": attributes} | fields))


def opened(raw: RawSpan) -> RawSpan:
    """The same span as its start record reports it."""
    return replace(raw, end_ns=None, status=Status.UNSET)


def piece(spans: Iterable[RawSpan], of: Header | None = None) -> bytes:
    """A header record, then a start or end record for each span."""
    records = [
        encode_span(RecordType.START if raw.end_ns is None else RecordType.END, raw)
        for raw in spans
    ]
    return encode_header(of or header()) + b"".join(records)

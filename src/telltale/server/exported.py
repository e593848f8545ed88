"""Stored spans as OTLP, with our reading beside what the program said.

What the program reported goes out word for word. Our reading goes into attributes that it did not
give itself, so that other tools find kind, model, tokens, cost and state under one name each,
whatever dialect the program spoke; `telltale.added` names them, and import takes them off again.
"""

from collections.abc import Sequence
from typing import Any

from telltale.conventions import attributes as names
from telltale.conventions.kinds import operation
from telltale.ingest.lines import BESIDE, Beside
from telltale.nouns.feedback import Said
from telltale.nouns.span import RawSpan, Span
from telltale.otlp.json import to_otlp
from telltale.store.questions import StoredSpan


def traces_data(spans: Sequence[StoredSpan], said: Said) -> dict[str, Any]:
    """OTLP `TracesData`, ready for a JSON encoder.

    What people said of the trace, and when a lost span's process was last heard of, have no place
    in OTLP: they stand beside it under a name of ours, which others pass over.
    """
    readings = {stored.raw.span_id: stored.reading for stored in spans}

    def added(raw: RawSpan) -> dict[str, Any]:
        op = raw.attributes.get(names.CREW_OP)
        return reading_attributes(readings[raw.span_id], op if isinstance(op, str) else None)

    data = to_otlp([stored.raw for stored in spans], added)
    seen = {one.raw.span_id.hex(): str(one.seen_ns) for one in spans if one.seen_ns is not None}
    beside = Beside(said.tags, said.feedback, seen)
    return data if beside == Beside() else data | {BESIDE: beside}


def reading_attributes(span: Span, op: str | None = None) -> dict[str, Any]:
    """A reading in OpenTelemetry's words, and in ours where it has none; what is unknown is absent.

    Args:
        op: The span's `telltale.crew.op`, on which the operation's name depends.
    """
    usage = span.usage
    known = {
        names.KIND: span.kind.value,
        names.STATE: span.state.value,
        names.LABEL: span.label or None,
        names.COST_USD: span.cost.usd if span.cost else None,
        names.OPERATION: operation(span.kind, op),
        names.PROVIDER: span.provider,
        names.REQUEST_MODEL: span.requested_model,
        names.RESPONSE_MODEL: span.model,
        names.TOOL_NAME: span.tool,
        names.AGENT_NAME: span.agent,
        names.ERROR_TYPE: span.error_type,
        names.INPUT_TOKENS: usage.input_tokens if usage else None,
        names.OUTPUT_TOKENS: usage.output_tokens if usage else None,
        names.CACHE_READ_TOKENS: (usage.cache_read_tokens or None) if usage else None,
        names.CACHE_WRITE_TOKENS: (usage.cache_write_tokens or None) if usage else None,
        names.REASONING_TOKENS: (usage.reasoning_tokens or None) if usage else None,
    }
    return {name: value for name, value in known.items() if value is not None}

"""Spans as the tests of the store need them: small, and different only in what a rule is about."""

from typing import Any

from telltale.nouns.span import Kind, RawSpan, Span, State, Status
from telltale.store.questions import Change

T0_NS = 1_760_000_000_000_000_000
MS = 1_000_000

_OF_RAW = {"attributes", "resource", "events", "links", "experiment", "status_message", "scope"}


def trace_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def span_id(number: int) -> bytes:
    return number.to_bytes(8, "big")


def record(
    trace: int = 1,
    span: int = 1,
    *,
    parent: int | None = None,
    start_ms: int = 0,
    end_ms: int | None = 10,
    experiment_id: int = 0,
    journal: bytes | None = None,
    **said: Any,
) -> Change:
    """What is reported of one span; still open if `end_ms` is None.

    Args:
        said: Fields of the raw span or of its reading.
    """
    raw_fields = {name: said.pop(name) for name in _OF_RAW & said.keys()}
    status = said.pop("status", Status.UNSET)
    name = said.pop("name", f"span {span}")
    raw = RawSpan(
        trace_id=trace_id(trace),
        span_id=span_id(span),
        parent_id=None if parent is None else span_id(parent),
        name=name,
        start_ns=T0_NS + start_ms * MS,
        end_ns=None if end_ms is None else T0_NS + end_ms * MS,
        status=status,
        **raw_fields,
    )
    said.setdefault("state", State.RUNNING if end_ms is None else State.ENDED)
    reading = Span(
        dialect=said.pop("dialect", "genai"),
        kind=said.pop("kind", Kind.CHAIN),
        name=name,
        status=status,
        **said,
    )
    return Change(experiment_id=experiment_id, raw=raw, reading=reading, journal=journal)

"""One change, made ready for its rows in the thread of the caller.

Everything that can go wrong with a foreign span goes wrong here, before it stands in one
transaction with its neighbours; and the writer, of which there is one, is left with the SQL.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from telltale.nouns.errors import BadId
from telltale.nouns.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from telltale.nouns.span import RawSpan, Span, State
from telltale.store.questions import Change
from telltale.store.traces.sqlite.bodies import PackedResource, encode_body, pack_resource
from telltale.store.traces.sqlite.border import fit_int, fit_name, fit_text
from telltale.store.traces.sqlite.texts import SpanText, Told, texts_of

SESSION, USER, TAG = "session", "user", "tag:"
"""Keys of `trace_facts`."""

READING_COLUMNS = (
    "name, label, kind, state, status, start_ns, end_ns, dialect, model, provider, tool, agent, "
    "input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, "
    "cost_pico, price_ref, error_type, reading_version"
)
"""The columns of `spans` that come from the change alone, in the order of `StagedSpan.columns`."""


class StagedSpan(msgspec.Struct, frozen=True, gc=False):
    """A change as rows, still without numbers."""

    trace_id: bytes
    span_id: bytes
    parent_id: bytes | None
    experiment_id: int
    ended: bool
    columns: tuple[Any, ...]
    """Values of `READING_COLUMNS`."""
    facts: tuple[tuple[str, str], ...]
    """What it says about its trace, as key and value."""
    resource: PackedResource | None
    body: bytes
    texts: tuple[SpanText, ...]
    """What can be looked for in it, once it has ended."""
    reading: Span
    journal: bytes | None
    """Who is responsible for it while it is open."""

    @property
    def size(self) -> int:
        """Bytes that it holds while it waits, about."""
        return len(self.body) + 1000


def stage(changes: Iterable[Change], reading_version: int) -> list[StagedSpan]:
    """Make changes ready, in their order.

    Raises:
        BadId: If an id has not the length of one.
        BadInput: If a span holds what cannot be stored.
    """
    # Spans of one process mostly share the very same resource.
    resources: dict[int, PackedResource] = {}
    told: Told = {}
    staged = []
    for change in changes:
        raw = change.raw
        packed = None
        if raw.resource:
            packed = resources.get(id(raw.resource))
            if packed is None:
                packed = resources[id(raw.resource)] = pack_resource(raw.resource)
        staged.append(_stage_one(change, packed, told, reading_version))
    return staged


def _stage_one(
    change: Change, resource: PackedResource | None, told: Told, version: int
) -> StagedSpan:
    raw, reading = change.raw, change.reading
    return StagedSpan(
        trace_id=_checked(raw.trace_id, TRACE_ID_BYTES, "trace"),
        span_id=_checked(raw.span_id, SPAN_ID_BYTES, "span"),
        parent_id=raw.parent_id or None,
        experiment_id=change.experiment_id,
        ended=reading.state is State.ENDED,
        columns=_columns(raw, reading, version),
        facts=tuple(_facts(reading)),
        resource=resource,
        body=encode_body(raw),
        texts=tuple(texts_of(raw, told)) if reading.state is State.ENDED else (),
        reading=reading,
        journal=change.journal,
    )


def _checked(value: bytes, size: int, noun: str) -> bytes:
    if len(value) != size:
        raise BadId(
            f"{noun} id {value.hex()!r}: expected {size} bytes; the sender has to mend it",
            given=value.hex(),
            expected=f"{size} bytes",
        )
    return value


def _columns(raw: RawSpan, reading: Span, version: int) -> tuple[Any, ...]:
    return (
        fit_name(reading.name),
        fit_name(reading.label),
        reading.kind.value,
        reading.state.value,
        reading.status.value,
        fit_int(raw.start_ns),
        None if raw.end_ns is None else fit_int(raw.end_ns),
        reading.dialect,
        _name_or_none(reading.model),
        _name_or_none(reading.provider),
        _name_or_none(reading.tool),
        _name_or_none(reading.agent),
        *_tokens(reading),
        None if reading.cost is None else fit_int(reading.cost.pico_usd),
        None if reading.cost is None else fit_name(reading.cost.price_ref),
        _name_or_none(reading.error_type),
        version,
    )


def _name_or_none(text: str | None) -> str | None:
    return None if text is None else fit_name(text)


def _tokens(reading: Span) -> tuple[int | None, ...]:
    usage = reading.usage
    if usage is None:
        return (None,) * 5
    return (
        fit_int(usage.input_tokens),
        fit_int(usage.output_tokens),
        fit_int(usage.cache_read_tokens),
        fit_int(usage.cache_write_tokens),
        fit_int(usage.reasoning_tokens),
    )


def _facts(reading: Span) -> Iterable[tuple[str, str]]:
    if reading.session is not None:
        yield SESSION, fit_text(reading.session)
    if reading.user is not None:
        yield USER, fit_text(reading.user)
    for key, value in reading.tags.items():
        yield TAG + fit_text(key), fit_text(value)

"""Start spans, and find the one that is open."""

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from opentelemetry.trace import INVALID_SPAN, Link, Span, SpanContext, SpanKind, get_current_span

from telltale.conventions import attributes as names
from telltale.conventions.kinds import kind_of_span_type
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault, ours, say_once
from telltale.tracing.live import LiveSpan, as_attributes, current, kind_attributes
from telltale.tracing.serialise import words
from telltale.tracing.state import TRACING
from telltale.tracing.tracer import RecordingTracer

_INTERNAL = SpanKind.INTERNAL
_SPAN_KINDS = dict.fromkeys((Kind.LLM, Kind.EMBEDDING, Kind.RERANKER), SpanKind.CLIENT)


def begin(
    name: str,
    kind: Kind,
    attributes: Mapping[str, Any] | None = None,
    *,
    parent: LiveSpan | None = None,
    span_type: str = "",
    links: Sequence[SpanContext] = (),
    link_text: str = "",
    joins: frozenset[str] = frozenset(),
    start_ns: int | None = None,
    op: str | None = None,
) -> LiveSpan:
    """Open a span without making it current; a root where no parent is given.

    Args:
        links: Contexts of related spans; `link_text` says how they are related.
        joins: Integrations whose calls of the same kind add their facts to this span.
        start_ns: Unix time, nanoseconds; now if it is not given.
        op: The finer operation, where the kind is broad: `write` of a memory.
    """
    span: Span = INVALID_SPAN
    try:
        said = kind_attributes(kind, span_type, op)
        if attributes:
            said |= as_attributes(attributes)
        if parent is None:
            experiment, above = TRACING.settings.experiment, None
            said |= _foreign_parent()
        else:
            experiment, above = parent.experiment, parent.otel.get_span_context()
        tracer = TRACING.tracer()
        if not isinstance(tracer, RecordingTracer):
            return LiveSpan(span, kind, experiment, joins)
        span = tracer.begin(
            words(name),
            above if above is not None and above.is_valid else None,
            _SPAN_KINDS.get(kind, _INTERNAL),
            said,
            links=[Link(context, {names.LINK: link_text}) for context in links] if links else (),
            start_ns=start_ns,
            experiment=experiment,
        )
        return LiveSpan(span, kind, experiment, joins)
    except ours(Exception) as error:  # The user's program comes first.
        fault("starting a span", error)
        return LiveSpan(INVALID_SPAN, kind, "", joins)
    except BaseException:
        span.end()  # Nobody will hold it.
        raise


def start_span(
    name: str = "span",
    span_type: str = "UNKNOWN",
    attributes: Mapping[str, Any] | None = None,
) -> "Entered":
    """Trace a block of code.

        with telltale.start_span("rank hotels", span_type=SpanType.RERANKER) as span:
            span.set_inputs(hotels)
            span.set_outputs(rank(hotels))

    An exception is recorded and goes on its way.

    Args:
        span_type: What the block stands for: a `SpanType`, or a word of your own.
    """
    return Entered(name, kind_of_span_type(span_type), attributes, span_type)


def entered(
    name: str,
    kind: Kind,
    attributes: Mapping[str, Any] | None = None,
    *,
    span_type: str = "",
    op: str | None = None,
    joins: frozenset[str] = frozenset(),
) -> "Entered":
    """A span that begins with the block, is current inside it and ended behind it."""
    return Entered(name, kind, attributes, span_type, op, joins)


class Entered:
    """The block that a span stands for.

    Once it is left the span is ended, even if an interrupt (Ctrl-C) comes in the middle of that.
    One that comes as `__exit__` begins finds no line of ours that could catch it: then the span
    ends as soon as the interrupt has been dealt with, for Python closes a generator that nobody
    holds any more.
    """

    __slots__ = ("_block", "_said")

    def __init__(
        self,
        name: str,
        kind: Kind,
        attributes: Mapping[str, Any] | None,
        span_type: str,
        op: str | None = None,
        joins: frozenset[str] = frozenset(),
    ) -> None:
        self._said = name, kind, attributes, span_type, op, joins

    def __enter__(self) -> LiveSpan:
        self._block = block = _block(*self._said)
        return next(block)

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if error is None:
            next(self._block, None)
        else:
            with suppress(StopIteration):
                self._block.send(error)


def _block(
    name: str,
    kind: Kind,
    attributes: Mapping[str, Any] | None,
    span_type: str,
    op: str | None,
    joins: frozenset[str],
) -> Generator[LiveSpan, BaseException | None, None]:
    """Yields the span that the block has; is sent the exception that the block was left by."""
    global _unended
    if _unended:
        _end_late()
    around, error = current.get(), None
    span = begin(name, kind, attributes, parent=around, span_type=span_type, op=op, joins=joins)
    span.around = around
    try:
        current.set(span)
        error = yield span
    finally:
        try:
            _leave(span, error)
        except RecursionError:
            # With a stack this full nothing can be called, not even a method of the list's.
            _unended += [(span, error)]
        except BaseException:
            _leave(span, error)
            raise


def _leave(span: LiveSpan, error: BaseException | None) -> None:
    """May be interrupted, and called again."""
    _step_out(span)
    if _unended:
        _end_late()
    _end(span, error)


def _step_out(span: LiveSpan) -> None:
    """Make that current which was before the block, and nobody's way out lead back into it.

    A block within it may still be open: one that an interrupt kept from being left, or one in which
    a generator is closed that had begun before. It stays current until it is left.
    """
    inner = within = current.get()
    while within is not None and within is not span and within.around is not span:
        within = within.around
    if inner is None or within is None:
        return  # What is current here is somebody else's.
    if inner is span or not inner.is_open:
        current.set(span.around)
    elif within is not span:
        within.around = span.around


def _end(span: LiveSpan, error: BaseException | None) -> None:
    if error is not None and not _is_ordinary_end(error):
        span.record_exception(error)
    # A process that is being taken down has written its journal; to open another now may hang.
    if not sys.is_finalizing():
        span.end()


def _end_late() -> None:
    """End the spans of blocks that were left with a full stack, as far as there is room now."""
    global _unended
    while _unended:
        try:
            left = _unended.pop()
        except IndexError:
            return  # Another thread was quicker.
        span, error = left
        try:
            _step_out(span)
            _end(span, error)
        except RecursionError:
            _unended += [left]
            return


_unended: list[tuple[LiveSpan, BaseException | None]] = []
"""Spans of blocks that were left with a full stack, and the errors that they were left by."""


def get_current_active_span() -> LiveSpan | None:
    """The innermost open span of this thread or task, or None."""
    return current.get()


def update_current_trace(
    tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    session_id: str | None = None,
    user: str | None = None,
    client_request_id: str | None = None,
    **of_mlflow: Any,
) -> None:
    """Say something about the whole trace from within any of its spans.

    Args:
        tags: Names and values to find the trace by.
        metadata: The same; MLflow keeps it apart.
        session_id: Groups traces of one conversation.
        user: Who it was done for.
        client_request_id: The program's own id of the request, kept as a tag.
        of_mlflow: MLflow's other arguments (previews, state, model id) are not used: the trace
            has its own.
    """
    if unused := [name for name, value in of_mlflow.items() if value is not None]:
        say_once(
            f"update_current_trace {unused}",
            "Telltale: update_current_trace() does not use %s; tags, metadata, session_id, user "
            "and client_request_id are kept.",
            ", ".join(unused),
        )
    span = current.get()
    if span is None:
        return
    own_id = None if client_request_id is None else {"client_request_id": client_request_id}
    for said in (own_id, metadata, tags):
        if said is not None:
            span.set_attributes(
                {f"{names.TRACE_TAG}{words(key)}": words(value) for key, value in said.items()}
            )
    if session_id is not None:
        span.set_attribute(names.CONVERSATION, words(session_id))
    if user is not None:
        span.set_attribute(names.USER, words(user))


def _is_ordinary_end(error: BaseException) -> bool:
    """Whether what was raised is how a generator is closed or a program ends well."""
    return isinstance(error, GeneratorExit) or (
        isinstance(error, SystemExit) and error.code in (None, 0)
    )


def _foreign_parent() -> dict[str, str]:
    """A span of somebody else's tracing that is open around ours: named, not followed."""
    context = get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {names.FOREIGN_PARENT: f"{context.trace_id:032x}-{context.span_id:016x}"}

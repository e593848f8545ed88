"""Start spans, and find the one that is open."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    SpanContext,
    SpanKind,
    get_current_span,
    set_span_in_context,
)

from telltale.conventions import attributes as names
from telltale.conventions.kinds import kind_of_span_type
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault, say_once
from telltale.tracing.live import LiveSpan, as_attributes, current, kind_attributes, step_back
from telltale.tracing.serialise import words
from telltale.tracing.state import TRACING

_REMOTE = frozenset((Kind.LLM, Kind.EMBEDDING, Kind.RERANKER))


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
    try:
        said = kind_attributes(kind, span_type, op) | as_attributes(attributes or {})
        return _begun(name, kind, said, parent, links, link_text, joins, start_ns)
    except Exception as error:  # noqa: BLE001  the user's program comes first
        fault("starting a span", error)
        return LiveSpan(INVALID_SPAN, kind, "", joins)


def _begun(
    name: str,
    kind: Kind,
    said: dict[str, Any],
    parent: LiveSpan | None,
    links: Sequence[SpanContext],
    link_text: str,
    joins: frozenset[str],
    start_ns: int | None,
) -> LiveSpan:
    if parent is None:
        experiment = TRACING.settings.experiment
        said.update(_foreign_parent())
        context = set_span_in_context(INVALID_SPAN, Context())
    else:
        experiment = parent.experiment
        context = set_span_in_context(parent.otel, Context())
    if experiment:
        said[names.EXPERIMENT] = experiment
    span = TRACING.tracer().start_span(
        words(name),
        context=context,
        kind=SpanKind.CLIENT if kind in _REMOTE else SpanKind.INTERNAL,
        attributes=said,
        links=[Link(context, {names.LINK: link_text}) for context in links],
        start_time=start_ns,
    )
    return LiveSpan(span, kind, experiment, joins)


@contextmanager
def start_span(
    name: str = "span",
    span_type: str = "UNKNOWN",
    attributes: Mapping[str, Any] | None = None,
) -> Iterator[LiveSpan]:
    """Trace a block of code.

        with telltale.start_span("rank hotels", span_type=SpanType.RERANKER) as span:
            span.set_inputs(hotels)
            span.set_outputs(rank(hotels))

    An exception is recorded and goes on its way.

    Args:
        span_type: What the block stands for: a `SpanType`, or a word of your own.
    """
    with entered(name, kind_of_span_type(span_type), attributes, span_type=span_type) as span:
        yield span


@contextmanager
def entered(
    name: str,
    kind: Kind,
    attributes: Mapping[str, Any] | None = None,
    *,
    span_type: str = "",
    op: str | None = None,
) -> Iterator[LiveSpan]:
    """A span that is current inside the block and ended behind it."""
    span = begin(name, kind, attributes, parent=current.get(), span_type=span_type, op=op)
    before = current.set(span)
    try:
        yield span
    except BaseException as error:
        if not _is_ordinary_end(error):
            span.record_exception(error)
        raise
    finally:
        step_back(before, span)
        span.end()


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

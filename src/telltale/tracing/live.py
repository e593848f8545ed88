"""The span that is open now, and the thin handle that the user holds.

The OpenTelemetry span is the span; there is no second object that mirrors it. What is current is
ours alone: OpenTelemetry's context is left as it is, so that a program's other tracing neither
adopts our spans nor is adopted by them.
"""

import functools
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar, Token
from typing import Any, cast

from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from telltale.conventions import attributes as names
from telltale.conventions.kinds import kind_of_span_type, operation
from telltale.nouns.errors import BadInput
from telltale.nouns.span import Kind
from telltale.tracing.forks import in_a_pools_worker
from telltale.tracing.guard import fault
from telltale.tracing.secret_forms import mask_forms
from telltale.tracing.serialise import bounded_repr, clean, to_json, to_text, words

MAX_STACKTRACE_CHARACTERS = 32_000
MAX_STACKTRACE_FRAMES = 100
"""The innermost: a recursion without end is recorded by each span that it has opened."""

_PRIMITIVES = frozenset((str, bool, int, float))
_UNKNOWN = Kind.UNKNOWN


def _harmless(method: Callable[..., None]) -> Callable[..., None]:
    """What it is given may refuse in any way; the user's program comes first.

    To an ended span nothing more is said: OpenTelemetry would warn in the user's log.
    """

    @functools.wraps(method)
    def harmless(self: "LiveSpan", *args: Any, **kwargs: Any) -> None:
        if self._ended:
            return
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  see above
            fault(f"{method.__name__} of a span", error)

    return harmless


class LiveSpan:
    """A span that is still open.

    Nothing that it does raises into the user's program, but for a status that is none.
    """

    __slots__ = (
        "_ended",
        "_failed_attempt",
        "_span",
        "around",
        "experiment",
        "failed_attempts",
        "is_asked_again",
        "is_taken",
        "joins",
        "kind",
    )

    def __init__(
        self, span: Span, kind: Kind, experiment: str, joins: frozenset[str] = frozenset()
    ) -> None:
        self._span = span
        self._ended = False
        self._failed_attempt: str | None = None
        self.around: LiveSpan | None = None
        """Of a block's span: what was current when the block was entered."""
        self.kind = kind
        self.experiment = experiment
        """Name of the experiment that the whole trace belongs to."""
        self.joins = joins
        """Integrations whose calls of the same kind add their facts here instead of a span."""
        self.is_taken = False
        """It stands for a client's call, which goes on or was answered."""
        self.is_asked_again = False
        """Another call was made inside it, beside that or behind it."""
        self.failed_attempts = 0
        """How many tries inside it have failed so far."""

    @property
    def trace_id(self) -> str:
        """32 hex digits."""
        return f"{self._span.get_span_context().trace_id:032x}"

    @property
    def span_id(self) -> str:
        """16 hex digits."""
        return f"{self._span.get_span_context().span_id:016x}"

    @property
    def name(self) -> str:
        """Short, low in cardinality."""
        return getattr(self._span, "name", "")

    @property
    def otel(self) -> Span:
        """OpenTelemetry's span, which this is a handle of."""
        return self._span

    @_harmless
    def set_name(self, name: str) -> None:
        """Rename the span, once it is known what it did."""
        self._span.update_name(words(name))

    def set_inputs(self, inputs: Any) -> None:
        """What went in; anything, kept as JSON."""
        self.set_attribute(names.INPUTS, as_text(inputs))

    def set_outputs(self, outputs: Any) -> None:
        """What came out; anything, kept as JSON."""
        self.set_attribute(names.OUTPUTS, as_text(outputs))

    @_harmless
    def set_attribute(self, key: str, value: Any) -> None:
        """Say one thing about the span; what OpenTelemetry has no type for becomes JSON text."""
        self._span.set_attribute(words(key), _attribute(value))

    @_harmless
    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Say several things."""
        self._span.set_attributes(as_attributes(attributes))

    @_harmless
    def set_span_type(self, span_type: str) -> None:
        """What the span stands for: a `SpanType`, or a word of your own."""
        self.kind = kind_of_span_type(span_type)
        self.set_attributes(kind_attributes(self.kind, span_type))

    def set_status(self, status: Any, description: str | None = None) -> None:
        """`"OK"`, `"ERROR"`, `"UNSET"`, or an OpenTelemetry status.

        Raises:
            BadInput: If it is none of them.
        """
        code = getattr(status, "status_code", status)
        text = str(getattr(code, "name", code)).upper()
        if text not in ("OK", "ERROR", "UNSET"):
            raise BadInput(
                f"status {status!r}: expected 'OK', 'ERROR' or 'UNSET'",
                given=repr(status),
                expected="'OK', 'ERROR' or 'UNSET'",
            )
        if self._ended:
            return
        description = description or getattr(status, "description", None)
        said = words(description) if description and text == "ERROR" else None
        self._span.set_status(Status(StatusCode[text], said))

    @_harmless
    def add_event(self, name: Any, attributes: Mapping[str, Any] | None = None) -> None:
        """Something happened now. Takes a name, or an event with `name` and `attributes`."""
        attributes = attributes or getattr(name, "attributes", None) or {}
        self._span.add_event(
            words(getattr(name, "name", name)),
            {words(key): _attribute(value) for key, value in attributes.items()},
        )

    @_harmless
    def record_exception(self, error: BaseException | str) -> None:
        """The span failed with this error."""
        if isinstance(error, str):
            error = Exception(error)
        message = words(error)
        told = traceback.format_exception(error, limit=-MAX_STACKTRACE_FRAMES)
        stack = "".join(told)[-MAX_STACKTRACE_CHARACTERS:]
        kind = type(error).__qualname__
        self._span.add_event(
            "exception",
            {
                "exception.type": kind,
                "exception.message": message,
                "exception.stacktrace": mask_forms(clean(stack)),
            },
        )
        self.fail(kind, message)

    @_harmless
    def add_failed_attempt(self, error: BaseException, at_ns: int | None = None) -> None:
        """A try inside the span failed; the span may still succeed with the next one."""
        self._failed_attempt = type(error).__qualname__
        self.failed_attempts += 1
        self._span.add_event(
            names.ATTEMPT_EVENT,
            {"exception.type": self._failed_attempt, "exception.message": words(error)},
            at_ns,
        )

    @property
    def failed_attempt(self) -> str | None:
        """Class of the exception that the last failed try inside the span raised."""
        return self._failed_attempt

    @_harmless
    def fail(self, error_type: str, message: str) -> None:
        """The span failed, where only words are known of the error."""
        self._span.set_attribute(names.ERROR_TYPE, clean(error_type))
        self._span.set_status(Status(StatusCode.ERROR, mask_forms(clean(message))))

    def end(self, end_time_ns: int | None = None) -> None:
        """Close the span; the second time does nothing.

        Interrupted, by Ctrl-C for instance, it is closed all the same before the interrupt goes on.
        """
        try:
            self._close(end_time_ns)
        except BaseException:
            self._close(end_time_ns)
            raise

    def _close(self, end_time_ns: int | None) -> None:
        if self._ended:
            return
        try:
            self._span.end(end_time_ns)
        except RecursionError:
            raise  # It can be ended once the stack has room again.
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault("end of a span", error)
        self._ended = True

    @property
    def is_open(self) -> bool:
        """Whether it has not ended yet."""
        return not self._ended

    def __repr__(self) -> str:
        return f"<span {self.name!r} of trace {self.trace_id}>"


current: ContextVar[LiveSpan | None] = ContextVar("telltale_current_span", default=None)
"""The innermost open span of ours in this context."""


def known_attributes(span: LiveSpan) -> Mapping[str, Any]:
    """What is said of a span already; nothing of one that OpenTelemetry does not record."""
    return getattr(span.otel, "attributes", None) or {}


def step_back(token: Token[LiveSpan | None], span: LiveSpan) -> None:
    """Make that current again which was before `span`."""
    try:
        current.reset(token)
    except ValueError:
        # Left in another context than it was entered in, as async generators are that the event
        # loop closes. What is current there is somebody else's.
        if current.get() is span:
            current.set(None)


def put_back(variable: ContextVar[Any], token: Token[Any]) -> None:
    """Give a variable the value that it had, unless this is another context, as in `step_back`."""
    with suppress(ValueError):
        variable.reset(token)


def kind_attributes(
    kind: Kind, span_type: str = "", op: str | None = None
) -> dict[str, AttributeValue]:
    """How a span says what it stands for."""
    attributes = dict(_of_kind(kind, op))
    if kind is _UNKNOWN and (said := words(span_type)) and said.upper() != "UNKNOWN":
        attributes[names.SPAN_TYPE] = said
    return attributes


@functools.lru_cache
def _of_kind(kind: Kind, op: str | None) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {names.KIND: kind.value}
    if (word := operation(kind, op)) is not None:
        attributes[names.OPERATION] = word
    return attributes


def as_text(value: Any) -> str:
    """What is kept of inputs or outputs: a string as it stands, anything else as JSON."""
    try:
        return to_text(value)
    except Exception as error:  # noqa: BLE001  a foreign object may refuse in any way
        fault("serialising a value", error)
        return bounded_repr(value)


def as_attributes(attributes: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """What OpenTelemetry takes; a value that cannot be read is left out."""
    said = {}
    for key, value in attributes.items():
        try:
            if key := key if type(key) is str else words(key):
                said[key] = value if type(value) in _PRIMITIVES else _attribute(value)
        except Exception as error:  # noqa: BLE001  a foreign object may refuse in any way
            fault("reading an attribute", error)
    return said


def _attribute(value: Any) -> AttributeValue:
    if type(value) in _PRIMITIVES:
        return cast(AttributeValue, value)
    if isinstance(value, list | tuple) and value and all(type(v) is str for v in value):
        return tuple(value)
    if isinstance(value, str):
        return clean(value)
    return to_json(value)


in_a_pools_worker(lambda: current.set(None))

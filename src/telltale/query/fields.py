"""What can be asked for: the catalogue of fields, which parser, stores, page and manual share."""

from enum import Enum, auto

import msgspec

from telltale.nouns.span import Kind, Standing


class Reading(Enum):
    """How the value of a field is written and compared."""

    TEXT = auto()
    CHOICE = auto()
    """One of a few words."""
    COUNT = auto()
    """A whole number."""
    DURATION = auto()
    """Nanoseconds, written with a unit: `1.5s`."""
    MONEY = auto()
    """Pico-dollars, written in US dollars."""
    SCORE = auto()
    """A number or a text, as feedback is."""
    MOMENT = auto()
    """A time, or how long ago it was."""
    TRACE_ID = auto()


class Field(msgspec.Struct, frozen=True):
    """Something that a trace or a span has."""

    name: str
    reading: Reading
    meaning: str
    """For the manual and the page, of a trace."""
    of_span: bool = False
    """Whether it may stand in `span(…)`, too."""
    choices: tuple[str, ...] = ()
    otherwise: dict[str, tuple[str, ...]] = {}
    """What people may call the choices, and which are meant."""
    has_keys: bool = False
    """Whether it is written with a key: `tag.env`."""

    @property
    def is_number(self) -> bool:
        """Whether its values can be compared."""
        return self.reading in _NUMBERS


_NUMBERS = frozenset((Reading.COUNT, Reading.DURATION, Reading.MONEY, Reading.SCORE))
_STATUSES = tuple(word.value for word in Standing)
_CALLED = {
    **dict.fromkeys(("failed", "failure", "errors"), (Standing.ERROR.value,)),
    **dict.fromkeys(("success", "succeeded", "unset", "done"), (Standing.OK.value,)),
    "ended": (Standing.OK.value, Standing.ERROR.value),
}
"""Most programs set no status: what has ended well is `unset` to OpenTelemetry, ok to people."""
_KINDS = tuple(kind.value for kind in Kind)

_ALL = (
    Field("status", Reading.CHOICE, "how it went, or goes", True, _STATUSES, _CALLED),
    Field("kind", Reading.CHOICE, "has a span of this kind", True, _KINDS),
    Field("name", Reading.TEXT, "its name", True),
    Field("flow", Reading.TEXT, "has a flow of this name", True),
    Field("crew", Reading.TEXT, "has a crew of this name", True),
    Field("task", Reading.TEXT, "has a task of this name", True),
    Field("agent", Reading.TEXT, "has an agent of this role", True),
    Field("tool", Reading.TEXT, "has used this tool", True),
    Field("model", Reading.TEXT, "has called this model", True),
    Field("provider", Reading.TEXT, "has called a model of this provider", True),
    Field("error", Reading.TEXT, "has an error of this class, at any depth", True),
    Field("duration", Reading.DURATION, "how long it took", True),
    Field("cost", Reading.MONEY, "US dollars", True),
    Field("tokens", Reading.COUNT, "of all calls, in and out", True),
    Field("input_tokens", Reading.COUNT, "what models were sent, cached or not", True),
    Field("output_tokens", Reading.COUNT, "what models answered, thoughts included", True),
    Field("cached_tokens", Reading.COUNT, "of its input, what came from a cache", True),
    Field("reasoning_tokens", Reading.COUNT, "of its output, what was thought", True),
    Field("llm_calls", Reading.COUNT, "calls of models"),
    Field("tool_calls", Reading.COUNT, "calls of tools"),
    Field("spans", Reading.COUNT, "spans in all"),
    Field("errors", Reading.COUNT, "spans that failed"),
    Field("session", Reading.TEXT, "the conversation that it belongs to"),
    Field("user", Reading.TEXT, "who it was done for"),
    Field("tag", Reading.TEXT, "one of its tags", has_keys=True),
    Field("feedback", Reading.SCORE, "what was said of it", has_keys=True),
    Field("trace", Reading.TRACE_ID, "its id"),
    Field("since", Reading.MOMENT, "began at this time or later"),
    Field("before", Reading.MOMENT, "began earlier than this"),
)

FIELDS = {field.name: field for field in _ALL}

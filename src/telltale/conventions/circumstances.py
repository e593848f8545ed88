"""What is the same in every dialect: how a span went, and what it says about its trace."""

from typing import Any, NamedTuple

from telltale.conventions import attributes as a
from telltale.conventions.reading import as_id, as_scalar_text, as_text
from telltale.nouns.span import RawEvent, RawSpan, State, Status
from telltale.nouns.text import sound

_SESSION = (a.CONVERSATION, "session.id")
_USER = (a.USER, "enduser.id")


class Outcome(NamedTuple):
    """How a span went."""

    state: State
    status: Status
    error_type: str | None
    error_message: str


class Belonging(NamedTuple):
    """What a span says about its whole trace."""

    session: str | None
    user: str | None
    tags: dict[str, str]


def outcome(raw: RawSpan) -> Outcome:
    """State and status as recorded, and the error if there was one.

    An exception event alone is no failure: a program may have caught what it recorded.
    """
    state = State.RUNNING if raw.end_ns is None else State.ENDED
    error_type = as_text(raw.attributes.get(a.ERROR_TYPE))
    if raw.status is not Status.ERROR and error_type is None:
        return Outcome(state, raw.status, None, "")
    exception = next((e.attributes for e in reversed(raw.events) if _is_exception(e)), {})
    return Outcome(
        state,
        raw.status,
        error_type or as_text(exception.get("exception.type")),
        sound(raw.status_message)
        or as_text(exception.get("exception.message"))
        or as_text(raw.attributes.get("error.message"))
        or "",
    )


def belonging(attributes: dict[str, Any]) -> Belonging:
    """Session, user and tags, each absent where nothing was said."""
    tags = {}
    for key in attributes:
        if key.startswith(a.TRACE_TAG):
            text = as_scalar_text(attributes[key])
            if text is not None:
                tags[sound(key[len(a.TRACE_TAG) :])] = text
    return Belonging(_first_id(attributes, _SESSION), _first_id(attributes, _USER), tags)


def _is_exception(event: RawEvent) -> bool:
    # The conventions name exceptions of a GenAI call `<operation>.exception`.
    return event.name == "exception" or event.name.endswith(".exception")


def _first_id(attributes: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        if key in attributes and (name := as_id(attributes[key])):
            return name
    return None

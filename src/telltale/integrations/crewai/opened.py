"""What a reader tells of something that starts."""

from typing import Any

import msgspec
from opentelemetry.trace import SpanContext


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """Name and attributes of a span to be, and what its scope must remember."""

    name: str = ""
    folded: bool = False
    """A scope without a span of its own: it serves what is around it."""
    attributes: dict[str, Any] = {}
    key: str | None = None
    source: Any = None
    purpose: str | None = None
    """Why an LLM is called inside it."""
    links: tuple[SpanContext, ...] = ()
    link_text: str = ""


def text(value: Any) -> str | None:
    """A string that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def words(result: Any) -> Any:
    """What an output says, where it is an object that holds more: those of crews and tasks."""
    return getattr(result, "raw", result)


def listed(value: Any) -> list[Any]:
    """The values of a list; of what is none, itself."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def is_crewais(cls: type) -> bool:
    """Whether a class is crewAI's own, and not derived from one of those."""
    return cls.__module__.partition(".")[0] == "crewai"


def is_stream(result: Any) -> bool:
    """Whether it is what a crew answers that works while somebody reads it."""
    return hasattr(type(result), "get_full_text")


def said(**candidates: Any) -> dict[str, Any]:
    """Keyword arguments without those that are None or empty."""
    return {key: value for key, value in candidates.items() if value not in (None, "", (), [])}

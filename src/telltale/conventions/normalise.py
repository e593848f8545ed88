"""RawSpan → Span: the one place where attributes turn into meaning.

Reading never fails and never invents: whatever a foreign program wrote, there is a span, and what
it did not say is absent.
"""

from functools import lru_cache
from types import ModuleType

from telltale.conventions import genai, openinference, openllmetry, plain, telltale
from telltale.nouns.span import RawSpan, Span

READING_VERSION = 2
"""Raised when spans would be read differently; stored with a reading, so that old spans can be
read again."""

DIALECTS = (telltale, openinference, openllmetry, genai, plain)
"""Asked in this order: the most particular first, and the last one speaks for every span."""
_REMEMBERED = 1024
"""Sets of names whose dialect is known."""
_MOST_NAMES = 100
"""Larger sets are not kept in memory."""


def normalise(raw: RawSpan) -> Span:
    """What the span means, by the first dialect that speaks for it."""
    names = tuple(raw.attributes)
    events = tuple([event.name for event in raw.events]) if raw.events else ()
    of = _known_dialect if len(names) + len(events) <= _MOST_NAMES else _dialect
    return of(raw.scope, names, events).read(raw)


def _dialect(scope: str, attributes: tuple[str, ...], events: tuple[str, ...]) -> ModuleType:
    return next(one for one in DIALECTS if one.speaks(scope, attributes, events))


_known_dialect = lru_cache(_REMEMBERED)(_dialect)
"""A program uses the same words over and over."""

"""RawSpan → Span: the one place where attributes turn into meaning.

Reading never fails and never invents: whatever a foreign program wrote, there is a span, and what
it did not say is absent.
"""

from telltale.conventions import genai, openinference, openllmetry, plain, telltale
from telltale.nouns.span import RawSpan, Span

READING_VERSION = 2
"""Raised when spans would be read differently; stored with a reading, so that old spans can be
read again."""

DIALECTS = (telltale, openinference, openllmetry, genai, plain)
"""Asked in this order: the most particular first, and the last one speaks for every span."""


def normalise(raw: RawSpan) -> Span:
    """What the span means, by the first dialect that speaks for it."""
    return next(dialect for dialect in DIALECTS if dialect.speaks(raw)).read(raw)

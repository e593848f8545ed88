"""A span that speaks no dialect of agents: an HTTP call, a database query, a user's own.

Its name is the program's, its kind is unknown: a guess would be a lie.
"""

from collections.abc import Sequence

from telltale.conventions.circumstances import belonging, outcome
from telltale.nouns.span import Kind, RawSpan, Span
from telltale.nouns.text import sound

NAME = "otel"


def speaks(scope: str, attributes: Sequence[str], events: Sequence[str]) -> bool:
    """Every span is an OpenTelemetry span."""
    return True


def read(raw: RawSpan) -> Span:
    """What can be said of any span."""
    went = outcome(raw)
    part_of = belonging(raw.attributes)
    return Span(
        dialect=NAME,
        kind=Kind.UNKNOWN,
        name=sound(raw.name),
        state=went.state,
        status=went.status,
        error_type=went.error_type,
        error_message=went.error_message,
        session=part_of.session,
        user=part_of.user,
        tags=part_of.tags,
    )

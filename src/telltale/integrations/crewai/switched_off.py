"""What becomes of the runs in whose midst autolog is switched off: what was seen of them stays."""

from telltale.conventions import attributes as names
from telltale.integrations.crewai import blocks, scopes
from telltale.tracing.live import LiveSpan

WHY = "autolog was switched off"


def cut_off() -> None:
    """End every span that is open, in whatever thread: nobody will hear of its end any more.

    It is no error, for the program goes on.
    """
    spans = [scope.span for scope in scopes.cut_all() if scope.owns_span and scope.span]
    # The innermost first, so that each lies within the one around it.
    for span in sorted([*spans, *blocks.leave_all()], key=_start_ns, reverse=True):
        span.set_attribute(names.CUT_OFF, WHY)
        span.end()


def _start_ns(span: LiveSpan) -> int:
    return getattr(span.otel, "start_time", None) or 0

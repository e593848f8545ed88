"""What stands over a trace's tree in a terminal: how it went, what it used, where it belongs."""

from collections.abc import Iterator

import msgspec

from telltale.cli.cells import fit
from telltale.cli.figures import NONE, lasted, money, tokens
from telltale.cli.measures import many, some
from telltale.nouns.span import standing
from telltale.nouns.trace import Skeleton, Trace

RED, PLAIN = "\x1b[31m", "\x1b[0m"


class Failure(msgspec.Struct, frozen=True):
    """Why a span failed."""

    kind: str = ""
    """Class of the exception, or the provider's error code."""
    message: str = ""

    @property
    def words(self) -> str:
        """In one line, as Python ends a traceback."""
        return ": ".join(" ".join(part.split()) for part in (self.kind, self.message) if part)


def went(trace: Trace) -> str:
    """The root's outcome, and how many spans failed where others did; counted as on the page."""
    outcome = standing(trace.state, trace.status).value
    failed_alone = trace.errors == int(trace.status == "error")
    return outcome if failed_alone else f"{outcome} ({many(trace.errors, 'error')})"


def heading(
    trace: Trace,
    skeleton: Skeleton,
    width: int,
    colour: bool,
    why: Failure | None = None,
    experiment: str = "",
) -> Iterator[str]:
    """Two lines, and one each for why the root failed and what the trace belongs to.

    Args:
        experiment: Its name; empty where that is not known.
    """
    first = fit(f"trace {trace.trace_id}  {went(trace)}", width).rstrip()
    yield f"{RED}{first}{PLAIN}" if colour and trace.errors else first
    used = trace.usage.input_tokens + trace.usage.output_tokens
    facts = (
        lasted(trace.duration_us, trace.state),
        many(trace.spans, "span"),
        many(trace.llm_calls, "LLM call"),
        many(trace.tool_calls, "tool call"),
        f"{tokens(used) if used or not trace.llm_calls else NONE} token{'' if used == 1 else 's'}",
        money(trace.cost_usd, trace.unpriced_calls),
    )
    yield fit("  ".join(facts), width).rstrip()
    if why is not None and why.words:
        line = fit(f"✗ {why.words}", width).rstrip()
        yield f"{RED}{line}{PLAIN}" if colour else line
    if belongs := list(_belongs(trace, skeleton, experiment)):
        yield fit("  ".join(belongs), width).rstrip()


def _belongs(trace: Trace, skeleton: Skeleton, experiment: str) -> Iterator[str]:
    if experiment:
        yield f"experiment {experiment}"
    if trace.session:
        yield f"session {trace.session}"
    if trace.user:
        yield f"user {trace.user}"
    if trace.tags:
        yield f"tags {some([f'{key}={value}' for key, value in trace.tags.items()])}"
    if skeleton.models:
        yield f"{'model' if len(skeleton.models) == 1 else 'models'} {some(skeleton.models)}"

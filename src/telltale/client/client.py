"""A server's traces as Python: nouns out, errors of ours where something is wrong."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from telltale.client.connection import Connection
from telltale.nouns.answers import Deleted, Experiments, Imported
from telltale.nouns.facets import Facets, Summary
from telltale.nouns.feedback import Feedback, FeedbackList, Source, Value
from telltale.nouns.ids import parse_feedback_id, parse_span_id, parse_trace_id
from telltale.nouns.trace import Experiment, Skeleton, SpanDetail, Trace, TracePage

PAGE = 1000


class Client(Connection):
    """What can be asked of a server and said to it; a connection, with its errors."""

    def experiments(self) -> tuple[Experiment, ...]:
        """All experiments with the number of their traces."""
        return self.ask("experiments", Experiments).experiments

    def traces(
        self,
        experiment: str | int | None = None,
        limit: int | None = None,
        filter_: str = "",
        sort: str = "start",
        *,
        smallest_first: bool = False,
    ) -> Iterator[Trace]:
        """Traces, newest first or as is asked, as many pages as are taken.

        Args:
            experiment: Id or name; None for all.
            limit: At most so many; None for all.
            filter_: Which of them, as docs/filter.md says; all without it.
            sort: `start`, `duration`, `cost`, `tokens` or `feedback.<name>`.
        """
        ordered = {"sort": sort, "order": "asc" if smallest_first else "desc"}
        left, cursor = limit, None
        while left is None or left > 0:
            size = PAGE if left is None else min(left, PAGE)
            asked = {"experiment": experiment, "filter": filter_ or None, "limit": size}
            page = self.ask("traces", TracePage, asked | ordered | {"cursor": cursor})
            yield from page.traces
            left = None if left is None else left - len(page.traces)
            cursor = page.next
            if cursor is None:
                return

    def facets(self, experiment: str | int | None = None, filter_: str = "") -> Facets:
        """The values that the traces of which a filter is true have, with counts."""
        return self.ask("facets", Facets, {"experiment": experiment, "filter": filter_ or None})

    def summary(
        self,
        experiment: str | int | None = None,
        filter_: str = "",
        by: str | None = None,
        every: str | None = None,
    ) -> Summary:
        """Counts, tokens, cost and percentiles of the traces of which a filter is true.

        Args:
            by: A field of text to group by, such as `model`, or `tag.<key>`.
            every: Stretches of time to sum up by themselves, such as `1h`.
        """
        query = {"experiment": experiment, "filter": filter_ or None, "by": by, "every": every}
        return self.ask("summary", Summary, query)

    def trace(self, trace_id: str) -> Trace:
        """One trace's row."""
        return self.ask(f"traces/{parse_trace_id(trace_id).hex()}", Trace)

    def skeleton(self, trace_id: str, since: int = 0) -> Skeleton:
        """One trace without its bodies; only what changed after `since`."""
        return self.ask(
            f"traces/{parse_trace_id(trace_id).hex()}/skeleton", Skeleton, {"since": since}
        )

    def span(self, trace_id: str, span: str | int) -> SpanDetail:
        """One span with its body.

        Args:
            span: Its ordinal in the trace as a number, or its id as hex.
        """
        wanted = str(span) if isinstance(span, int) else parse_span_id(span).hex()
        return self.ask(f"traces/{parse_trace_id(trace_id).hex()}/spans/{wanted}", SpanDetail)

    def export(
        self, experiment: str | int | None = None, trace_id: str | None = None
    ) -> Iterator[str]:
        """OTLP JSON, one trace a line, without the line's end; read as it arrives."""
        yield from self.lines("export", {"experiment": experiment, "trace": trace_id})

    def import_lines(self, lines: bytes) -> Imported:
        """Store traces as `export` has written them, one a line; the same again changes nothing."""
        headers = {"Content-Type": "application/x-ndjson"}
        return self.answer("POST", "import", Imported, content=lines, headers=headers)

    def feedback(self, trace_id: str) -> tuple[Feedback, ...]:
        """What was said of a trace, the oldest first."""
        return self.ask(_place(trace_id, "feedback"), FeedbackList).feedback

    def add_feedback(
        self,
        trace_id: str,
        name: str,
        value: Value,
        *,
        span_id: str | None = None,
        source: Source = Source.HUMAN,
        source_id: str = "",
        rationale: str = "",
        feedback_id: str | None = None,
    ) -> Feedback:
        """Say something of a trace, or of one of its spans.

        Args:
            name: What is judged: `helpful`, `correctness`.
            source: What kind of somebody says it, and `source_id` who.
            rationale: Why, in words.
            feedback_id: 32 hex digits; the same again is the same feedback, said anew.
        """
        said = {
            "name": name,
            "value": value,
            "span": span_id,
            "source": source,
            "source_id": source_id,
            "rationale": rationale,
            "feedback_id": feedback_id,
        }
        return self.tell(_place(trace_id, "feedback"), said, Feedback)

    def remove_feedback(self, trace_id: str, feedback_id: str) -> tuple[Feedback, ...]:
        """Take back what was said; answer what is left."""
        path = _place(trace_id, f"feedback/{parse_feedback_id(feedback_id).hex()}")
        return self.answer("DELETE", path, FeedbackList).feedback

    def change_tags(
        self, trace_id: str, given: Mapping[str, str], taken: Iterable[str] = ()
    ) -> Trace:
        """Give a trace tags, and take some away; answer its row."""
        said = {"set": dict(given), "remove": list(taken)}
        return self.tell(_place(trace_id, "tags"), said, Trace)

    def delete(self, trace_ids: Iterable[str]) -> int:
        """Delete traces; answer how many of them were there."""
        ids = [parse_trace_id(one).hex() for one in trace_ids]
        return self.tell("traces/delete", {"trace_ids": ids}, Deleted).traces

    def delete_where(self, experiment: str | int | None = None, filter_: str = "") -> int:
        """Delete the traces of an experiment of which a filter is true; answer how many.

        Without either, that is all traces of the server.
        """
        asked: dict[str, Any] = {} if experiment is None else {"experiment": str(experiment)}
        asked |= {"filter": filter_, "all": not (asked or filter_)}
        return self.tell("traces/delete", asked, Deleted).traces


def _place(trace_id: str, what: str) -> str:
    """The path of something that a trace has."""
    return f"traces/{parse_trace_id(trace_id).hex()}/{what}"

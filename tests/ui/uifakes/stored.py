"""Lines of a drawing as a stored trace: its row, its skeleton, its spans."""

from collections.abc import Sequence

import msgspec

from telltale.nouns.span import Kind, Span, State, Status
from telltale.nouns.trace import Skeleton, SpanDetail, Trace, steps
from telltale.nouns.usage import Usage, usd
from uifakes.crew import Line, detail_of, span_of

STATES = [State.ENDED, State.RUNNING, State.LOST]
STATUSES = [Status.UNSET, Status.OK, Status.ERROR]
MODEL_KINDS = (Kind.LLM, Kind.EMBEDDING)


class Stored(msgspec.Struct):
    """A trace that can grow: rows remember the `seq` at which they changed."""

    trace_id: str
    base_us: int
    experiment_id: int = 0
    session: str | None = None
    user: str | None = None
    tags: dict[str, str] = {}
    lines: list[Line] = []
    spans: list[Span] = []
    seqs: list[int] = []

    def add(self, lines: Sequence[Line], seq: int, state: State = State.ENDED) -> None:
        """Spans arrive, in the order drawn."""
        for line in lines:
            self.lines.append(line)
            self.spans.append(span_of(line, state))
            self.seqs.append(seq)

    def end(self, ordinal: int, seq: int, length_ms: float) -> None:
        """A span that ran has ended."""
        line = msgspec.structs.replace(self.lines[ordinal], length_ms=length_ms)
        self.lines[ordinal], self.spans[ordinal], self.seqs[ordinal] = line, span_of(line), seq

    def row(self) -> Trace:
        """Totals, as the list shows them."""
        root, line = self.spans[0], self.lines[0]
        called = [
            span for span in self.spans if span.kind in MODEL_KINDS and span.state is State.ENDED
        ]
        usage = sum((span.usage for span in called if span.usage), Usage())
        costs = [span.cost.pico_usd for span in called if span.cost]
        return Trace(
            trace_id=self.trace_id,
            experiment_id=self.experiment_id,
            name=root.name,
            kind=root.kind.value,
            state=root.state,
            status=root.status,
            errors=sum(span.status is Status.ERROR for span in self.spans),
            input=" ".join((root.inputs or "").split())[:240],
            output=" ".join((root.outputs or "").split())[:240],
            start_us=self.base_us,
            duration_us=round(line.length_ms * 1000) if root.state is State.ENDED else None,
            spans=len(self.spans),
            llm_calls=sum(span.kind is Kind.LLM for span in self.spans),
            tool_calls=sum(span.kind is Kind.TOOL for span in self.spans),
            usage=usage,
            cost_usd=usd(sum(costs)) if costs else None,
            unpriced_calls=len(called) - len(costs),
            session=self.session,
            user=self.user,
            tags=self.tags,
            seq=max(self.seqs),
        )

    def skeleton(self, since: int, seq: int) -> Skeleton:
        """Columns of the rows that changed after `since`."""
        rows = [i for i, changed in enumerate(self.seqs) if changed > since]
        names, kinds, models = ({}, {}, {})  # type: dict[str, int], dict[str, int], dict[str, int]
        parents = self.parents()
        spans = [self.spans[i] for i in rows]
        tokens = [span.usage or Usage(-1, -1, -1) for span in spans]
        columns = {
            "name": tuple(names.setdefault(span.name, len(names)) for span in spans),
            "kind": tuple(kinds.setdefault(span.kind.value, len(kinds)) for span in spans),
            "model": tuple(
                -1 if span.model is None else models.setdefault(span.model, len(models))
                for span in spans
            ),
            "label": tuple(span.label for span in spans),
            "state": tuple(STATES.index(span.state) for span in spans),
            "status": tuple(STATUSES.index(span.status) for span in spans),
            "input_tokens": tuple(usage.input_tokens for usage in tokens),
            "cached_tokens": tuple(usage.cache_read_tokens for usage in tokens),
            "output_tokens": tuple(usage.output_tokens for usage in tokens),
            "cost_nano_usd": tuple(
                -1 if span.cost is None else span.cost.pico_usd // 1000 for span in spans
            ),
        }
        return Skeleton(
            trace_id=self.trace_id,
            seq=seq,
            base_us=self.base_us,
            names=tuple(names),
            kinds=tuple(kinds),
            models=tuple(models),
            ordinal_step=steps(rows),
            parent=tuple(parents[i] for i in rows),
            start_step=steps([round(self.lines[i].start_ms * 1000) for i in rows]),
            duration=tuple(
                round(self.lines[i].length_ms * 1000) if self.spans[i].state is State.ENDED else -1
                for i in rows
            ),
            **columns,
        )

    def detail(self, which: str) -> SpanDetail | None:
        """One span, by ordinal or by id."""
        ids = [self.span_id(i) for i in range(len(self.lines))]
        ordinal = ids.index(which) if which in ids else int(which) if which.isdigit() else -1
        if not 0 <= ordinal < len(ids):
            return None
        parent = self.parents()[ordinal]
        return detail_of(
            self.lines[ordinal],
            self.spans[ordinal],
            ordinal=ordinal,
            span_id=ids[ordinal],
            parent_id=ids[parent] if parent >= 0 else None,
            base_us=self.base_us,
        )

    def span_id(self, ordinal: int) -> str:
        """Made up, but like one."""
        return f"{self.trace_id[:8]}{ordinal + 0xA000:08x}"

    def parents(self) -> list[int]:
        """Each line's parent: the nearest one above that is less deep; -1 for a root."""
        path: list[int] = []
        parents = []
        for i, line in enumerate(self.lines):
            del path[line.depth :]
            parents.append(path[-1] if path else -1)
            path.append(i)
        return parents

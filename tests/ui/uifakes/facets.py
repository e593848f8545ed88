"""What traces are told apart by, as far as the fake server goes; the real one is the store's."""

from collections import Counter
from collections.abc import Iterable

from telltale.nouns.answers import Completion, Proposal
from telltale.nouns.facets import Facets, FacetValue
from telltale.nouns.span import Kind, standing
from telltale.query.complete import choices_like, field_at, fields_like, spot
from telltale.query.write import quoted
from uifakes.stored import Stored

NAMED = {field: Kind(field) for field in ("flow", "crew", "task", "agent", "tool")}
"""Fields whose values are names of spans of a kind."""


def values(trace: Stored, field: str, key: str = "") -> set[str]:
    """All values of a field that a trace has."""
    root = trace.spans[0]
    if field in NAMED:
        return {span.name for span in trace.spans if span.kind is NAMED[field]}
    found: Iterable[str | None]
    match field:
        case "status":
            found = (standing(root.state, root.status).value,)
        case "name":
            found = (root.name,)
        case "session" | "user":
            found = (getattr(trace, field),)
        case "tag":
            found = (trace.tags.get(key),)
        case "kind":
            found = (span.kind.value for span in trace.spans)
        case "error":
            found = (span.error_type for span in trace.spans)
        case "model" | "provider":
            found = (getattr(span, field) for span in trace.spans)
        case _:
            raise NotImplementedError(field)
    return {value for value in found if value}


def counted(traces: Iterable[Stored], field: str, key: str = "") -> list[tuple[str, int]]:
    """Values with the number of traces that have them, those of most first."""
    counts = Counter(value for trace in traces for value in values(trace, field, key))
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


TOLD = ("status", "crew", "flow", "agent", "model", "provider", "tool", "error", "user")


def facets(found: list[Stored], limit: int, most: int | None) -> Facets:
    """The values that some traces have, counted of `most` at most."""
    traces = found[:most]
    tags = sorted({key for trace in traces for key in trace.tags})
    fields = {field: counted(traces, field) for field in TOLD}
    fields |= {f"tag.{key}": counted(traces, "tag", key) for key in tags}
    return Facets(
        {
            field: tuple(FacetValue(value, n) for value, n in found[:limit])
            for field, found in fields.items()
            if found
        },
        len(traces),
        len(traces) == len(found),
    )


def completion(traces: list[Stored], text: str) -> Completion:
    """What may follow on the text."""
    here = spot(text)
    if here is None:
        return Completion(len(text), ())
    if here.field == "" and here.written.startswith("tag.") and not here.of_span:
        keys = Counter(key for trace in traces for key in trace.tags)
        return Completion(
            here.start, tuple(Proposal(f"tag.{key}:", traces=n) for key, n in sorted(keys.items()))
        )
    if here.field == "":
        fields = fields_like(here.written, of_span=here.of_span)
        return Completion(here.start, tuple(fields))
    field = field_at(here)
    if field is None:
        return Completion(here.start, ())
    choices = choices_like(field, here.written)
    if choices and choices[0].text == "":
        return Completion(here.start, tuple(choices))
    counts = dict(counted(traces, here.field, here.key))
    if choices:
        return Completion(
            here.start, tuple(Proposal(one.text, traces=counts.get(one.text)) for one in choices)
        )
    beginning = here.written.lower()
    return Completion(
        here.start,
        tuple(
            Proposal(quoted(value), traces=n)
            for value, n in counts.items()
            if value.lower().startswith(beginning)
        ),
    )

"""What a filter is true of, as far as the fake server goes: words, and fields with a text."""

from telltale.query.ast import And, Begins, Filter, Is, Not, Or, Term, Text
from uifakes.facets import values
from uifakes.stored import Stored


def is_true(of: Filter, trace: Stored) -> bool:
    """Whether the filter is true of a trace; the real one is the store's."""
    match of:
        case And(parts):
            return all(is_true(part, trace) for part in parts)
        case Or(parts):
            return any(is_true(part, trace) for part in parts)
        case Not(part):
            return not is_true(part, trace)
        case Text(text):
            row = trace.row()
            return text.lower() in f"{row.name} {row.input}".lower()
        case Term("trace", Is(value)):
            return trace.trace_id == value
        case Term(field, Is(value), key):
            return str(value).lower() in map(str.lower, values(trace, field, key))
        case Term(field, Begins(text), key):
            return any(
                value.lower().startswith(text.lower()) for value in values(trace, field, key)
            )
    raise NotImplementedError(of)

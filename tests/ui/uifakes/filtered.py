"""What a filter is true of, as far as the fake server goes: crew, status, kind of error, words."""

from telltale.nouns.trace import Trace
from telltale.query.ast import And, Begins, Filter, Is, Not, Or, Term, Text


def is_true(of: Filter, row: Trace) -> bool:
    """Whether the filter is true of a trace; the real one is the store's."""
    match of:
        case And(parts):
            return all(is_true(part, row) for part in parts)
        case Or(parts):
            return any(is_true(part, row) for part in parts)
        case Not(part):
            return not is_true(part, row)
        case Text(text):
            return text.lower() in f"{row.name} {row.input}".lower()
        case Term("crew", Is(value)):
            return row.name.lower() == str(value).lower()
        case Term("crew", Begins(text)):
            return row.name.lower().startswith(text.lower())
        case Term("status", Is(value)):
            return value in (row.state.value, row.status.value)
    raise NotImplementedError(of)

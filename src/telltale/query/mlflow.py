"""Read a filter as MLflow's `search_traces` writes it, into the same values as our own language.

    trace.status = 'ERROR' AND tags.env = 'prod' AND span.type = 'TOOL'

Conditions are joined by AND alone. What MLflow can ask and we cannot is refused with its place, and
what to ask instead; nothing is left out silently. Texts are compared with their case aside, as
everywhere here. https://mlflow.org/docs/latest/genai/tracing/search-traces/
"""

import re
from collections.abc import Callable
from decimal import Decimal

from telltale.conventions.kinds import kind_of_span_type
from telltale.nouns.nearest import nearest
from telltale.nouns.span import Kind, Standing
from telltale.query.ast import (
    EVERYTHING,
    And,
    At,
    Begins,
    Compared,
    Filter,
    Is,
    Not,
    OneSpan,
    Or,
    Order,
    Term,
    Text,
    Within,
)
from telltale.query.mlflow_conditions import Condition, bad, conditions_of
from telltale.query.parse import BadFilter
from telltale.query.values import MOST, read_trace_id
from telltale.query.words import folded

_PART = re.compile(r'`([^`]*)`|"([^"]*)"|([\w/-]+)')
_MS = 10**6
_EQUAL, _UNEQUAL = frozenset(("=",)), frozenset(("!=", "<>"))
_ORDERS = {order.value: order for order in Order}
_LIKE = frozenset(("LIKE", "ILIKE"))
_STATUSES = {
    "OK": Standing.OK,
    "ERROR": Standing.ERROR,
    "IN_PROGRESS": Standing.RUNNING,
}
_UNSET = frozenset(("UNSET", "STATE_UNSPECIFIED"))
"""What has ended well without having said so is OK here."""
_ENTITIES = {
    "attribute": "trace",
    "attributes": "trace",
    "attr": "trace",
    "trace": "trace",
    "tag": "tag",
    "tags": "tag",
    "metadata": "metadata",
    "request_metadata": "metadata",
    "trace_metadata": "metadata",
    "span": "span",
    "spans": "span",
    "feedback": "feedback",
}
_OF_A_TRACE = {
    "status": "status",
    "state": "status",
    "name": "name",
    "timestamp": "time",
    "timestamp_ms": "time",
    "request_time": "time",
    "execution_time": "duration",
    "execution_time_ms": "duration",
    "execution_duration": "duration",
    "trace_id": "trace",
    "request_id": "trace",
    "text": "text",
}
_OF_A_SPAN = {"name": "name", "type": "kind", "status": "status", "content": "text"}
_METADATA = {"mlflow.trace.session": "session", "mlflow.trace.user": "user"}
_TAGS = {"mlflow.traceName": "name"}


def parse_mlflow(text: str) -> Filter:
    """Read one of MLflow's filters; the empty one leaves nothing out.

    Raises:
        BadFilter: If it is none, or asks what cannot be asked here.
    """
    parts = tuple(_filter(condition, text) for condition in conditions_of(text))
    if not parts:
        return EVERYTHING
    return parts[0] if len(parts) == 1 else And(parts)


def _filter(condition: Condition, text: str) -> Filter:
    entity, key = _place(condition, text)
    name = {"trace": _OF_A_TRACE, "span": _OF_A_SPAN}.get(entity, {}).get(key)
    if entity == "metadata":
        name = _METADATA.get(key)
    elif entity == "tag" and key in _TAGS:
        entity, name = "trace", _TAGS[key]
    if entity in ("tag", "feedback"):
        return _keyed(condition, text, entity, key)
    if name is None:
        raise _unknown(condition, text, entity, key)
    made = _MAKERS[name](condition, text, name)
    return OneSpan(made) if entity == "span" else made


def _place(condition: Condition, text: str) -> tuple[str, str]:
    """What a field belongs to, and its name there."""
    first, *rest = ["".join(found) for found in _PART.findall(condition.field)]
    if not rest:
        return "trace", first
    entity = _ENTITIES.get(first.lower())
    if entity is None:
        raise bad(
            text,
            condition.at,
            f"nothing is called {first!r}",
            "trace., tags., metadata., span. or feedback., and a name behind it",
            nearest(first, _ENTITIES),
        )
    return entity, ".".join(rest)


def _unknown(condition: Condition, text: str, entity: str, key: str) -> BadFilter:
    known = {"trace": _OF_A_TRACE, "span": _OF_A_SPAN, "metadata": _METADATA}[entity]
    suggestions = tuple(f"{entity}.{name}" for name in nearest(key, known))
    hint = " (an attribute is looked for by its words: span.content LIKE '%…%')"
    return bad(
        text,
        condition.at,
        f"{condition.field!r} cannot be asked for",
        f"one of {', '.join(f'{entity}.{name}' for name in known)}"
        + (hint if entity == "span" else ""),
        suggestions,
    )


def _named(condition: Condition, text: str, field: str) -> Filter:
    return _texts(condition, text, lambda test: Term(field, test))


def _keyed(condition: Condition, text: str, field: str, key: str) -> Filter:
    """A tag or a feedback; unequal is what is there, and is another."""
    there = Term(field, Begins(""), key)
    if condition.comparison == "IS NOT NULL":
        return there
    if condition.comparison == "IS NULL":
        return Not(there)
    if condition.comparison in _ORDERS and field == "feedback":
        number = _number(condition, text)
        return Term(field, Compared(_ORDERS[condition.comparison], number), key)
    found = _texts(condition, text, lambda test: Term(field, test, key), numbers=field)
    return And((there, found)) if isinstance(found, Not) else found


def _texts(
    condition: Condition,
    text: str,
    term: Callable[[Is | Begins], Filter],
    numbers: str = "",
) -> Filter:
    """Equality, a list, or a beginning."""
    comparison = condition.comparison
    values = [
        value if numbers == "feedback" else _text(value, condition, text)
        for value in condition.values
    ]
    if comparison in _LIKE:
        return term(_pattern(condition, text))
    terms = tuple(term(Is(value)) for value in values)
    either = terms[0] if len(terms) == 1 else Or(terms)
    if comparison in _EQUAL or comparison == "IN":
        return either
    if comparison in _UNEQUAL or comparison == "NOT IN":
        return Not(either)
    raise _uncomparable(condition, text, "=, !=, IN, NOT IN, or LIKE 'begins so%'")


def _pattern(condition: Condition, text: str) -> Is | Begins:
    value = _text(condition.values[0], condition, text)
    beginning = value.removesuffix("%")
    if "%" in beginning or "_" in beginning.replace("\\_", ""):
        raise bad(
            text,
            condition.value_at,
            f"{value!r} may begin in any way",
            "a '%' at the end alone; words are looked for by trace.text LIKE '%word%'",
        )
    beginning = beginning.replace("\\_", "_")
    return Begins(beginning) if value.endswith("%") else Is(beginning)


def _words(condition: Condition, text: str, _: str) -> Filter:
    """`LIKE '%words%'`: where they stand as words."""
    if condition.comparison not in _LIKE:
        raise _uncomparable(condition, text, "LIKE '%words%'")
    value = _text(condition.values[0], condition, text).strip("%")
    if not folded(value) or "%" in value:
        raise bad(text, condition.value_at, f"{value!r} holds no words alone", "LIKE '%words%'")
    return Text(value)


def _status(condition: Condition, text: str, _: str) -> Filter:
    return _choice(condition, text, "status", {name: s.value for name, s in _STATUSES.items()})


def _kind(condition: Condition, text: str, _: str) -> Filter:
    known = {kind.value.upper(): kind.value for kind in Kind}
    for value in map(str, condition.values):
        if (kind := kind_of_span_type(value)) is not Kind.UNKNOWN:
            known[value.upper()] = kind.value
    return _choice(condition, text, "kind", known)


def _choice(condition: Condition, text: str, field: str, known: dict[str, str]) -> Filter:
    for value in condition.values:
        if str(value).upper() not in known:
            raise bad(
                text,
                condition.value_at,
                f"{value!r} is no {field}",
                f"one of {', '.join(known)}",
                ("OK",) if value in _UNSET else nearest(str(value).upper(), known),
            )
    if condition.comparison in _LIKE:
        raise _uncomparable(condition, text, "=, !=, IN or NOT IN")
    return _texts(
        condition,
        text,
        lambda test: (
            Term(field, Is(known[test.value.upper()]))
            if isinstance(test, Is) and isinstance(test.value, str)
            else Term(field, test)
        ),
    )


def _trace(condition: Condition, text: str, _: str) -> Filter:
    def term(test: Is | Begins) -> Filter:
        found = read_trace_id(str(test.value)) if isinstance(test, Is) else None
        if found is None:
            raise bad(text, condition.value_at, "this is no trace id", "tr- and 32 hex digits")
        return Term("trace", Is(found))

    return _texts(condition, text, term)


def _duration(condition: Condition, text: str, _: str) -> Filter:
    """Milliseconds; a whole one is all of it, for ours are shorter."""
    low = _whole(condition, text)
    all_of_it = Term("duration", Within(low, low + _MS - 1))
    if condition.comparison in _EQUAL:
        return all_of_it
    if condition.comparison in _UNEQUAL:
        return Not(all_of_it)
    order = _order(condition, text)
    is_behind = order in (Order.ABOVE, Order.AT_MOST)
    return Term("duration", Compared(order, low + _MS - 1 if is_behind else low))


def _time(condition: Condition, text: str, _: str) -> Filter:
    """Milliseconds since 1970; a whole one is all of it, for ours are shorter."""
    low = _whole(condition, text)
    since, after = Term("since", At(low)), Term("since", At(low + _MS))
    if condition.comparison in _EQUAL:
        return And((since, Not(after)))
    if condition.comparison in _UNEQUAL:
        return Or((Not(since), after))
    match _order(condition, text):
        case Order.ABOVE:
            return after
        case Order.AT_LEAST:
            return since
        case Order.BELOW:
            return Not(since)
        case Order.AT_MOST:
            return Not(after)


_MAKERS: dict[str, Callable[[Condition, str, str], Filter]] = {
    "status": _status,
    "kind": _kind,
    "name": _named,
    "session": _named,
    "user": _named,
    "time": _time,
    "duration": _duration,
    "trace": _trace,
    "text": _words,
}


def _order(condition: Condition, text: str) -> Order:
    order = _ORDERS.get(condition.comparison)
    if order is None:
        raise _uncomparable(condition, text, "=, !=, >, >=, < or <=")
    return order


def _whole(condition: Condition, text: str) -> int:
    """Nanoseconds of a whole number of milliseconds."""
    number = _number(condition, text)
    if number != number.to_integral_value() or not 0 <= number <= MOST // _MS - 1:
        raise bad(text, condition.value_at, f"{number} is none", "whole milliseconds")
    return int(number) * _MS


def _number(condition: Condition, text: str) -> Decimal:
    value = condition.values[0] if len(condition.values) == 1 else None
    if not isinstance(value, Decimal):
        raise bad(text, condition.value_at, f"{condition.field!r} is a number", "a number")
    return value


def _text(value: str | Decimal, condition: Condition, text: str) -> str:
    if not isinstance(value, str):
        raise bad(text, condition.value_at, f"{condition.field!r} is a text", f"'{value}'")
    return value


def _uncomparable(condition: Condition, text: str, expected: str) -> BadFilter:
    return bad(
        text,
        condition.at,
        f"{condition.field!r} cannot be compared by {condition.comparison}",
        expected,
    )

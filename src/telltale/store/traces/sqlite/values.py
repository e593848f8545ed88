"""Whether the value of a column is what a term of a filter asks for."""

import operator
from collections.abc import Callable
from typing import Any

from telltale.query.ast import Ago, At, Begins, Compared, Is, Order, Term, Within
from telltale.query.fields import FIELDS, Reading

_COMPARE: dict[Order, Callable[[Any, Any], bool]] = {
    Order.ABOVE: operator.gt,
    Order.AT_LEAST: operator.ge,
    Order.BELOW: operator.lt,
    Order.AT_MOST: operator.le,
}
_YES, _NO = (1, "yes", "true"), (0, "no", "false")
_TRUTHS = {"yes": _YES, "true": _YES, "no": _NO, "false": _NO}
"""What is said by yes and no is kept as 1 and 0."""


def is_true_of(term: Term, now_ns: int) -> Callable[[Any], bool]:
    """What to ask of a value that is there.

    Args:
        now_ns: Unix time, nanoseconds, that `Ago` counts from.
    """
    test = term.test
    if isinstance(test, At | Ago):
        moment = test.time_ns if isinstance(test, At) else now_ns - test.duration_ns
        return (lambda value: value >= moment) if term.field == "since" else moment.__gt__
    if isinstance(test, Begins):
        beginning = test.text.casefold()
        if not beginning:
            return lambda _: True  # Whatever is there, a number also.
        return lambda value: isinstance(value, str) and value.casefold().startswith(beginning)
    if isinstance(test, Is) and isinstance(test.value, str):
        wanted = test.value.casefold()
        if FIELDS[term.field].reading is Reading.SCORE and wanted in _TRUTHS:
            truth = _TRUTHS[wanted]
            return lambda value: (value.casefold() if isinstance(value, str) else value) in truth
        return lambda value: isinstance(value, str) and value.casefold() == wanted
    return _of_number(test)


def _of_number(test: Is | Compared | Within) -> Callable[[Any], bool]:
    if isinstance(test, Within):
        low, high = _as_stored(test.low), _as_stored(test.high)
        return lambda value: not isinstance(value, str) and low <= value <= high
    compare = operator.eq if isinstance(test, Is) else _COMPARE[test.order]
    wanted = _as_stored(test.value)
    return lambda value: not isinstance(value, str) and compare(value, wanted)


def _as_stored(number: Any) -> int | float:
    # Scores are floats there, and 0.1 is no float: the nearest one is meant.
    return number if isinstance(number, int) else float(number)

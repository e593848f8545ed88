"""The values of fields as people write them, and back again: `1.5s`, `0.02`, `10k`, `2026-11-03`.

What is written of a value is read as that value: no digit is lost on the way.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

from telltale.nouns.errors import BadId
from telltale.nouns.ids import parse_trace_id
from telltale.nouns.usage import usd
from telltale.query.ast import Ago, At
from telltale.query.fields import Field, Reading

MOST = 2**63 - 1
"""What a store's integers hold."""
_UNITS_NS = {
    "d": 86_400 * 10**9,
    "h": 3_600 * 10**9,
    "m": 60 * 10**9,
    "s": 10**9,
    "ms": 10**6,
    "us": 10**3,
    "ns": 1,
}
"""The largest first."""
_DECIMAL = r"\d{1,19}(?:\.\d{1,18})?|\.\d{1,18}"
_NUMBER = re.compile(rf"[-+]?(?:{_DECIMAL})", re.ASCII)
_COUNT = re.compile(rf"({_DECIMAL})([kKmM]?)", re.ASCII)
_DURATION = re.compile(rf"({_DECIMAL})(d|h|m|s|ms|us|µs|ns)", re.ASCII)
_MONEY = re.compile(rf"\$?({_DECIMAL})", re.ASCII)
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt](\d\d:\d\d)(?:(:\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SUFFIXES = {"": 1, "k": 1_000, "m": 1_000_000}

EXPECTED = {
    Reading.COUNT: "a whole number such as 12, 10k or 1.5m",
    Reading.DURATION: "a duration with its unit, such as 5s, 250ms, 1.5h or 2d",
    Reading.MONEY: "US dollars, such as 0.02 or 5, with at most 12 decimals",
    Reading.SCORE: "a number such as 0.5, yes or no, or a text",
    Reading.MOMENT: "a time such as 2026-11-03 or 2026-11-03T14:00:00Z, or how long ago: 30m, 2d",
    Reading.TRACE_ID: "a trace id of 32 hex digits, or at least 4 of them and a *",
}
"""What is said where a value cannot be read."""


def read_number(text: str, field: Field) -> int | Decimal | None:
    """A number in the field's own unit; None where it is none."""
    if field.reading is Reading.COUNT:
        return _scaled(_COUNT.fullmatch(text), _SUFFIXES)
    if field.reading is Reading.DURATION:
        return read_duration(text)
    if field.reading is Reading.MONEY:
        match = _MONEY.fullmatch(text)
        return _whole(match[1], 10**12) if match else None
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def write_number(value: int | Decimal, field: Field) -> str:
    """As `read_number` reads it."""
    if field.reading is Reading.DURATION:
        return write_duration(int(value))
    if field.reading is Reading.MONEY:
        return usd(int(value))
    return str(value) if isinstance(value, int) else f"{value:f}"


def read_duration(text: str) -> int | None:
    """Nanoseconds; None where it is no duration."""
    match = _DURATION.fullmatch(text.replace("µs", "us"))
    return _scaled(match, _UNITS_NS)


def write_duration(duration_ns: int) -> str:
    """In the largest unit that needs no fraction."""
    unit = next(unit for unit, size in _UNITS_NS.items() if duration_ns % size == 0)
    return f"{duration_ns // _UNITS_NS[unit]}{unit}" if duration_ns else "0s"


def read_moment(text: str) -> At | Ago | None:
    """A time, in UTC where no zone is given, or how long ago; None where it is neither."""
    if (ago := read_duration(text)) is not None:
        return Ago(ago)
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    day, minute, second, fraction, zone = match.groups()
    offset = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ':00'}{offset}")
        since = moment - _EPOCH
    except (ValueError, OverflowError):
        return None
    time_ns = (since // timedelta(seconds=1)) * 10**9 + int((fraction or "").ljust(9, "0"))
    return At(time_ns) if 0 <= time_ns <= MOST else None


def write_moment(moment: At | Ago) -> str:
    """As `read_moment` reads it."""
    if isinstance(moment, Ago):
        return write_duration(moment.duration_ns)
    seconds, fraction = divmod(moment.time_ns, 10**9)
    written = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{written}.{fraction:09d}".rstrip("0") + "Z" if fraction else f"{written}Z"


def read_trace_id(text: str) -> str | None:
    """32 hex digits; None where it is no id of a trace."""
    try:
        return parse_trace_id(text).hex()
    except BadId:
        return None


def _scaled(match: re.Match[str] | None, sizes: dict[str, int]) -> int | None:
    return _whole(match[1], sizes[match[2].lower()]) if match else None


def _whole(digits: str, size: int) -> int | None:
    """So many times a size; None where that is not whole, or more than a store can hold."""
    with localcontext(prec=60):
        number = Decimal(digits) * size
        return int(number) if number == number.to_integral_value() and number <= MOST else None

"""Ids: bytes inside, lower-case hex outside; MLflow's `tr-<hex>` is accepted everywhere."""

from telltale.nouns.errors import BadId

TRACE_ID_BYTES = 16
SPAN_ID_BYTES = 8
FEEDBACK_ID_BYTES = 16


def parse_trace_id(text: str) -> bytes:
    """Read a trace id given as `<32 hex>` or `tr-<32 hex>`.

    Raises:
        BadId: If it is anything else, or zero.
    """
    return _parse(text.strip().removeprefix("tr-"), TRACE_ID_BYTES, "trace", text)


def parse_span_id(text: str) -> bytes:
    """Read a span id given as 16 hex digits.

    Raises:
        BadId: If it is anything else, or zero.
    """
    return _parse(text.strip(), SPAN_ID_BYTES, "span", text)


def parse_feedback_id(text: str) -> bytes:
    """Read the id of a feedback given as 32 hex digits.

    Raises:
        BadId: If it is anything else, or zero.
    """
    return _parse(text.strip(), FEEDBACK_ID_BYTES, "feedback", text, "feedback list")


def _parse(digits: str, size: int, noun: str, given: str, command: str = "traces list") -> bytes:
    expected = f"{2 * size} hexadecimal digits, not all zero"
    try:
        value = bytes.fromhex(digits)
    except ValueError:
        value = b""
    if len(value) != size or not any(value) or len(digits) != 2 * size:
        raise BadId(
            f"{noun} id {given!r}: expected {expected}",
            given=given,
            expected=expected,
            remedy=f"copy the id from the page or from `telltale {command}`",
        )
    return value

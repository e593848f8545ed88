"""Where a page ended, in a form that nobody is tempted to build by hand.

It carries what was asked, so that a cursor of another list is refused and not followed.
"""

import base64
from typing import TypeVar

import msgspec

from telltale.nouns.errors import BadInput


class ListCursor(msgspec.Struct, frozen=True, array_like=True, tag="list"):
    """Goes on below the last trace of a page of the list."""

    experiment_id: int | None
    asked: str
    """What filter and order are known by."""
    value: int
    """Of what the list is ordered by."""
    trace_no: int


class RawCursor(msgspec.Struct, frozen=True, array_like=True, tag="raw"):
    """Goes on after the last trace of a batch of the export."""

    experiment_id: int | None
    trace_no: int


Cursor = TypeVar("Cursor", ListCursor, RawCursor)


def write_cursor(cursor: ListCursor | RawCursor) -> str:
    """As text that fits into a URL."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode().rstrip("=")


def read_cursor(text: str, like: Cursor) -> Cursor:
    """The cursor that `write_cursor` wrote for the same question.

    Args:
        like: A cursor of that question, whatever its place.

    Raises:
        BadInput: If it is anything else.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
        cursor = msgspec.msgpack.decode(data, type=type(like))
    except (ValueError, msgspec.MsgspecError):
        cursor = None
    if cursor is None or _asked(cursor) != _asked(like):
        raise BadInput(
            f"cursor {text[:80]!r} is not one of this list; "
            "use `next` of the page before, or leave it out to start again",
            given=text[:80],
            expected="`next` of the page before, with the same experiment, filter and order",
            remedy="leave the cursor out to start again",
        )
    return cursor


def _asked(cursor: ListCursor | RawCursor) -> tuple[int | None, str]:
    return cursor.experiment_id, getattr(cursor, "asked", "")

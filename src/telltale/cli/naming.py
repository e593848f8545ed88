"""Which trace is meant by an id, or by its first digits, as `telltale traces list` shows them."""

import re

from telltale.cli.measures import some
from telltale.client.client import Client
from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.ids import parse_trace_id

FEWEST = 4
_BEGINNING = re.compile("[0-9a-f]{1,31}")
_MOST_TOLD = 10


def named(client: Client, given: str) -> str:
    """The id of a trace, of which the first digits are enough where no other id begins so.

    Whether there is a trace of an id that is given whole is for the question that follows.

    Raises:
        BadId: If it is neither an id nor the beginning of one.
        BadInput: If these are too few digits, or several ids begin so.
        NotFound: If none does.
    """
    digits = given.strip().removeprefix("tr-").lower()
    if not _BEGINNING.fullmatch(digits):
        return parse_trace_id(given).hex()
    if len(digits) < FEWEST:
        raise BadInput(
            f"trace {given!r}: expected an id, or at least {FEWEST} digits that it begins with",
            given=given,
            expected=f"at least {FEWEST} digits of an id",
            remedy="copy more of them from the page or from `telltale traces list`",
        )
    found = [one.trace_id for one in client.traces(limit=_MOST_TOLD, filter_=f"trace:{digits}*")]
    if len(found) == 1:
        return found[0]
    if not found:
        remedy = "give one that `telltale traces list` shows"
        raise NotFound(
            f"trace {given!r}: {client.address} has none whose id begins so; {remedy}",
            given=given,
            remedy=remedy,
        )
    more = " or more" if len(found) == _MOST_TOLD else ""
    raise BadInput(
        f"trace {given!r}: {len(found)}{more} ids begin so ({some(found)}); give more digits",
        given=given,
        expected="as many digits as tell one trace from the others",
        remedy="give more digits",
    )

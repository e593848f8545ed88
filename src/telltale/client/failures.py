"""Problems from the wire as errors of ours: a caller sees the same error near and far."""

from urllib.parse import urlsplit

import httpx2
import msgspec

from telltale.nouns.answers import Problem
from telltale.nouns.errors import (
    BadId,
    BadInput,
    NotFound,
    ServerUnreachable,
    StoreBroken,
    StoreBusy,
    TelltaleError,
)
from telltale.nouns.remedies import allow_host, start_server

_NAMED_BY = "--server or TELLTALE_TRACKING_URI"


def error_of(response: httpx2.Response, address: str) -> TelltaleError:
    """The error that an answer other than 200 stands for."""
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except msgspec.MsgspecError:
        return foreign(address, f"it said {response.status_code}")
    slug = problem.type.rpartition("/")[2]
    if slug == "foreign-host":
        return ServerUnreachable(
            f"the Telltale server at {address} refuses requests for that name; start it again "
            f"with {allow_host(address)}, or give another address with {_NAMED_BY}"
        )
    if slug == "store-busy":
        wait = response.headers.get("retry-after", "")
        return StoreBusy(problem.detail, retry_after_s=int(wait) if wait.isdigit() else 1)
    if slug == "store-broken":
        return StoreBroken(problem.detail)
    path = urlsplit(address).path
    # A proxy that adds a path takes it off again: this server has got it.
    if problem.status == 404 and path and str(problem.given).startswith(f"{path}/api/"):
        return foreign(address, "a Telltale server that has no such path")
    if problem.status == 404:
        # Which server has it not: a person may have several.
        words = f"{address}: {_with_suggestions(problem)}"
        return NotFound(words, given=problem.given, remedy=problem.remedy)
    if 400 <= problem.status < 500:
        kind = BadId if slug == "bad-id" else BadInput
        return kind(
            _with_suggestions(problem),
            given=problem.given,
            expected=problem.expected,
            remedy=problem.remedy,
            suggestions=problem.suggestions,
        )
    return TelltaleError(
        f"{problem.detail}; {problem.remedy}" if problem.remedy else problem.detail
    )


def unreachable(address: str, reason: str) -> ServerUnreachable:
    """Nobody answers there, and what to do about it."""
    if "WRONG_VERSION_NUMBER" in reason:
        plain = address.replace("https://", "http://", 1)
        return ServerUnreachable(
            f"what answers at {address} does not speak https; use http://: give {plain} with "
            f"{_NAMED_BY}"
        )
    return ServerUnreachable(
        f"no Telltale server at {address} ({reason}); {start_server(address)}, or give the address "
        f"of one with {_NAMED_BY}"
    )


def broken_off(address: str, count: int, reason: str) -> TelltaleError:
    """A server that was there stopped in the middle of an export.

    Args:
        count: Of traces that had come whole.
    """
    return TelltaleError(
        f"the server at {address} broke off after {count:,} trace{'' if count == 1 else 's'} "
        f"({reason}): what came is not all; look at what it has logged, or at `telltale doctor`"
    )


def foreign(address: str, sign: str) -> ServerUnreachable:
    """Somebody else answers there, or a Telltale of other days; and what to do about it.

    Args:
        sign: What tells that it is none that we understand.
    """
    parts = urlsplit(address)
    shorter = f"leave out the path: {parts.scheme}://{parts.netloc}, or " if parts.path else ""
    return ServerUnreachable(
        f"what answers at {address} is not a Telltale server that this version understands "
        f"({sign}); {shorter}give another address with {_NAMED_BY}, or look with `telltale doctor`"
    )


def _with_suggestions(problem: Problem) -> str:
    if not problem.suggestions or "did you mean" in problem.detail:
        return problem.detail
    return f"{problem.detail}; did you mean {' or '.join(map(repr, problem.suggestions))}?"

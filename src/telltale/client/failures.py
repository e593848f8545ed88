"""Problems from the wire as errors of ours: a caller sees the same error near and far."""

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
from telltale.nouns.remedies import start_server

_NAMED_BY = "--server or TELLTALE_TRACKING_URI"


def error_of(response: httpx2.Response, address: str) -> TelltaleError:
    """The error that an answer other than 200 stands for."""
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except msgspec.MsgspecError:
        return foreign(address, f"it said {response.status_code}")
    slug = problem.type.rpartition("/")[2]
    if slug == "store-busy":
        wait = response.headers.get("retry-after", "")
        return StoreBusy(problem.detail, retry_after_s=int(wait) if wait.isdigit() else 1)
    if slug == "store-broken":
        return StoreBroken(problem.detail)
    if problem.status == 404:
        return NotFound(_with_suggestions(problem), given=problem.given, remedy=problem.remedy)
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
    return ServerUnreachable(
        f"no Telltale server at {address} ({reason}); {start_server(address)}, or give the address "
        f"of one with {_NAMED_BY}"
    )


def foreign(address: str, sign: str) -> ServerUnreachable:
    """Somebody else answers there, or a Telltale of other days; and what to do about it.

    Args:
        sign: What tells that it is none that we understand.
    """
    return ServerUnreachable(
        f"what answers at {address} is not a Telltale server that this version understands "
        f"({sign}); give another address with {_NAMED_BY}, or look with `telltale doctor`"
    )


def _with_suggestions(problem: Problem) -> str:
    if not problem.suggestions:
        return problem.detail
    return f"{problem.detail}; did you mean {' or '.join(map(repr, problem.suggestions))}?"

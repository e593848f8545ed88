"""Every failure of the API in one shape: RFC 9457's problem, told in the form of its route.

A route raises; what it raised becomes a `Problem` here and nowhere else.
"""

from typing import Any

from telltale.nouns.answers import Problem
from telltale.nouns.errors import (
    BadId,
    BadInput,
    NotFound,
    StoreBroken,
    StoreBusy,
    TelltaleError,
)
from telltale.query.parse import BadFilter

_KINDS: tuple[tuple[type[TelltaleError], int, str, str], ...] = (
    (BadId, 400, "bad-id", "This cannot be an id"),
    (BadFilter, 400, "bad-filter", "This is no filter"),
    (BadInput, 400, "bad-input", "The request cannot be used"),
    (NotFound, 404, "not-found", "Not stored here"),
    (StoreBusy, 503, "store-busy", "The store cannot take more now"),
    (StoreBroken, 507, "store-broken", "The store cannot be read or written"),
)


class Refusal(TelltaleError):
    """A request that is refused before any noun is asked, with its problem as it will be sent."""

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = headers or {}


class BrokenOff(Exception):
    """Half an answer went out, and no more will come; why is in the log.

    Only a broken connection tells the reader that it is half.
    """


def problem(status: int, slug: str, title: str, detail: str, **more: Any) -> Problem:
    """A problem whose type is `/problems/<slug>`."""
    return Problem(type=f"/problems/{slug}", title=title, status=status, detail=detail, **more)


def problem_of(error: TelltaleError) -> Problem:
    """The problem that an error of ours is."""
    if isinstance(error, Refusal):
        return error.problem
    for kind, status, slug, title in _KINDS:
        if isinstance(error, kind):
            return problem(status, slug, title, str(error), **_particulars(error))
    return problem(500, "failed", "The request failed", str(error))


def headers_of(error: TelltaleError) -> dict[str, str]:
    """What the answer to an error of ours says in its head."""
    headers = dict(error.headers) if isinstance(error, Refusal) else {}
    if isinstance(error, StoreBusy):
        headers["Retry-After"] = str(error.retry_after_s)
    return headers


def _particulars(error: TelltaleError) -> dict[str, Any]:
    if isinstance(error, BadInput):
        return {
            "given": error.given,
            "expected": error.expected,
            "remedy": error.remedy,
            "suggestions": error.suggestions,
            "position": error.position if isinstance(error, BadFilter) else None,
        }
    if isinstance(error, NotFound):
        return {"given": error.given, "remedy": error.remedy}
    if isinstance(error, StoreBusy):
        return {"remedy": f"send the same request again after {error.retry_after_s} s"}
    first = error.remedy if isinstance(error, StoreBroken) else ""
    return {
        "remedy": f"{f'{first}, then' if first else 'once that is mended,'} send the request "
        "again; programs keep their spans in their journals meanwhile"
    }

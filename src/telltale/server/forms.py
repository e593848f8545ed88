"""How a protocol says that a request failed.

Ours says it in one way, and a foreign protocol's clients read another. What went wrong is a
`Problem` either way; a route names the form that its problems are told in.
"""

from collections.abc import Callable, Mapping

import msgspec
from starlette.responses import Response

from telltale.nouns.answers import Problem

PROBLEM_MEDIA = "application/problem+json"


class Told(msgspec.Struct, frozen=True):
    """A problem as it goes out."""

    content: bytes
    media: str


class Form(msgspec.Struct, frozen=True):
    """How problems are told, and for documentation what that is."""

    tell: Callable[[Problem, Mapping[str, str]], Told]
    """Given the headers of the request, names in lower case: its encoding may be the answer's."""
    shape: type
    """What `media[0]` holds; any other holds the same in bytes."""
    media: tuple[str, ...]
    becomes: Mapping[int, int] = {}
    """Statuses that its clients would misread, and what they are told instead."""
    again_after_s: int = 0
    """Seconds after which they may try again, then."""
    is_shown: bool = True
    """Whether its clients show anybody what they are told; else the server's log says it, too."""

    def respond(
        self,
        problem: Problem,
        headers: Mapping[str, str] | None = None,
        asked_with: Mapping[str, str] | None = None,
    ) -> Response:
        """A problem as an HTTP answer.

        Args:
            headers: Of the answer.
            asked_with: Headers of the request.
        """
        told = self.tell(problem, asked_with or {})
        said = {"Cache-Control": "no-store", "Content-Type": told.media}
        if problem.status in self.becomes:
            said["Retry-After"] = str(self.again_after_s)
        return Response(
            told.content,
            status_code=self.becomes.get(problem.status, problem.status),
            headers={**said, **(headers or {})},
        )


def _as_json(problem: Problem, asked_with: Mapping[str, str]) -> Told:
    return Told(msgspec.json.encode(problem), PROBLEM_MEDIA)


PROBLEM_JSON = Form(tell=_as_json, shape=Problem, media=(PROBLEM_MEDIA,))
"""Our own API's."""

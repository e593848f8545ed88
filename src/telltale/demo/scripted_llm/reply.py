"""What goes back over the wire: a body or a stream of events, with the call that it settles."""

from collections.abc import Mapping

import msgspec

from telltale.demo.scripted_llm.call import Call

JSON = "application/json"
SSE = "text/event-stream; charset=utf-8"


class Reply(msgspec.Struct, frozen=True):
    """An answer as a value; the server only sends it."""

    call: Call | None
    """None for questions about the server itself, which are not part of a run."""
    body: bytes = b""
    events: tuple[bytes, ...] = ()
    """Server-sent events; if there are any, `body` is not used."""
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = {}
    cut_after: int | None = None
    """The connection breaks after so many events, or before a body."""


class Refused(Exception):
    """A request that a provider would refuse; becomes an error body of its dialect."""

    def __init__(self, message: str, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


FAULTS = {
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    429: ("Rate limit reached; please try again.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request.", "server_error", None),
    503: ("The engine is currently overloaded.", "server_error", "overloaded"),
}


def refusal(call: Call, message: str, code: str | None = None) -> Reply:
    """An OpenAI error body for a request that is at fault itself."""
    return _error(call, message, "invalid_request_error", code, {})


def fault(call: Call) -> Reply:
    """An OpenAI error that the prompt asked for; `call.status` says which."""
    message, kind, code = FAULTS.get(
        call.status, ("Asked for by the prompt.", "server_error", None)
    )
    return _error(call, message, kind, code, retry_headers(call.status))


def retry_headers(status: int) -> dict[str, str]:
    """When to try again.

    `retry-after-ms` is what OpenAI sends beside `Retry-After` and what its client and Anthropic's
    prefer: with it a test of retries takes milliseconds.
    """
    headers = {"retry-after-ms": "20"}
    if status == 429:
        headers["Retry-After"] = "1"
    return headers


def _error(
    call: Call, message: str, kind: str, code: str | None, headers: Mapping[str, str]
) -> Reply:
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Reply(call=call, status=call.status, body=msgspec.json.encode(body), headers=headers)
